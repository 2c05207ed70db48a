// The class: y = the first c whose gain[c] * x[c] + offset[c] is largest.
//
// A vector of ROWS elements comes in ceil(ROWS / PE) beats, one a cycle; a tree with a register at every level finds the
// best of a beat, and the last register the best of the vector. Latency from the last beat: 2 + clog2(PE) cycles.
// One combinational path: m_ready to s_ready.
//
// ROWS, PE     elements of a vector, elements of a beat (those beyond ROWS are ignored)
// X_BITS       bits of an element;  X_SIGNED 1: two's complement, 0: unsigned
// SHIFT        every gain is 2^SHIFT, if GAIN_BITS is 0
// GAIN_BITS    bits of a gain of a channel of its own, two's complement; 0: none
// OFFSET_BITS  bits of an offset, two's complement; 0: none
// SCORE_BITS   bits of gain * x + offset, two's complement, enough for every channel
// CONSTANTS    memory image: word beat, lane p in bits p*(GAIN_BITS+OFFSET_BITS) and up, the offset above the gain
// LOAD         where these begin on `load` (hwf_memory); -1: they are constants. `stored` follows `load` by 2 cycles
module hwf_argmax #(
    parameter int ROWS        = 4,
    parameter int PE          = 1,
    parameter int X_BITS      = 8,
    parameter int X_SIGNED    = 1,
    parameter int SHIFT       = 0,
    parameter int GAIN_BITS   = 0,
    parameter int OFFSET_BITS = 0,
    parameter int SCORE_BITS  = 8,
    parameter int LOAD        = -1,
    parameter CONSTANTS = "",
    localparam int Y_BITS = ROWS > 1 ? $clog2(ROWS) : 1
) (
    input  logic                 clk,
    input  logic                 rst,
    input  logic                 s_valid,
    output logic                 s_ready,
    input  logic [PE*X_BITS-1:0] s_data,
    output logic                 m_valid,
    input  logic                 m_ready,
    output logic [   Y_BITS-1:0] m_data,
    input  logic [         41:0] load,
    output logic [         15:0] stored
);
  localparam int BEATS = (ROWS + PE - 1) / PE;
  localparam int BEAT_BITS = BEATS > 1 ? $clog2(BEATS) : 1;
  localparam int DEPTH = $clog2(PE);
  localparam int CONSTANT_BITS = GAIN_BITS + OFFSET_BITS;
  localparam int WORD_BITS = CONSTANT_BITS > 0 ? PE * CONSTANT_BITS : 1;

  generate
    if (PE < 1 || PE > ROWS) begin : illegal_1
      $error("hwf_argmax: PE is 1 to ROWS.");
    end
    if (GAIN_BITS > 0 && SHIFT != 0) begin : illegal_2
      $error("hwf_argmax: SHIFT is for channels without gains of their own.");
    end
  endgenerate

  logic en, beat_taken;
  assign en = m_ready || !m_valid;
  assign s_ready = en;
  assign beat_taken = en && s_valid;

  // The beat that is taken, with its constants read at the same edge.
  logic [BEAT_BITS-1:0] next_beat, beat;
  logic [PE*X_BITS-1:0] x;
  logic [WORD_BITS-1:0] constants;
  always_ff @(posedge clk) begin
    if (beat_taken) next_beat <= next_beat == BEAT_BITS'(BEATS - 1) ? '0 : next_beat + 1'b1;
    if (en) begin
      x <= s_data;
      beat <= next_beat;
    end
    if (rst) next_beat <= '0;
  end

  generate
    if (CONSTANT_BITS > 0) begin : memory
      logic [15:0] constants_stored;
      hwf_memory #(
          .WIDTH(WORD_BITS),
          .DEPTH(BEATS),
          .FILE (CONSTANTS),
          .FIRST(LOAD)
      ) constant_memory (
          .clk,
          .en,
          .address(next_beat),
          .data(constants),
          .load,
          .stored(constants_stored)
      );
      always_ff @(posedge clk) stored <= constants_stored;
    end else begin : no_memory
      logic unused;
      assign constants = '0;
      assign stored = '0;
      assign unused = &{1'b0, constants, load};
    end
  endgenerate

  // Bit i of filled: the registers of tree level i; the beat's number travels along.
  logic [DEPTH:0] filled;
  always_ff @(posedge clk) begin
    if (en) filled <= (DEPTH + 1)'({filled, beat_taken});
    if (rst) filled <= '0;
  end

  generate
    for (genvar level = 0; level <= DEPTH; level++) begin : tree
      localparam int NODES = (PE + (1 << level) - 1) >> level;
      localparam int BELOW = level == 0 ? 1 : (PE + (1 << (level - 1)) - 1) >> (level - 1);
      logic [BEAT_BITS-1:0] number;
      if (level == 0) begin : now
        assign number = beat;
      end else begin : later
        always_ff @(posedge clk) if (en) number <= tree[level-1].number;
      end

      for (genvar i = 0; i < NODES; i++) begin : node
        logic [SCORE_BITS-1:0] score;
        logic [Y_BITS-1:0] lane;
        if (level == 0) begin : leaf
          logic [X_BITS-1:0] element;
          logic [SCORE_BITS-1:0] extended, gained, sum;
          assign element = x[i*X_BITS+:X_BITS];
          if (X_SIGNED != 0) begin : two_s_complement
            assign extended = SCORE_BITS'($signed(element));
          end else begin : unsigned_x
            assign extended = SCORE_BITS'(element);
          end
          if (GAIN_BITS > 0) begin : own_gain
            assign gained = $signed(extended) * $signed(SCORE_BITS'($signed(constants[i*CONSTANT_BITS+:GAIN_BITS])));
          end else begin : common_gain
            assign gained = extended << SHIFT;
          end
          if (OFFSET_BITS > 0) begin : offset
            assign sum = gained + SCORE_BITS'($signed(constants[i*CONSTANT_BITS+GAIN_BITS+:OFFSET_BITS]));
          end else begin : no_offset
            assign sum = gained;
          end
          assign lane = Y_BITS'(i);
          // An element beyond the vector has the least score, and stands to the right of all others.
          assign score = int'(beat) * PE + i < ROWS ? sum : {1'b1, {(SCORE_BITS - 1) {1'b0}}};
        end else if (2 * i + 1 < BELOW) begin : compare
          logic right;
          assign right = $signed(tree[level-1].node[2*i+1].score) > $signed(tree[level-1].node[2*i].score);
          always_ff @(posedge clk)
            if (en) begin
              score <= right ? tree[level-1].node[2*i+1].score : tree[level-1].node[2*i].score;
              lane <= right ? tree[level-1].node[2*i+1].lane : tree[level-1].node[2*i].lane;
            end
        end else begin : pass
          always_ff @(posedge clk)
            if (en) begin
              score <= tree[level-1].node[2*i].score;
              lane <= tree[level-1].node[2*i].lane;
            end
        end
      end
    end
  endgenerate

  // The best so far: an earlier beat wins a tie.
  logic [SCORE_BITS-1:0] best_score;
  logic [BEAT_BITS-1:0] number;
  logic better, last;
  assign number = tree[DEPTH].number;
  assign last = number == BEAT_BITS'(BEATS - 1);
  assign better = number == '0 || $signed(tree[DEPTH].node[0].score) > $signed(best_score);
  always_ff @(posedge clk) begin
    if (en) begin
      m_valid <= filled[DEPTH] && last;
      if (filled[DEPTH] && better) begin
        best_score <= tree[DEPTH].node[0].score;
        m_data <= Y_BITS'(int'(number) * PE) + tree[DEPTH].node[0].lane;
      end
    end
    if (rst) m_valid <= 1'b0;
  end

`ifndef SYNTHESIS
  a_stalled_class_is_held :
  assert property (@(posedge clk) disable iff (rst) m_valid && !m_ready |=> m_valid && $stable(m_data));
`endif
endmodule
