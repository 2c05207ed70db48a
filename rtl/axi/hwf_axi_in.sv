// The beats of an AXI4-Stream, of which each vector takes a whole number, to those of hwf_resize, with marks for results.
//
// A vector of COUNT bits comes in ceil(COUNT / BITS) beats, its first bit lowest in the first one; what is behind its last
// bit is ignored. TLAST ends a packet, of any number of vectors. A vector comes short if TLAST comes before its last beat,
// or TKEEP leaves out a byte of it: what is missing is zero, the beats that are missing are made here, and its mark says so.
// A mark for each vector goes to `mark` with the vector's last beat, which waits until there is room for it.
// Latency 0; TREADY follows m_ready, and so crosses this module.
//
// BITS   of a beat, a multiple of 8
// COUNT  bits of a vector
module hwf_axi_in #(
    parameter int BITS  = 32,
    parameter int COUNT = 128
) (
    input  logic              clk,
    input  logic              rst,
    input  logic              s_valid,
    output logic              s_ready,
    input  logic [  BITS-1:0] s_data,
    input  logic [BITS/8-1:0] s_keep,
    input  logic              s_last,
    output logic              m_valid,
    input  logic              m_ready,
    output logic [  BITS-1:0] m_data,
    output logic              mark_valid,  // high with a vector's last beat alone
    input  logic              mark_ready,
    output logic              mark_last,   // the packet ends with this vector
    output logic              mark_short
);
  localparam int BEATS = (COUNT + BITS - 1) / BITS;
  localparam int REST = (COUNT - (BEATS - 1) * BITS + 7) / 8;  // bytes of a vector's last beat
  localparam logic [BITS/8-1:0] TAIL = {(BITS / 8) {1'b1}} >> (BITS / 8 - REST);

  generate
    if (BITS < 8 || BITS % 8 != 0 || COUNT < 1) begin : bad_size
      $error("hwf_axi_in: BITS is a multiple of 8, and COUNT at least 1.");
    end
  endgenerate

  logic filling;  // TLAST came, and beats of the vector are still missing
  logic lacking;  // something of the beats before is missing
  logic beat, last_beat, lacks;
  logic [BITS/8-1:0] kept;
  assign kept = filling ? '0 : s_keep;
  assign lacks = (kept | ~(last_beat ? TAIL : '1)) != '1;
  assign m_valid = (filling || s_valid) && (mark_ready || !last_beat);
  assign s_ready = m_ready && !filling && (mark_ready || !last_beat);
  assign beat = m_valid && m_ready;
  assign mark_valid = beat && last_beat;
  assign mark_last = filling || s_last;
  assign mark_short = lacking || lacks;
  for (genvar i = 0; i < BITS / 8; i++) begin : octet
    assign m_data[8*i+:8] = s_data[8*i+:8] & {8{kept[i]}};
  end

  always_ff @(posedge clk) begin
    if (beat) begin
      filling <= !last_beat && (filling || s_last);
      lacking <= !last_beat && mark_short;
    end
    if (rst) begin
      filling <= 1'b0;
      lacking <= 1'b0;
    end
  end

  generate
    if (BEATS > 1) begin : counted
      localparam int PLACE_BITS = $clog2(BEATS);
      logic [PLACE_BITS-1:0] place;
      assign last_beat = place == PLACE_BITS'(BEATS - 1);
      always_ff @(posedge clk) begin
        if (beat) place <= last_beat ? '0 : place + 1'b1;
        if (rst) place <= '0;
      end
`ifndef SYNTHESIS
      beats_are_made_only_in_the_midst_of_a_vector :
      assert property (@(posedge clk) disable iff (rst) filling |-> place != '0);
`endif
    end else begin : each
      assign last_beat = 1'b1;
    end
  endgenerate
endmodule
