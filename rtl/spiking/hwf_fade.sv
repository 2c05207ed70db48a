// A decay that rounds toward zero: y = sgn(q) (|q| - ceil(|q| d / 65536)), docs/neuron.md.
//
// With the product of q and of d read as a signed number, which is q d but for 65536 q if d is 32768 or more, that is
// (d < 32768 ? q : 0) - floor(product / 65536), less 1 if q > 0 and the product is no multiple of 65536.
//
// Latency: y, within the cycle, is that of the q and d of the cycle before; one a cycle.
//
// BITS  of q and y, two's complement
module hwf_fade #(
    parameter int BITS = 16
) (
    input  logic                   clk,
    input  logic signed [BITS-1:0] q,
    input  logic        [    15:0] d,
    output logic signed [BITS-1:0] y
);
  logic signed [BITS+15:0] product;
  logic [BITS-1:0] kept;
  logic up;
  always_ff @(posedge clk) begin
    product <= q * $signed(d);
    kept <= d[15] ? '0 : q;
    up <= !q[BITS-1];
  end
  // kept - high - 1, and 1 more by the carry from below where nothing is to be taken.
  logic [BITS:0] sum;
  assign sum = {kept, 1'b1} + {~product[BITS+15:16], !(up && product[15:0] != '0)};
  assign y = sum[BITS:1];

  logic unused;
  assign unused = &{1'b0, sum[0]};

`ifndef SYNTHESIS
  a_decay_never_turns_the_sign :
  assert property (@(posedge clk) y == '0 || y[BITS-1] != up);
`endif
endmodule
