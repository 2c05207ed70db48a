// All values of q at once: unit n fades n - 2^(BITS - 1).
module hwf_every_fade #(
    parameter int BITS = 8
) (
    input  logic                          clk,
    input  logic [     15:0]              d,
    output logic [2**BITS-1:0][BITS-1:0] y
);
  generate
    for (genvar n = 0; n < 2 ** BITS; n++) begin : unit
      hwf_fade #(
          .BITS(BITS)
      ) fade (
          .clk,
          .q(BITS'(n - 2 ** (BITS - 1))),
          .d,
          .y(y[n])
      );
    end
  endgenerate
endmodule
