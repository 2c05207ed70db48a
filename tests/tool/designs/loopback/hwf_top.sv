// A design that gives back what it is sent: the real link, and a FIFO of bytes where a net would be.
module hwf_top #(
    parameter int CLOCK_HZ = 12_000_000,
    parameter int BAUD = 1_000_000,
    parameter int VECTOR = 5,  // bytes
    parameter logic [127:0] DIGEST = 128'h000102030405060708090a0b0c0d0e0f
) (
    input  logic clk,
    input  logic button,
    input  logic uart_rx,
    output logic uart_tx
);
  logic rst, net_rst, hello, request_valid, request_done, p_valid, p_ready, p_more, r_valid, r_ready;
  logic [7:0] request_operation, request_length, p_data, r_data, reply_status;
  logic [31:0] request_address;
  logic vector_in, vector_out;
  logic s_valid, s_ready, m_valid, m_ready;
  logic [7:0] s_data, m_data;
  logic unused;
  assign unused = &{1'b0, request_length};

  hwf_shell #(
      .CLOCK_HZ(CLOCK_HZ),
      .BAUD(BAUD),
      .DIGEST(DIGEST),
      .LIMIT_BITS(16),
      .INPUTS(VECTOR),
      .OUTPUTS(VECTOR),
      .INPUT_SIZE(VECTOR),
      .INPUT_BITS(8),
      .INPUT_SIGNED(1),
      .OUTPUT_SIZE(VECTOR),
      .OUTPUT_BITS(8),
      .OUTPUT_SIGNED(1)
  ) shell (.*);

  hwf_stream_device #(
      .S_COUNT(8 * VECTOR),
      .M_COUNT(8 * VECTOR),
      .LIMIT_BITS(16)
  ) device (.*);

  hwf_fifo #(
      .WIDTH(8),
      .DEPTH(16)
  ) net (
      .clk,
      .rst(net_rst),
      .s_valid,
      .s_ready,
      .s_data,
      .m_valid,
      .m_ready,
      .m_data
  );
endmodule
