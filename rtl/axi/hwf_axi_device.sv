// Everything between the AXI of a system and a net: vectors by AXI4-Stream, control by AXI4-Lite (docs/how-to/zynq.md).
//
// Packing as on the link (docs/link.md): elements one behind the other without gaps, the lowest bit first; a vector and a
// result each begin with a beat. A packet of vectors gives a packet of as many results, ended by TLAST as it was.
// A reset that the host asks for reaches the net and all but the answers of AXI4-Lite and a beat that stands at m_axis.
// Latency: that of hwf_resize at both ends, and 1 cycle. A vector takes as many cycles as it has beats at the widest.
//
// S_BITS, M_BITS          bits of a beat into the net and out of it
// S_COUNT, M_COUNT        bits of a vector and of a result
// S_AXIS_BITS, M_AXIS_BITS  bits of TDATA
// MARKS                   vectors that may be between s_axis and m_axis, at least 2
// KIND .. OUTPUT_SIGNED   as of hwf_shell
module hwf_axi_device #(
    parameter int S_BITS = 8,
    parameter int S_COUNT = 32,
    parameter int M_BITS = 8,
    parameter int M_COUNT = 32,
    parameter int S_AXIS_BITS = 32,
    parameter int M_AXIS_BITS = 32,
    parameter int MARKS = 16,
    parameter int CLOCK_HZ = 100_000_000,
    parameter int KIND = 1,
    parameter logic [127:0] DIGEST = '0,
    parameter logic [127:0] BUILD = '0,
    parameter int INPUTS = 1,
    parameter int OUTPUTS = 1,
    parameter int INPUT_SIZE = 0,
    parameter int INPUT_BITS = 0,
    parameter int INPUT_SIGNED = 0,
    parameter int OUTPUT_SIZE = 0,
    parameter int OUTPUT_BITS = 0,
    parameter int OUTPUT_SIGNED = 0
) (
    input  logic                     aclk,
    input  logic                     aresetn,
    output logic                     irq,
    input  logic [             11:0] s_axi_awaddr,
    input  logic                     s_axi_awvalid,
    output logic                     s_axi_awready,
    input  logic [             31:0] s_axi_wdata,
    input  logic [              3:0] s_axi_wstrb,
    input  logic                     s_axi_wvalid,
    output logic                     s_axi_wready,
    output logic [              1:0] s_axi_bresp,
    output logic                     s_axi_bvalid,
    input  logic                     s_axi_bready,
    input  logic [             11:0] s_axi_araddr,
    input  logic                     s_axi_arvalid,
    output logic                     s_axi_arready,
    output logic [             31:0] s_axi_rdata,
    output logic [              1:0] s_axi_rresp,
    output logic                     s_axi_rvalid,
    input  logic                     s_axi_rready,
    input  logic [  S_AXIS_BITS-1:0] s_axis_tdata,
    input  logic [S_AXIS_BITS/8-1:0] s_axis_tkeep,
    input  logic                     s_axis_tlast,
    input  logic                     s_axis_tvalid,
    output logic                     s_axis_tready,
    output logic [  M_AXIS_BITS-1:0] m_axis_tdata,
    output logic [M_AXIS_BITS/8-1:0] m_axis_tkeep,
    output logic                     m_axis_tlast,
    output logic                     m_axis_tuser,
    output logic                     m_axis_tvalid,
    input  logic                     m_axis_tready,
    // the net
    output logic                     net_rst,
    output logic                     s_valid,
    input  logic                     s_ready,
    output logic [       S_BITS-1:0] s_data,
    input  logic                     m_valid,
    output logic                     m_ready,
    input  logic [       M_BITS-1:0] m_data
);
  logic rst;
  assign rst = !aresetn;

  logic vector_in, vector_short, vector_out, packet_out;
  hwf_axi_control #(
      .CLOCK_HZ(CLOCK_HZ),
      .KIND(KIND),
      .DIGEST(DIGEST),
      .BUILD(BUILD),
      .INPUTS(INPUTS),
      .OUTPUTS(OUTPUTS),
      .INPUT_SIZE(INPUT_SIZE),
      .INPUT_BITS(INPUT_BITS),
      .INPUT_SIGNED(INPUT_SIGNED),
      .OUTPUT_SIZE(OUTPUT_SIZE),
      .OUTPUT_BITS(OUTPUT_BITS),
      .OUTPUT_SIGNED(OUTPUT_SIGNED)
  ) control (
      .clk(aclk),
      .standing(m_axis_tvalid),
      .*
  );

  // Nothing is taken before the net is ready for it: in the cycle of its reset, the beat would be lost.
  logic go;
  logic framed_valid, framed_ready, taken_ready;
  logic [S_AXIS_BITS-1:0] framed;
  logic mark_in_valid, mark_in_ready, mark_in_last, mark_in_short;
  logic mark_valid, mark_ready, mark_last, mark_short;
  assign go = !rst && !net_rst;
  assign s_axis_tready = go && taken_ready;
  assign vector_in = mark_in_valid && go;
  assign vector_short = vector_in && mark_in_short;

  hwf_axi_in #(
      .BITS (S_AXIS_BITS),
      .COUNT(S_COUNT)
  ) framing (
      .clk(aclk),
      .rst(net_rst),
      .s_valid(s_axis_tvalid),
      .s_ready(taken_ready),
      .s_data(s_axis_tdata),
      .s_keep(s_axis_tkeep),
      .s_last(s_axis_tlast),
      .m_valid(framed_valid),
      .m_ready(framed_ready),
      .m_data(framed),
      .mark_valid(mark_in_valid),
      .mark_ready(mark_in_ready),
      .mark_last(mark_in_last),
      .mark_short(mark_in_short)
  );
  hwf_resize #(
      .ELEMENT(1),
      .IN(S_AXIS_BITS),
      .OUT(S_BITS),
      .COUNT(S_COUNT)
  ) into (
      .clk(aclk),
      .rst(net_rst),
      .s_valid(framed_valid && go),
      .s_ready(framed_ready),
      .s_data(framed),
      .m_valid(s_valid),
      .m_ready(s_ready),
      .m_data(s_data)
  );
  hwf_fifo #(
      .WIDTH(2),
      .DEPTH(MARKS)
  ) marks (
      .clk(aclk),
      .rst(net_rst),
      .s_valid(vector_in),
      .s_ready(mark_in_ready),
      .s_data({mark_in_last, mark_in_short}),
      .m_valid(mark_valid),
      .m_ready(mark_ready),
      .m_data({mark_last, mark_short})
  );

  logic back_valid, back_ready;
  logic [M_AXIS_BITS-1:0] back_data;
  hwf_resize #(
      .ELEMENT(1),
      .IN(M_BITS),
      .OUT(M_AXIS_BITS),
      .COUNT(M_COUNT)
  ) back (
      .clk(aclk),
      .rst(net_rst),
      .s_valid(m_valid),
      .s_ready(m_ready),
      .s_data(m_data),
      .m_valid(back_valid),
      .m_ready(back_ready),
      .m_data(back_data)
  );
  hwf_axi_out #(
      .BITS (M_AXIS_BITS),
      .BEATS((M_COUNT + M_AXIS_BITS - 1) / M_AXIS_BITS)
  ) results (
      .clk(aclk),
      .rst,
      .clear(net_rst),
      .s_valid(back_valid),
      .s_ready(back_ready),
      .s_data(back_data),
      .mark_valid,
      .mark_ready,
      .mark_last,
      .mark_short,
      .m_valid(m_axis_tvalid),
      .m_ready(m_axis_tready),
      .m_data(m_axis_tdata),
      .m_last(m_axis_tlast),
      .m_user(m_axis_tuser),
      .vector_out,
      .packet_out
  );
  assign m_axis_tkeep = '1;

`ifndef SYNTHESIS
  the_system_holds_a_beat_that_stands :
  assert property (@(posedge aclk) disable iff (rst)
    s_axis_tvalid && !s_axis_tready |=> s_axis_tvalid && $stable({s_axis_tdata, s_axis_tkeep, s_axis_tlast}));
`endif
endmodule
