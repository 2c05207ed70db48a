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
  logic unused;
  assign unused = weight1[WEIGHT_BITS-1];  // only positive weights are scaled

  // Rounding halves away from zero adds half of what is cut off, to a negative product one less. One multiplier and its
  // adder do both.
  logic signed [16:0] by;
  logic signed [B:0] what;
  logic signed [WIDE-1:0] product, half;
  logic some;
  assign by   = scale ? {1'b0, factor} : 17'(gain);
  assign what = scale ? (B + 1)'({1'b0, weight1[WEIGHT_BITS-2:0]}) : (B + 1)'({1'b0, trace1});
  assign half = scale ? WIDE'(2048) : WIDE'(8'd128 - 8'(gain[15]));
  always_ff @(posedge clk) begin
    product <= by * what + half;
    some <= trace1 != '0;
  end

  logic signed [WIDE-9:0] change, wanted;
  always_comb begin
    if (scale) change = (WIDE - 8)'(product >>> 12);
    else if (rectangular) change = some ? (WIDE - 8)'(gain) : '0;
    else change = product[WIDE-1:8];
    wanted = change + (scale ? '0 : (WIDE - 8)'(weight2));
  end

  logic changes;
  assign changes = plastic2 && !(scale && (weight2[WEIGHT_BITS-1] || weight2 == '0));
  always_ff @(posedge clk) begin
    if (!changes) weight3 <= weight2;
    else if (wanted < (WIDE - 8)'(weight_min)) weight3 <= weight_min;
    else if (wanted > (WIDE - 8)'(weight_max)) weight3 <= weight_max;
    else weight3 <= wanted[WEIGHT_BITS-1:0];
  end
endmodule
