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
  localparam int WORD = Y_BITS > 31 ? 64 : 32;  // what simulation adds quickly

  generate
    if (SIMD < 1 || X_BITS < 1 || W_BITS < 1 || LEVELS < 1) begin : illegal_1
      $error("hwf_dot: SIMD, widths and LEVELS are at least 1.");
    end
    if (Y_BITS > 63) begin : illegal_2
      $error("hwf_dot: a sum has at most 63 bits.");
    end
    if (W_BIPOLAR != 0 && W_BITS != 1) begin : illegal_3
      $error("hwf_dot: a bipolar weight has one bit.");
    end
    if (W_TERNARY != 0 && (W_TERNARY != 1 || W_BITS != 2)) begin : illegal_4
      $error("hwf_dot: W_TERNARY is 0, or 1 for weights of two bits.");
    end

    for (genvar level = 0; level <= DEPTH; level++) begin : tree
      localparam int NODES = (SIMD + (1 << level) - 1) >> level;
      localparam int BELOW = level == 0 ? 1 : (SIMD + (1 << (level - 1)) - 1) >> (level - 1);
      localparam int BITS = PRODUCT_BITS + level;

      for (genvar i = 0; i < NODES; i++) begin : node
        logic signed [WORD-1:0] sum, value;  // synthesis cuts off what repeats the sign

        if (level == 0) begin : product
          logic [X_BITS-1:0] a;
          logic [W_BITS-1:0] b;
          logic [BITS-1:0] extended;
          assign a = x[i*X_BITS+:X_BITS];
          assign b = w[i*W_BITS+:W_BITS];
          assign extended = {{(BITS - X_BITS) {(X_SIGNED != 0) & a[X_BITS-1]}}, a};
          if (W_BITS <= 2) begin : choose
            // What each weight makes of it, in fields of a power of two, which are quick to choose from in simulation.
            localparam int FIELD = 1 << $clog2(BITS);
            logic [BITS-1:0] minus, twice;
            logic [(FIELD<<W_BITS)-1:0] multiples;
            assign minus = -extended;
            assign twice = {minus[BITS-2:0], 1'b0};
            if (W_BIPOLAR != 0) begin : bipolar
              assign multiples = {FIELD'(extended), FIELD'(minus)};
            end else if (W_BITS == 1) begin : minus_one
              assign multiples = {FIELD'(minus), FIELD'(0)};
            end else if (W_TERNARY != 0) begin : ternary
              assign multiples = {FIELD'(minus), FIELD'(0), FIELD'(extended), FIELD'(0)};
            end else begin : two_bits
              assign multiples = {FIELD'(minus), FIELD'(twice), FIELD'(extended), FIELD'(0)};
            end
            assign sum = WORD'($signed(multiples[b*FIELD+:BITS]));
          end else begin : multiply
            assign sum = WORD'($signed(extended)) * WORD'($signed(b));
          end
        end else if (2 * i + 1 < BELOW) begin : add
          assign sum = tree[level-1].node[2*i].value + tree[level-1].node[2*i+1].value;
        end else begin : pass
          assign sum = tree[level-1].node[2*i].value;
        end

        if ((level + 1) % LEVELS == 0 || level == DEPTH) begin : registered
          always_ff @(posedge clk) if (en) value <= sum;
        end else begin : combinational
          assign value = sum;
        end
      end
    end

    logic signed [WORD-1:0] total;
    logic unused;
    assign total = tree[DEPTH].node[0].value;
    assign y = total[Y_BITS-1:0];
    assign unused = &{1'b0, total[WORD-1:Y_BITS]};
  endgenerate
endmodule
