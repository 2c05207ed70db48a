// A whole device whose net gives back each vector, after some cycles: hwf_shell, hwf_stream_device and a FIFO.
module hwf_echo_bench #(
    parameter int S_BITS = 5,
    parameter int M_BITS = 3,
    parameter int COUNT = 13,
    parameter int LIMIT_BITS = 14
) (
    input  logic clk,
    input  logic button,
    input  logic uart_rx,
    output logic uart_tx,
    output logic rst
);
  logic hello, request_valid, p_valid, p_ready, p_more, r_valid, r_ready, request_done, vector_in, vector_out;
  logic [7:0] request_operation, request_length, p_data, r_data, reply_status;
  logic [31:0] request_address;
  logic net_rst, s_valid, s_ready, q_valid, q_ready, m_valid, m_ready;
  logic [S_BITS-1:0] s_data, q_data;
  logic [M_BITS-1:0] m_data;
  logic unused;
  assign unused = &{1'b0, request_length};

  hwf_shell #(
      .CLOCK_HZ(100_000_000),
      .BAUD(12_000_000),
      .INPUTS((COUNT + 7) / 8),
      .OUTPUTS((COUNT + 7) / 8),
      .LIMIT_BITS(LIMIT_BITS),
      .DIGEST(128'h0123),
      .BUILD(128'h4567 << 112),
      .INPUT_SIZE(COUNT),
      .INPUT_BITS(1),
      .OUTPUT_SIZE(2 * COUNT),
      .OUTPUT_BITS(2),
      .OUTPUT_SIGNED(1)
  ) shell (
      .*
  );

  hwf_stream_device #(
      .S_BITS(S_BITS),
      .S_COUNT(COUNT),
      .M_BITS(M_BITS),
      .M_COUNT(COUNT),
      .LIMIT_BITS(LIMIT_BITS)
  ) device (
      .*
  );

  hwf_fifo #(
      .WIDTH(S_BITS),
      .DEPTH(4)
  ) net (
      .clk,
      .rst(net_rst),
      .s_valid,
      .s_ready,
      .s_data,
      .m_valid(q_valid),
      .m_ready(q_ready),
      .m_data(q_data)
  );

  hwf_resize #(
      .IN(S_BITS),
      .OUT(M_BITS),
      .COUNT(COUNT)
  ) resize (
      .clk,
      .rst(net_rst),
      .s_valid(q_valid),
      .s_ready(q_ready),
      .s_data(q_data),
      .m_valid,
      .m_ready,
      .m_data
  );
endmodule
