// Quantised activation of one lane: y = BASE + #{l : x >= t[fold][l]}, by binary search.
//
// The channel's STEPS ascending thresholds are padded at the top with the greatest value, which x never reaches, to
// 2^COUNT_BITS - 1 and laid out as a balanced tree; stage i compares x with one of the 2^i thresholds of its level.
// On a descending channel y = BASE + #{l : x < t[fold][l]}.
// Latency COUNT_BITS cycles in which en is high; one result a cycle. No handshake: the owner moves it with en.
//
// FOLDS        channels that take turns on this lane, in order: folds 0 … FOLDS-1, again from 0
// X_BITS       bits of x, two's complement
// COUNT_BITS   stages, 1 to 16, enough to count STEPS;  STEPS  thresholds of a channel
// DESCENDING   1: the top bit of a word of stage 0 marks a descending channel; 0: there is none
// BASE, Y_BITS the least output and the output's width
// FILE         memory image of stage i, a hexadecimal digit: {FILE, "_", i, ".hex"}; word {fold, path}, path = the comparisons so far
// LOAD         -1: constants; else where the memories begin on `load` (hwf_memory), stage i at LOAD + (SPAN << i), SPAN =
//              FOLDS, and a word's lanes of 16 bits, each rounded up to a power of two: SPAN << COUNT_BITS addresses in all
module hwf_threshold #(
    parameter int FOLDS      = 1,
    parameter int X_BITS     = 8,
    parameter int COUNT_BITS = 2,
    parameter int STEPS      = 3,
    parameter int DESCENDING = 0,
    parameter int BASE       = 0,
    parameter int Y_BITS     = 2,
    parameter int LOAD       = -1,
    parameter FILE = "",
    localparam int FOLD_BITS = FOLDS > 1 ? $clog2(FOLDS) : 1
) (
    input  logic                 clk,
    input  logic                 en,
    input  logic [FOLD_BITS-1:0] next_fold,  // fold of the x that comes with the next clock edge
    input  logic [X_BITS-1:0]    x,
    output logic [Y_BITS-1:0]    y,
    input  logic [41:0]          load,
    output logic [15:0]          stored
);
  localparam int WORD_BITS = X_BITS + (DESCENDING != 0 ? 1 : 0);
  localparam int SPAN = 1 << ($clog2(FOLDS) + $clog2((WORD_BITS + 15) / 16));

  logic [16*COUNT_BITS-1:0] of_stage;
  always_comb begin
    stored = '0;
    for (int i = 0; i < COUNT_BITS; i++) stored |= of_stage[16*i+:16];
  end

  generate
    if (STEPS < 1 || STEPS >= (1 << COUNT_BITS)) begin : illegal_1
      $error("hwf_threshold: STEPS is 1 to 2^COUNT_BITS - 1.");
    end
    if (COUNT_BITS > 16) begin : illegal_2
      $error("hwf_threshold: COUNT_BITS is at most 16.");
    end

    for (genvar i = 0; i < COUNT_BITS; i++) begin : stage
      logic [X_BITS-1:0] value;
      logic [X_BITS-1:0] level;
      // verilator lint_off UNUSEDSIGNAL
      logic [FOLD_BITS-1:0] fold;  // the last stage passes it to nobody
      // verilator lint_on UNUSEDSIGNAL
      logic [i:0] path;  // this stage's comparison last
      logic descending;

      if (i == 0) begin : first
        logic [WORD_BITS-1:0] word;
        hwf_memory #(
            .WIDTH(WORD_BITS),
            .DEPTH(FOLDS),
            .FILE ({FILE, "_0.hex"}),
            .FIRST(LOAD < 0 ? -1 : LOAD + SPAN)
        ) levels (
            .clk,
            .en,
            .address(next_fold),
            .data(word),
            .load,
            .stored(of_stage[16*i+:16])
        );
        always_ff @(posedge clk) if (en) fold <= next_fold;
        assign value = x;
        assign level = word[X_BITS-1:0];
        assign path[0] = $signed(value) >= $signed(level);
        if (DESCENDING != 0) begin : flag
          assign descending = word[X_BITS];
        end else begin : no_flag
          assign descending = 1'b0;
        end
      end else begin : later
        localparam int DEPTH = FOLDS << i;
        localparam int ADDRESS_BITS = $clog2(DEPTH);
        logic [ADDRESS_BITS-1:0] address;
        logic [i-1:0] past;
        if (FOLDS > 1) begin : folded
          assign address = {stage[i-1].fold, stage[i-1].path};
        end else begin : parallel
          assign address = stage[i-1].path;
        end
        hwf_memory #(
            .WIDTH(X_BITS),
            .DEPTH(DEPTH),
            .FILE ({FILE, "_", 8'(i < 10 ? 48 + i : 87 + i), ".hex"}),
            .FIRST(LOAD < 0 ? -1 : LOAD + (SPAN << i))
        ) levels (
            .clk,
            .en,
            .address,
            .data(level),
            .load,
            .stored(of_stage[16*i+:16])
        );
        always_ff @(posedge clk)
          if (en) begin
            value <= stage[i-1].value;
            fold <= stage[i-1].fold;
            past <= stage[i-1].path;
            descending <= stage[i-1].descending;
          end
        assign path = {past, $signed(value) >= $signed(level)};
      end
    end
  endgenerate

  logic [COUNT_BITS-1:0] count;
  assign count = stage[COUNT_BITS-1].descending ? COUNT_BITS'(STEPS) - stage[COUNT_BITS-1].path
                                                : stage[COUNT_BITS-1].path;
  always_ff @(posedge clk) if (en) y <= Y_BITS'(BASE) + Y_BITS'(count);
endmodule
