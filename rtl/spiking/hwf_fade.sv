// A decay that rounds toward zero: y = sgn(q) (|q| - ceil(|q| d / 65536)), docs/neuron.md.
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
  logic [BITS-1:0] size, kept;
  logic [BITS+15:0] product;
  logic negative;
  assign size = q[BITS-1] ? -q : q;
  always_ff @(posedge clk) begin
    product  <= size * d;
    kept     <= size;
    negative <= q[BITS-1];
  end

  logic [BITS-1:0] left;
  assign left = kept - product[BITS+15:16] - BITS'(|product[15:0]);
  assign y = negative ? -left : left;
endmodule
