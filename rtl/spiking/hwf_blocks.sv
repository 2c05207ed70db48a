// Which synapses of a source there are, and where they lie: the sources make blocks, each of which has a range of neurons.
//
// A word is LANES sources, or neurons. Block b begins behind block b - 1, the first one at source word 0, and has the source
// words up to, not including, END; each of them has the WIDTH words of neurons from FIRST on. They lie one after the other, so
// neuron word n of source word s of block b lies at  row + n,  row = start of the block + (s - its first word) WIDTH - FIRST,
// modulo 2^HIGH. `step` is how much farther the same neuron word of the next source word lies.
//
// Combinational.
//
// Of a block with a level, which is the weight of all its synapses, nothing lies anywhere, as if its WIDTH was 0.
//
// BLOCKS        0 to 8; 0: every source has all ROWS words, and everything may change
// PLACES        64 bits a block, the first one lowest: END, FIRST, WIDTH, 16 bits each, then a bit that is 1 if its weights may
//               change, 7 zeros, and the level, in two's complement, 0 for none
// ROWS          words of neurons
// SOURCE, HIGH  bits of a source word's number, and of a place; WORD  of the number of a word of neurons, or of how many
module hwf_blocks #(
    parameter int BLOCKS = 0,
    parameter logic [511:0] PLACES = '0,
    parameter int ROWS = 4,
    parameter int SOURCE = 4,
    parameter int HIGH = 5,
    parameter int WORD = 3
) (
    input  logic [SOURCE-1:0] source,
    output logic [  HIGH-1:0] row,
    output logic [  HIGH-1:0] step,
    output logic [  WORD-1:0] first,
    output logic [  WORD-1:0] past,     // the word behind the last one
    output logic              changes,
    output logic [       7:0] level
);
  // A field of a block, 0 END, 1 FIRST, 2 WIDTH, 3 what else there is; END of what is before the first block is 0.
  function automatic int of_block(int block, int place);
    of_block = block < 0 || block >= BLOCKS ? 0 : int'(PLACES[64*block+16*place+:16]);
  endfunction
  function automatic int stored(int block);  // words of a source
    stored = (of_block(block, 3) >> 8) != 0 ? 0 : of_block(block, 2);
  endfunction
  function automatic int row_of(int block);  // of source word 0, were it one of the block
    int start;
    start = 0;
    for (int b = 0; b < block; b++) start += (of_block(b, 0) - of_block(b - 1, 0)) * stored(b);
    row_of = start - of_block(block - 1, 0) * stored(block) - of_block(block, 1);
  endfunction

  generate
    if (BLOCKS > 8) begin : bad_blocks
      $error("hwf_blocks: BLOCKS is 0 to 8.");
    end
    if (BLOCKS == 0) begin : all_to_all
      assign row = HIGH'(source * ROWS);
      assign step = HIGH'(ROWS);
      assign first = '0;
      assign past = WORD'(ROWS);
      assign changes = 1'b1;
      assign level = '0;
    end else begin : blocks
      logic [BLOCKS-1:0] reached;  // the block's END is behind the source
      // Of its block, so that one product serves all; `beyond`: from where a source's words end to where those of the next block begin.
      logic [HIGH-1:0] from, beyond;
      logic [WORD-1:0] width;
      logic at_end;
      for (genvar b = 0; b < BLOCKS; b++) begin : block
        assign reached[b] = 32'(source) < of_block(b, 0);
      end
      always_comb begin
        {from, width, beyond, at_end, first, past, changes, level} = '0;
        for (int b = BLOCKS - 1; b >= 0; b--)
          if (reached[b]) begin
            from = HIGH'(row_of(b));
            width = WORD'(stored(b));
            beyond = HIGH'(b == BLOCKS - 1 ? 0 : of_block(b, 1) - of_block(b + 1, 1));
            at_end = 32'(source) + 1 == of_block(b, 0);
            first = WORD'(of_block(b, 1));
            past = WORD'(of_block(b, 1) + of_block(b, 2));
            changes = 1'(of_block(b, 3));
            level = 8'(of_block(b, 3) >> 8);
          end
      end
      assign row  = from + HIGH'(source) * HIGH'(width);
      assign step = HIGH'(width) + (at_end ? beyond : '0);
    end
  endgenerate
endmodule
