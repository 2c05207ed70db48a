// Narrow beats to wide ones: IN elements a beat in, OUT elements a beat out, for vectors of COUNT elements.
//
// A vector comes in ceil(COUNT / IN) beats and leaves in ceil(COUNT / OUT); its last beat does not wait for the next
// vector. Elements beyond COUNT are zero.
// Latency 1 cycle: the beat that completes a wide one is taken, and m_valid is high in the next cycle. One beat a cycle
// is taken for as long as m_ready is high, also from vector to vector. s_ready depends on the state alone.
//
// ELEMENT  bits of an element
// IN, OUT  elements of a beat; OUT is a multiple of IN, or holds a whole vector (OUT >= COUNT)
// COUNT    elements of a vector
module hwf_pack #(
    parameter int ELEMENT = 1,
    parameter int IN = 1,
    parameter int OUT = 8,
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
  localparam int FIT = (OUT + IN - 1) / IN;
  localparam int SLOTS = FIT < BEATS ? FIT : BEATS;
  localparam int REST = COUNT - (BEATS - 1) * IN;  // elements of a vector's last beat
  localparam int BEAT_BITS = BEATS > 1 ? $clog2(BEATS) : 1;
  localparam int SLOT_BITS = SLOTS > 1 ? $clog2(SLOTS) : 1;

  // A beat that comes while a finished wide one is stalled waits in `early`.
  logic [IN*ELEMENT-1:0] early, word;
  logic unused;
  assign unused = &{1'b0, word};  // what a wide beat has no room for is beyond COUNT
  logic [BEAT_BITS-1:0] beat;  // of the vector
  logic [SLOT_BITS-1:0] slot;  // of the wide beat
  logic early_valid, take, put, last_beat, last_slot;
  assign s_ready = !early_valid;
  assign take = m_ready || !m_valid;
  assign put = take && (early_valid || s_valid);

  always_ff @(posedge clk) begin
    if (!early_valid) early <= s_data;
    if (take) early_valid <= 1'b0;
    else if (!early_valid) early_valid <= s_valid;
    if (take) m_valid <= put && (last_slot || last_beat);
    if (rst) begin
      early_valid <= 1'b0;
      m_valid <= 1'b0;
    end
  end

  generate
    if (ELEMENT < 1 || IN < 1 || OUT < 1 || COUNT < 1) begin : bad_size
      $error("hwf_pack: every parameter is at least 1.");
    end
    if (OUT % IN != 0 && OUT < COUNT) begin : bad_ratio
      $error("hwf_pack: OUT is a multiple of IN, or at least COUNT.");
    end

    if (BEATS > 1) begin : count_beats
      assign last_beat = beat == BEAT_BITS'(BEATS - 1);
      always_ff @(posedge clk) begin
        if (put) beat <= last_beat ? '0 : beat + 1'b1;
        if (rst) beat <= '0;
      end
    end else begin : one_beat
      assign beat = '0;
      assign last_beat = 1'b1;
    end

    if (SLOTS > 1 && SLOTS < BEATS) begin : count_slots
      assign last_slot = slot == SLOT_BITS'(SLOTS - 1);
      always_ff @(posedge clk) begin
        if (put) slot <= (last_slot || last_beat) ? '0 : slot + 1'b1;
        if (rst) slot <= '0;
      end
    end else begin : beats_are_slots
      assign slot = SLOTS > 1 ? SLOT_BITS'(beat) : '0;
      assign last_slot = SLOTS == 1 || last_beat;
    end

    for (genvar e = 0; e < IN; e++) begin : element
      logic [ELEMENT-1:0] waiting, fresh;
      assign waiting = early[e*ELEMENT+:ELEMENT];
      assign fresh = s_data[e*ELEMENT+:ELEMENT];
      assign word[e*ELEMENT+:ELEMENT] = (e >= REST && last_beat) ? '0 : early_valid ? waiting : fresh;
    end

    for (genvar i = 0; i < FIT; i++) begin : part
      localparam int LOW = i * IN * ELEMENT;
      localparam int BITS = LOW + IN * ELEMENT <= OUT * ELEMENT ? IN * ELEMENT : OUT * ELEMENT - LOW;
      if (i >= SLOTS) begin : never
        assign m_data[LOW+:BITS] = '0;
      end else begin : used
        logic here, first;
        assign here  = slot == SLOT_BITS'(i);
        assign first = BEATS % SLOTS != 0 && slot == '0;
        // A vector's last wide beat may end early: what is not written stays zero from its start.
        always_ff @(posedge clk) if (put && (here || first)) m_data[LOW+:BITS] <= here ? word[BITS-1:0] : '0;
      end
    end
  endgenerate

`ifndef SYNTHESIS
  a_stalled_beat_is_held :
  assert property (@(posedge clk) disable iff (rst) m_valid && !m_ready |=> m_valid && $stable(m_data));
  a_beat_waits_only_behind_a_finished_one :
  assert property (@(posedge clk) disable iff (rst) early_valid |-> m_valid);
`endif
endmodule
