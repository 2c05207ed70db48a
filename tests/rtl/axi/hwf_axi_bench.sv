// hwf_axi_device round a net that gives each vector back, behind a FIFO: S_COUNT bits in, as many out.
module hwf_axi_bench #(
    parameter int S_BITS = 6,
    parameter int M_BITS = 10,
    parameter int COUNT = 50,
    parameter int S_AXIS_BITS = 32,
    parameter int M_AXIS_BITS = 32,
    parameter int MARKS = 8
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
    input  logic                     m_axis_tready
);
  logic net_rst, s_valid, s_ready, m_valid, m_ready, held_valid, held_ready;
  logic [S_BITS-1:0] s_data, held;
  logic [M_BITS-1:0] m_data;

  hwf_axi_device #(
      .S_BITS(S_BITS),
      .S_COUNT(COUNT),
      .M_BITS(M_BITS),
      .M_COUNT(COUNT),
      .S_AXIS_BITS(S_AXIS_BITS),
      .M_AXIS_BITS(M_AXIS_BITS),
      .MARKS(MARKS),
      .DIGEST(128'h000102030405060708090a0b0c0d0e0f),
      .BUILD(128'hf0f1f2f3f4f5f6f7f8f9fafbfcfdfeff),
      .INPUTS((COUNT + 7) / 8),
      .OUTPUTS((COUNT + 7) / 8),
      .INPUT_SIZE(COUNT),
      .INPUT_BITS(1),
      .OUTPUT_SIZE(COUNT / 2),
      .OUTPUT_BITS(2),
      .OUTPUT_SIGNED(1)
  ) device (
      .*
  );
  hwf_fifo #(
      .WIDTH(S_BITS),
      .DEPTH(20)
  ) waiting (
      .clk(aclk),
      .rst(net_rst),
      .s_valid,
      .s_ready,
      .s_data,
      .m_valid(held_valid),
      .m_ready(held_ready),
      .m_data(held)
  );
  hwf_resize #(
      .ELEMENT(1),
      .IN(S_BITS),
      .OUT(M_BITS),
      .COUNT(COUNT)
  ) echo (
      .clk(aclk),
      .rst(net_rst),
      .s_valid(held_valid),
      .s_ready(held_ready),
      .s_data(held),
      .m_valid,
      .m_ready,
      .m_data
  );
endmodule
