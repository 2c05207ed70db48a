// How a lane's weight changes (docs/neuron.md): by a trace, or in normalisation by a factor.
//
//     learning       w' = clip(w + change(gain, trace)), change = sgn(gain) ((|gain| trace + 128) >> 8), or, if
//                    rectangular, gain where trace > 0
//     stochastic     w' = clip(w + ((gain trace + draw) >> 16)), or, if rectangular, with 64 for a trace > 0
//     normalisation  w' = clip((w factor + 2048) >> 12) where w > 0
//     written        w' = weight_min
//
// One product serves all: the gain, or the factor, times 16 trace, 4096 or w, of which 12 bits are rounded off; with STOCHASTIC
// times 256 trace, or trace, 65536 or 64, or 16 w, of which 16 bits are.
// Latency: trace1 and weight1 in a cycle, plastic2 in the next, weight3 in the one after; one a cycle. w' is w if the
// synapse is not plastic. weight2 is weight1, a cycle later, if it is one of a row or column.
//
// WEIGHT_BITS, TRACE_BITS  of w and of the trace
// STOCHASTIC               1: there is the rule of that name
module hwf_plasticity #(
    parameter int WEIGHT_BITS = 8,
    parameter int TRACE_BITS  = 8,
    parameter int STOCHASTIC  = 0
) (
    input  logic                          clk,
    input  logic                          written,
    input  logic                          scales,       // normalisation
    input  logic                          rectangular,
    input  logic                          stochastic,
    input  logic signed [           16:0] gain,         // or the factor
    input  logic signed [WEIGHT_BITS-1:0] weight_min,
    input  logic signed [WEIGHT_BITS-1:0] weight_max,
    input  logic        [ TRACE_BITS-1:0] trace1,
    input  logic signed [WEIGHT_BITS-1:0] weight1,
    input  logic                          beat1,        // else weight2 is zero
    input  logic                          plastic2,
    input  logic        [           15:0] draw2,
    output logic signed [WEIGHT_BITS-1:0] weight2,
    output logic signed [WEIGHT_BITS-1:0] weight3
);
  localparam int FRACTION = STOCHASTIC != 0 ? 16 : 12, SPARE = FRACTION - 8;  // bits below a weight, and below a trace
  localparam int W = WEIGHT_BITS, FROM = TRACE_BITS > 9 ? TRACE_BITS + SPARE : FRACTION + 1, ALL = FROM + 19;
  localparam int WIDE = ALL - FRACTION;

  logic draws;
  assign draws = STOCHASTIC != 0 && stochastic && !scales;
  logic [FROM-1:0] from;
  logic signed [FROM+17:0] product;
  always_comb
    if (scales) from = FROM'(weight1[W-2:0]) << (FRACTION - 12);
    else if (rectangular) from = trace1 == '0 ? '0 : FROM'(draws ? 64 : 1 << FRACTION);
    else from = draws ? FROM'(trace1) : FROM'({trace1, {SPARE{1'b0}}});
  always_ff @(posedge clk) begin
    product <= gain * $signed({1'b0, from});
    weight2 <= beat1 ? weight1 : '0;
  end

  // What is added to the product is the weight, and a half, or, for a product that is negative, the next lower number: so
  // a half is rounded away from zero. Or else the draw is.
  logic signed [ALL-1:0] sum;
  logic signed [WIDE-1:0] wanted;
  logic lowers;
  logic [FRACTION-1:0] below_weight;
  assign lowers = gain[16];
  assign below_weight = draws ? FRACTION'(draw2) : {!lowers, {(FRACTION - 1) {lowers}}};
  assign sum = ALL'(product) + ALL'($signed({scales ? '0 : weight2, below_weight}));
  assign wanted = sum[ALL-1:FRACTION];

  // Only the bits of a weight, and one more, are compared; what needs others is beyond both bounds.
  logic fits, below, above, changes;
  assign fits = wanted[WIDE-1:W] == '0 || wanted[WIDE-1:W] == '1;
  assign below = fits ? $signed(wanted[W:0]) < (W + 1)'(weight_min) : wanted[WIDE-1];
  assign above = fits ? $signed(wanted[W:0]) > (W + 1)'(weight_max) : !wanted[WIDE-1];
  assign changes = plastic2 && !(scales && (weight2[W-1] || weight2 == '0));
  always_ff @(posedge clk)
    if (written || (changes && below)) weight3 <= weight_min;
    else if (!changes) weight3 <= weight2;
    else if (above) weight3 <= weight_max;
    else weight3 <= wanted[W-1:0];

  logic unused;
  assign unused = &{1'b0, sum[FRACTION-1:0], draw2, stochastic};
endmodule
