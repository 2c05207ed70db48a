// Wide beats to narrow ones: IN elements a beat in, OUT elements a beat out, for vectors of COUNT elements.
//
// A vector comes in ceil(COUNT / IN) beats and leaves in ceil(COUNT / OUT); what is left of its last wide beat is
// dropped. Elements beyond COUNT are zero.
// Latency 1 cycle: a wide beat is taken, and its first narrow one is on m_data in the next cycle. For as long as beats
// wait at s, one leaves each cycle without a gap. s_ready depends on the state alone.
//
// ELEMENT  bits of an element
// IN, OUT  elements of a beat; IN is a multiple of OUT, or holds a whole vector (IN >= COUNT)
// COUNT    elements of a vector
module hwf_unpack #(
    parameter int ELEMENT = 1,
    parameter int IN = 8,
    parameter int OUT = 1,
    parameter int COUNT = 8
) (
    input  logic                   clk,
    input  logic                   rst,
    input  logic                   s_valid,
    output logic                   s_ready,
    input  logic [ IN*ELEMENT-1:0] s_data,
    output logic                   m_valid,
    input  logic                   m_ready,
    output logic [OUT*ELEMENT-1:0] m_data
);
  localparam int BEATS = (COUNT + IN - 1) / IN;
  localparam int TAIL = COUNT - (BEATS - 1) * IN;  // elements of a vector's last wide beat
  localparam int LAST_PIECES = (TAIL + OUT - 1) / OUT;
  localparam int PIECES = BEATS > 1 ? IN / OUT : LAST_PIECES;
  localparam int LEFT_BITS = PIECES > 1 ? $clog2(PIECES) : 1;
  localparam int PIECE_BITS = OUT * ELEMENT;

  // The beat's pieces, the elements beyond COUNT made zero.
  logic last_beat, push, advance;
  logic [PIECES*PIECE_BITS-1:0] beat;
  assign push = s_valid && s_ready;
  assign advance = m_ready || !m_valid;

  // Order of the pieces: m_data, first, rest. `first` is in use only if a beat comes while m_data is stalled.
  logic [PIECE_BITS-1:0] first, next;
  logic first_valid, any_left;
  assign s_ready = !first_valid && !any_left;

  always_ff @(posedge clk) begin
    if (advance) m_data <= first_valid ? first : next;
    if (s_ready) first <= beat[PIECE_BITS-1:0];
    if (advance) m_valid <= first_valid || any_left || s_valid;
    if (advance) first_valid <= 1'b0;
    else if (push) first_valid <= 1'b1;
    if (rst) begin
      m_valid <= 1'b0;
      first_valid <= 1'b0;
    end
  end

  generate
    if (ELEMENT < 1 || IN < 1 || OUT < 1 || COUNT < 1) begin : bad_size
      $error("hwf_unpack: every parameter is at least 1.");
    end
    if (IN % OUT != 0 && IN < COUNT) begin : bad_ratio
      $error("hwf_unpack: IN is a multiple of OUT, or at least COUNT.");
    end

    if (BEATS > 1) begin : count_beats
      localparam int BEAT_BITS = $clog2(BEATS);
      logic [BEAT_BITS-1:0] index;
      assign last_beat = index == BEAT_BITS'(BEATS - 1);
      always_ff @(posedge clk) begin
        if (push) index <= last_beat ? '0 : index + 1'b1;
        if (rst) index <= '0;
      end
    end else begin : one_beat
      assign last_beat = 1'b1;
    end

    for (genvar e = 0; e < PIECES * OUT; e++) begin : element
      if (e >= IN) begin : beyond_the_beat
        assign beat[e*ELEMENT+:ELEMENT] = '0;
      end else if (e >= TAIL) begin : beyond_the_vector
        assign beat[e*ELEMENT+:ELEMENT] = last_beat ? '0 : s_data[e*ELEMENT+:ELEMENT];
      end else begin : whole
        assign beat[e*ELEMENT+:ELEMENT] = s_data[e*ELEMENT+:ELEMENT];
      end
    end
    for (genvar e = PIECES * OUT; e < IN; e++) begin : dropped
      logic unused;
      assign unused = &{1'b0, s_data[e*ELEMENT+:ELEMENT]};
    end

    if (PIECES > 1) begin : many
      localparam int REST_BITS = (PIECES - 1) * PIECE_BITS;
      logic [REST_BITS-1:0] rest;
      logic [LEFT_BITS-1:0] left;  // pieces in rest
      logic shift;
      assign any_left = left != '0;
      assign shift = advance && !first_valid && any_left;
      assign next = any_left ? rest[PIECE_BITS-1:0] : beat[PIECE_BITS-1:0];
      always_ff @(posedge clk) begin
        if (s_ready) rest <= beat[PIECES*PIECE_BITS-1:PIECE_BITS];
        else if (shift) rest <= rest >> PIECE_BITS;
        if (push) left <= last_beat ? LEFT_BITS'(LAST_PIECES - 1) : LEFT_BITS'(PIECES - 1);
        else if (shift) left <= left - 1'b1;
        if (rst) left <= '0;
      end
    end else begin : one
      assign any_left = 1'b0;
      assign next = beat;
      logic unused;
      assign unused = &{1'b0, last_beat};
    end
  endgenerate

`ifndef SYNTHESIS
  a_stalled_beat_is_held :
  assert property (@(posedge clk) disable iff (rst) m_valid && !m_ready |=> m_valid && $stable(m_data));
  pieces_wait_only_behind_another :
  assert property (@(posedge clk) disable iff (rst) first_valid || any_left |-> m_valid);
`endif
endmodule
