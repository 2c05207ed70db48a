// Where the word of weights that is named lies, and what is known of it before it is read (hwf_blocks).
//
// A row is walked word by word of its neurons, a column word by word of its sources. `source` is the next row's word of sources, or, while
// a `column` is walked, that of the column; `next_row` is where the row of the `source` of the cycle before begins, and with `take` that
// becomes the row that is walked, from the next cycle on. `step` is how much farther the same neurons of the next source word lie.
// Of the word that is named, of sources as said and of the neurons `word`:
//
//     there        its weights are stored
//     may_change   and can be plastic
//     level        what all of them are if they are not stored, zero where there are no synapses
//     itself       its sources are its neurons, none of which leads to itself where there is a level
//
// BLOCKS .. WORD  as of hwf_blocks; AXON_WORDS  words of sources that are axons
module hwf_places #(
    parameter int BLOCKS = 0,
    parameter logic [511:0] PLACES = '0,
    parameter int AXON_WORDS = 4,
    parameter int ROWS = 4,
    parameter int SOURCE = 4,
    parameter int HIGH = 5,
    parameter int WORD = 3
) (
    input  logic              clk,
    input  logic [SOURCE-1:0] source,
    input  logic              take,
    input  logic              column,
    input  logic [  WORD-1:0] word,
    output logic [  HIGH-1:0] next_row,
    output logic [  HIGH-1:0] step,
    output logic              there,
    output logic              may_change,
    output logic [       7:0] level,
    output logic              itself
);
  typedef struct packed {
    logic [SOURCE-1:0] source;
    logic [WORD-1:0]   first;
    logic [WORD-1:0]   past;
    logic              changes;
    logic [7:0]        level;
  } block_t;
  block_t now, next, of_row, of_word;
  logic [HIGH-1:0] row;
  hwf_blocks #(
      .BLOCKS(BLOCKS),
      .PLACES(PLACES),
      .ROWS  (ROWS),
      .SOURCE(SOURCE),
      .HIGH  (HIGH),
      .WORD  (WORD)
  ) blocks (
      .source,
      .row,
      .step,
      .first(now.first),
      .past(now.past),
      .changes(now.changes),
      .level(now.level)
  );
  assign now.source = source;

  always_ff @(posedge clk) begin
    next <= now;
    next_row <= row;
    if (take) of_row <= next;
  end

  logic spans;
  assign of_word = column ? now : of_row;
  assign spans = word >= of_word.first && word < of_word.past;
  assign level = spans ? of_word.level : '0;
  assign there = spans && level == '0;
  assign may_change = there && of_word.changes;
  assign itself = 32'(of_word.source) == AXON_WORDS + 32'(word);
endmodule
