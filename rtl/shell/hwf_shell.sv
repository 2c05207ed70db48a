// What every device has round its net: UART, link and reset. The application (hwf_stream_device, or the spiking core)
// stands beside it and sees the ports of hwf_link.
//
// rst is high for 16 cycles from power-up, which needs registers that start at zero, and for as long as `button` is high
// and 16 cycles more.
//
// CLOCK_HZ, BAUD             a bit takes at least 8 clock cycles; its length is right to a sixteenth of a cycle
// WINDOW                     requests that may be under way: see hwf_link
// KIND .. OUTPUT_SIGNED      what HELLO tells (docs/link.md); the digests as they are printed, their first byte highest
// VECTORS                    see hwf_registers
module hwf_shell #(
    parameter int CLOCK_HZ = 12_000_000,
    parameter int BAUD = 1_000_000,
    parameter int WINDOW = 8,
    parameter int KIND = 1,
    parameter int LIMIT_BITS = 0,
    parameter logic [127:0] DIGEST = '0,
    parameter logic [127:0] BUILD = '0,
    parameter int INPUTS = 1,
    parameter int OUTPUTS = 1,
    parameter int INPUT_SIZE = 0,
    parameter int INPUT_BITS = 0,
    parameter int INPUT_SIGNED = 0,
    parameter int OUTPUT_SIZE = 0,
    parameter int OUTPUT_BITS = 0,
    parameter int OUTPUT_SIGNED = 0,
    parameter int VECTORS = 1
) (
    input  logic        clk,
    input  logic        button,             // asks for a reset; any clock
    input  logic        uart_rx,
    output logic        uart_tx,
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
    input  logic [ 7:0] reply_status,
    input  logic        vector_in,
    input  logic        vector_out
);
  localparam int SIXTEENTHS = CLOCK_HZ / BAUD * 16 + (CLOCK_HZ % BAUD * 16 + BAUD / 2) / BAUD;

  generate
    if (SIXTEENTHS < 128) begin : too_fast
      $error("hwf_shell: BAUD is at most CLOCK_HZ / 8.");
    end
  endgenerate

  function automatic logic [127:0] first_byte_lowest(input logic [127:0] digest);
    for (int i = 0; i < 16; i++) first_byte_lowest[8*i+:8] = digest[8*(15-i)+:8];
  endfunction

  localparam logic [511:0] IDENTITY = {
    8'(OUTPUT_SIGNED),
    8'(OUTPUT_BITS),
    8'(INPUT_SIGNED),
    8'(INPUT_BITS),
    32'(OUTPUT_SIZE),
    32'(INPUT_SIZE),
    first_byte_lowest(BUILD),
    32'(CLOCK_HZ),
    32'(OUTPUTS),
    32'(INPUTS),
    first_byte_lowest(DIGEST),
    8'(LIMIT_BITS),
    8'(WINDOW),
    8'd2,
    8'(KIND),
    "1FWH"
  };

  logic [1:0] pressed;
  logic [4:0] awake;
  initial begin
    pressed = '0;
    awake   = '0;
  end
  assign rst = !awake[4];
  always_ff @(posedge clk) begin
    pressed <= {pressed[0], button};
    if (pressed[1]) awake <= '0;
    else if (rst) awake <= awake + 1'b1;
  end

  logic received_valid, framing_error, sent_valid, sent_ready;
  logic [7:0] received, sent;

  hwf_uart_rx #(
      .SIXTEENTHS(SIXTEENTHS)
  ) receiver (
      .clk,
      .rst,
      .rx(uart_rx),
      .m_valid(received_valid),
      .m_data(received),
      .framing_error
  );

  hwf_uart_tx #(
      .SIXTEENTHS(SIXTEENTHS)
  ) transmitter (
      .clk,
      .rst,
      .s_valid(sent_valid),
      .s_ready(sent_ready),
      .s_data(sent),
      .tx(uart_tx)
  );

  hwf_link #(
      .WINDOW(WINDOW),
      .IDENTITY(IDENTITY),
      .VECTORS(VECTORS)
  ) link (
      .clk,
      .rst,
      .s_valid(received_valid),
      .s_data(received),
      .framing_error,
      .m_valid(sent_valid),
      .m_ready(sent_ready),
      .m_data(sent),
      .request_valid,
      .request_operation,
      .request_address,
      .request_length,
      .p_valid,
      .p_ready,
      .p_data,
      .p_more,
      .r_valid,
      .r_ready,
      .r_data,
      .request_done,
      .reply_status,
      .hello,
      .vector_in,
      .vector_out
  );
endmodule
