// A decay that rounds toward zero: y = sgn(q) (|q| - ceil(|q| d / 65536)), docs/neuron.md.
//
// That is q (65536 - d) / 65536 toward zero, whose product and sum are one multiplier with its adder where there is one.
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
  // The highest bit is the sign's copy.
  // verilator lint_off UNUSEDSIGNAL
  logic signed [BITS+16:0] product;
  // verilator lint_on UNUSEDSIGNAL
  logic negative;
  always_ff @(posedge clk) begin
    product  <= q * $signed({1'b0, ~d}) + (BITS + 17)'(q);
    negative <= q[BITS-1];
  end
  assign y = product[BITS+15:16] + BITS'(negative && product[15:0] != '0);
endmodule
