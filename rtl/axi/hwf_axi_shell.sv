// What a device has round it behind AXI, as hwf_shell is behind a UART: requests by AXI4-Stream, control by AXI4-Lite. The
// application (the spiking core) stands beside it and sees the ports of hwf_link.
//
// In the registers (hwf_axi_registers), "vectors" that came in, left and came short are requests, replies and short requests;
// latency is the cycles from a request's last word to its reply's last word. A packet is one of replies.
// rst is high a cycle after aresetn is low, and for a cycle when the host asks for it by the register: that begins anew,
// and is what a host does where HELLO would be said. So hello is always low. Latency and rate: those of hwf_axi_requests.
//
// CLOCK_HZ .. OUTPUT_SIGNED   what the identity tells, as of hwf_shell
module hwf_axi_shell #(
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
    input  logic        aclk,
    input  logic        aresetn,
    output logic        irq,
    input  logic [11:0] s_axi_awaddr,
    input  logic        s_axi_awvalid,
    output logic        s_axi_awready,
    input  logic [31:0] s_axi_wdata,
    input  logic [ 3:0] s_axi_wstrb,
    input  logic        s_axi_wvalid,
    output logic        s_axi_wready,
    output logic [ 1:0] s_axi_bresp,
    output logic        s_axi_bvalid,
    input  logic        s_axi_bready,
    input  logic [11:0] s_axi_araddr,
    input  logic        s_axi_arvalid,
    output logic        s_axi_arready,
    output logic [31:0] s_axi_rdata,
    output logic [ 1:0] s_axi_rresp,
    output logic        s_axi_rvalid,
    input  logic        s_axi_rready,
    input  logic [31:0] s_axis_tdata,
    input  logic [ 3:0] s_axis_tkeep,
    input  logic        s_axis_tlast,
    input  logic        s_axis_tvalid,
    output logic        s_axis_tready,
    output logic [31:0] m_axis_tdata,
    output logic [ 3:0] m_axis_tkeep,
    output logic        m_axis_tlast,
    output logic        m_axis_tuser,
    output logic        m_axis_tvalid,
    input  logic        m_axis_tready,
    // the application
    output logic        rst,
    output logic        hello,
    output logic        request_valid,
    output logic [ 7:0] request_operation,
    output logic [31:0] request_address,
    output logic [ 7:0] request_length,
    output logic        p_valid,
    input  logic        p_ready,
    output logic [ 7:0] p_data,
    output logic        p_more,
    input  logic        r_valid,
    output logic        r_ready,
    input  logic [ 7:0] r_data,
    input  logic        request_done,
    input  logic [ 7:0] reply_status
);
  logic request_in, request_short, reply_out, packet_out;
  assign hello = 1'b0;
  assign m_axis_tkeep = '1;

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
      .rst(!aresetn),
      .vector_in(request_in),
      .vector_short(request_short),
      .vector_out(reply_out),
      .standing(m_axis_tvalid),
      .net_rst(rst),
      .*
  );
  hwf_axi_requests requests (
      .clk(aclk),
      .rst(!aresetn),
      .clear(rst),
      .s_valid(s_axis_tvalid),
      .s_ready(s_axis_tready),
      .s_data(s_axis_tdata),
      .s_keep(s_axis_tkeep),
      .s_last(s_axis_tlast),
      .m_valid(m_axis_tvalid),
      .m_ready(m_axis_tready),
      .m_data(m_axis_tdata),
      .m_last(m_axis_tlast),
      .m_user(m_axis_tuser),
      .*
  );

`ifndef SYNTHESIS
  the_system_holds_a_beat_that_stands :
  assert property (@(posedge aclk) disable iff (!aresetn)
    s_axis_tvalid && !s_axis_tready |=> s_axis_tvalid && $stable({s_axis_tdata, s_axis_tkeep, s_axis_tlast}));
`endif
endmodule
