// The factor of a column's normalisation (docs/neuron.md): factor = min(4096 target / total, 65535), rounded down.
//
// `restart` sets the total to zero, `add` adds the positive plastic weights of a word; then `divide`, held for 32 cycles, makes
// the factor, a bit a cycle; it stays until the next restart. A total of zero gives 65535, which nothing is scaled by.
//
// AXONS, LANES, WEIGHT_BITS  of the core
module hwf_normaliser #(
    parameter int AXONS = 16,
    parameter int LANES = 2,
    parameter int WEIGHT_BITS = 8
) (
    input  logic                              clk,
    input  logic                              restart,
    input  logic                              add,
    input  logic [LANES-1:0]                  plastic,
    input  logic [LANES-1:0][WEIGHT_BITS-1:0] weight,
    input  logic                              divide,
    input  logic [     19:0]                  target,
    output logic [     15:0]                  factor
);
  localparam int TOTAL = WEIGHT_BITS - 1 + $clog2(AXONS + 1);
  logic [TOTAL-1:0] total, rest, word;
  logic [TOTAL:0] more, less;
  logic [31:0] quotient;  // what is left of the numerator above, what is found of the quotient below
  always_comb begin
    word = '0;
    for (int l = 0; l < LANES; l++)
      if (plastic[l] && !weight[l][WEIGHT_BITS-1]) word = word + TOTAL'(weight[l][WEIGHT_BITS-2:0]);
  end
  assign more = {rest, quotient[31]};
  assign less = more - {1'b0, total};
  assign factor = quotient[15:0] | {16{quotient[31:16] != '0}};
  always_ff @(posedge clk) begin
    if (restart) total <= '0;
    else if (add) total <= total + word;
    if (restart) quotient <= {target, 12'd0};
    else if (divide) quotient <= {quotient[30:0], !less[TOTAL]};
    if (restart) rest <= '0;
    else if (divide) rest <= less[TOTAL] ? more[TOTAL-1:0] : less[TOTAL-1:0];
  end
endmodule
