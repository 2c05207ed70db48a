// How one lane's weight changes (docs/neuron.md): by a trace, or in normalisation by a factor.
//
//     learning       w' = clip(w + change(gain, trace)), change = sgn(gain) ((|gain| trace + 128) >> 8), or, if
//                    rectangular, gain where trace > 0
//     normalisation  w' = clip((w factor + 2048) >> 12) where w > 0
//
// Stage 1: trace, and in normalisation weight; stage 2: weight and plastic; w' is right in stage 3. It is w if not plastic.
module hwf_plasticity #(
    parameter int WEIGHT_BITS = 8,
    parameter int TRACE_BITS  = 8
) (
    input  logic                          clk,
    input  logic                          scale,        // normalisation
    input  logic        [           15:0] factor,
    input  logic                          rectangular,
    input  logic signed [           15:0] gain,
    input  logic signed [WEIGHT_BITS-1:0] weight_min,
    input  logic signed [WEIGHT_BITS-1:0] weight_max,
    input  logic        [ TRACE_BITS-1:0] trace1,
    input  logic signed [WEIGHT_BITS-1:0] weight1,
    input  logic signed [WEIGHT_BITS-1:0] weight2,
    input  logic                          plastic2,
    output logic signed [WEIGHT_BITS-1:0] weight3
);
  localparam int B = TRACE_BITS > WEIGHT_BITS ? TRACE_BITS : WEIGHT_BITS;
  localparam int WIDE = B + 18;

  logic [15:0] size, by;
  logic [B-1:0] what;
  logic [B+15:0] product;
  logic some;
  assign size = gain[15] ? -gain : gain;
  assign by   = scale ? factor : size;
  assign what = scale ? B'({1'b0, weight1[WEIGHT_BITS-2:0]}) : B'(trace1);
  always_ff @(posedge clk) begin
    product <= by * what;
    some <= trace1 != '0;
  end

  logic signed [WIDE-1:0] change, wanted;
  logic [B+16:0] rounded;
  logic signed [WIDE-1:0] step;
  assign rounded = {1'b0, product} + (scale ? (B + 17)'(2048) : (B + 17)'(128));
  assign step = $signed(WIDE'(rounded >> (scale ? 12 : 8)));
  always_comb begin
    if (scale) change = step;
    else if (rectangular) change = some ? WIDE'(gain) : '0;
    else change = gain[15] ? -step : step;
    wanted = change + (scale ? '0 : WIDE'(weight2));
  end

  logic changes;
  assign changes = plastic2 && !(scale && (weight2[WEIGHT_BITS-1] || weight2 == '0));
  always_ff @(posedge clk) begin
    if (!changes) weight3 <= weight2;
    else if (wanted < WIDE'(weight_min)) weight3 <= weight_min;
    else if (wanted > WIDE'(weight_max)) weight3 <= weight_max;
    else weight3 <= wanted[WEIGHT_BITS-1:0];
  end
endmodule
