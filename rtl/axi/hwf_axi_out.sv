// Beats of results to an AXI4-Stream: TLAST with the last beat of a packet's last result, TUSER with that of a result whose
// vector came short, both as the vector's mark says.
//
// A result takes BEATS beats, of which the last one waits for the mark. TKEEP is not needed: every byte is kept.
// `rst` alone takes a beat back that stands; `clear` forgets the place within a result, as the net does.
// Latency 1 cycle, a beat a cycle; s_ready depends on the state alone, but for a result's last beat, on mark_valid too.
//
// BITS   of a beat
// BEATS  of a result
module hwf_axi_out #(
    parameter int BITS  = 32,
    parameter int BEATS = 1
) (
    input  logic            clk,
    input  logic            rst,
    input  logic            clear,
    input  logic            s_valid,
    output logic            s_ready,
    input  logic [BITS-1:0] s_data,
    input  logic            mark_valid,
    output logic            mark_ready,  // high with a result's last beat alone
    input  logic            mark_last,
    input  logic            mark_short,
    output logic            m_valid,
    input  logic            m_ready,
    output logic [BITS-1:0] m_data,
    output logic            m_last,
    output logic            m_user,
    output logic            vector_out,  // a result's last beat leaves
    output logic            packet_out   // and ends a packet
);
  logic last_beat, open, room, ends, ends_out;
  assign open = !clear && (mark_valid || !last_beat);
  assign s_ready = room && open;
  assign mark_ready = s_valid && s_ready && last_beat;

  generate
    if (BITS < 1 || BEATS < 1) begin : bad_size
      $error("hwf_axi_out: BITS and BEATS are at least 1.");
    end
    if (BEATS > 1) begin : counted
      localparam int PLACE_BITS = $clog2(BEATS);
      logic [PLACE_BITS-1:0] place;
      assign last_beat = place == PLACE_BITS'(BEATS - 1);
      always_ff @(posedge clk) begin
        if (s_valid && s_ready) place <= last_beat ? '0 : place + 1'b1;
        if (rst || clear) place <= '0;
      end
    end else begin : each
      assign last_beat = 1'b1;
    end
  endgenerate

  assign ends = last_beat;
  hwf_fifo #(
      .WIDTH(BITS + 3)
  ) stage (
      .clk,
      .rst,
      .s_valid(s_valid && open),
      .s_ready(room),
      .s_data({ends, last_beat && mark_short, last_beat && mark_last, s_data}),
      .m_valid,
      .m_ready,
      .m_data({ends_out, m_user, m_last, m_data})
  );
  assign vector_out = m_valid && m_ready && ends_out;
  assign packet_out = m_valid && m_ready && m_last;

`ifndef SYNTHESIS
  a_packet_ends_with_a_result :
  assert property (@(posedge clk) disable iff (rst) m_valid && (m_last || m_user) |-> ends_out);
`endif
endmodule
