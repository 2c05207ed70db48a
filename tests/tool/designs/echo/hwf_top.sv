// A design that sends back each byte it receives; a bit takes 139/16 clock cycles, as 115200 baud do at 1 MHz.
module hwf_top (
    input  logic clk,
    input  logic uart_rx,
    output logic uart_tx
);
  localparam int SIXTEENTHS = 139;

  logic [4:0] awake;
  logic rst;
  initial awake = '0;
  assign rst = !awake[4];
  always_ff @(posedge clk) if (rst) awake <= awake + 1'b1;

  logic received, waiting, ready, unused_error, unused_ready;
  logic [7:0] byte_in, byte_out;

  hwf_uart_rx #(
      .SIXTEENTHS(SIXTEENTHS)
  ) receiver (
      .clk,
      .rst,
      .rx(uart_rx),
      .m_valid(received),
      .m_data(byte_in),
      .framing_error(unused_error)
  );
  hwf_fifo #(
      .WIDTH(8),
      .DEPTH(4)
  ) fifo (
      .clk,
      .rst,
      .s_valid(received),
      .s_ready(unused_ready),
      .s_data(byte_in),
      .m_valid(waiting),
      .m_ready(ready),
      .m_data(byte_out)
  );
  hwf_uart_tx #(
      .SIXTEENTHS(SIXTEENTHS)
  ) transmitter (
      .clk,
      .rst,
      .s_valid(waiting),
      .s_ready(ready),
      .s_data(byte_out),
      .tx(uart_tx)
  );
endmodule
