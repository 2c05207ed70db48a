// Sum of terms: y = sum over i of x[i], an adder tree with registers.
//
// Latency STAGES = ceil(clog2(TERMS) / LEVELS) cycles in which en is high; one result a cycle. No handshake: the owner
// moves the whole pipeline with en.
//
// TERMS   terms, at least 1
// X_BITS  bits of a term, two's complement
// LEVELS  levels of additions between registers
// Y_BITS  bits of the sum, two's complement, enough for any terms: X_BITS + clog2(TERMS)
module hwf_sum #(
    parameter int TERMS  = 4,
    parameter int X_BITS = 4,
    parameter int LEVELS = 2,
    localparam int Y_BITS = X_BITS + $clog2(TERMS)
) (
    input  logic                    clk,
    input  logic                    en,
    input  logic [TERMS*X_BITS-1:0] x,
    output logic [Y_BITS-1:0]       y
);
  localparam int DEPTH = $clog2(TERMS);

  generate
    if (TERMS < 1 || X_BITS < 1 || LEVELS < 1) begin : illegal_1
      $error("hwf_sum: TERMS, X_BITS and LEVELS are at least 1.");
    end

    for (genvar level = 0; level <= DEPTH; level++) begin : tree
      localparam int NODES = (TERMS + (1 << level) - 1) >> level;
      localparam int BELOW = level == 0 ? 1 : (TERMS + (1 << (level - 1)) - 1) >> (level - 1);
      localparam int BITS = X_BITS + level;

      for (genvar i = 0; i < NODES; i++) begin : node
        logic signed [BITS-1:0] sum, value;

        if (level == 0) begin : term
          assign sum = x[i*X_BITS+:X_BITS];
        end else if (2 * i + 1 < BELOW) begin : add
          assign sum = BITS'(tree[level-1].node[2*i].value) + BITS'(tree[level-1].node[2*i+1].value);
        end else begin : pass
          assign sum = BITS'(tree[level-1].node[2*i].value);
        end

        if (level > 0 && (level % LEVELS == 0 || level == DEPTH)) begin : registered
          always_ff @(posedge clk) if (en) value <= sum;
        end else begin : combinational
          assign value = sum;
        end
      end
    end

    if (DEPTH == 0) begin : at_once
      logic unused;
      assign unused = &{1'b0, clk, en};
    end
  endgenerate

  assign y = tree[DEPTH].node[0].value;
endmodule
