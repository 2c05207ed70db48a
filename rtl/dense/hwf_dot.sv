// Dot product: y = sum over i of w[i] * x[i], an adder tree with registers.
//
// Latency STAGES = ceil((1 + clog2(SIMD)) / LEVELS) cycles in which en is high; one result a cycle. No handshake: the
// owner moves the whole pipeline with en.
//
// SIMD       products a cycle
// X_BITS     bits of an input;  X_SIGNED 1: two's complement, 0: unsigned
// W_BITS     bits of a weight, two's complement;  W_BIPOLAR 1: one bit, 1 means +1 and 0 means -1
// W_TERNARY  1: weights of two bits are -1, 0 or +1, so that products need one bit less
// Y_BITS     bits of the sum, two's complement, enough for any weights: X_BITS + W_BITS - W_TERNARY + clog2(SIMD)
// LEVELS     levels of arithmetic (the product is one, each addition another) between registers
module hwf_dot #(
    parameter int SIMD      = 4,
    parameter int X_BITS    = 2,
    parameter int X_SIGNED  = 0,
    parameter int W_BITS    = 2,
    parameter int W_BIPOLAR = 0,
    parameter int W_TERNARY = 0,
    parameter int LEVELS    = 2,
    localparam int Y_BITS   = X_BITS + W_BITS - W_TERNARY + $clog2(SIMD)
) (
    input  logic                   clk,
    input  logic                   en,
    input  logic [SIMD*X_BITS-1:0] x,
    input  logic [SIMD*W_BITS-1:0] w,
    output logic [Y_BITS-1:0]      y
);
  localparam int DEPTH = $clog2(SIMD);
  localparam int PRODUCT_BITS = X_BITS + W_BITS - W_TERNARY;

  generate
    if (SIMD < 1 || X_BITS < 1 || W_BITS < 1 || LEVELS < 1) begin : illegal_1
      $error("hwf_dot: SIMD, widths and LEVELS are at least 1.");
    end
    if (W_BIPOLAR != 0 && W_BITS != 1) begin : illegal_2
      $error("hwf_dot: a bipolar weight has one bit.");
    end
    if (W_TERNARY != 0 && (W_TERNARY != 1 || W_BITS != 2)) begin : illegal_3
      $error("hwf_dot: W_TERNARY is 0, or 1 for weights of two bits.");
    end

    for (genvar level = 0; level <= DEPTH; level++) begin : tree
      localparam int NODES = (SIMD + (1 << level) - 1) >> level;
      localparam int BELOW = level == 0 ? 1 : (SIMD + (1 << (level - 1)) - 1) >> (level - 1);
      localparam int BITS = PRODUCT_BITS + level;

      for (genvar i = 0; i < NODES; i++) begin : node
        logic [BITS-1:0] sum, value;

        if (level == 0) begin : product
          logic [X_BITS-1:0] a;
          logic [W_BITS-1:0] b;
          logic [BITS-1:0] extended;
          assign a = x[i*X_BITS+:X_BITS];
          assign b = w[i*W_BITS+:W_BITS];
          assign extended = {{(BITS - X_BITS) {(X_SIGNED != 0) & a[X_BITS-1]}}, a};
          if (W_BIPOLAR != 0) begin : bipolar
            assign sum = b[0] ? extended : -extended;
          end else if (W_BITS == 1) begin : minus_one
            assign sum = b[0] ? -extended : '0;
          end else if (W_TERNARY == 1) begin : ternary
            assign sum = b[0] ? (b[1] ? -extended : extended) : '0;
          end else if (W_BITS == 2) begin : two_bits
            assign sum = (b[0] ? extended : '0) - (b[1] ? extended << 1 : '0);
          end else begin : multiply
            assign sum = $signed(extended) * $signed({{(BITS - W_BITS) {b[W_BITS-1]}}, b});
          end
        end else if (2 * i + 1 < BELOW) begin : add
          logic [BITS-2:0] left, right;
          assign left = tree[level-1].node[2*i].value;
          assign right = tree[level-1].node[2*i+1].value;
          assign sum = {left[BITS-2], left} + {right[BITS-2], right};
        end else begin : pass
          logic [BITS-2:0] left;
          assign left = tree[level-1].node[2*i].value;
          assign sum = {left[BITS-2], left};
        end

        if ((level + 1) % LEVELS == 0 || level == DEPTH) begin : registered
          always_ff @(posedge clk) if (en) value <= sum;
        end else begin : combinational
          assign value = sum;
        end
      end
    end

    assign y = tree[DEPTH].node[0].value;
  endgenerate
endmodule
