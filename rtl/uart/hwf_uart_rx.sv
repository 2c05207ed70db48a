// UART receiver: 8 data bits, least significant first, no parity, one stop bit.
//
// Each bit is sampled once, at its middle; a start bit that is gone by its middle is taken for a disturbance. The sender's
// bit may differ by 2 % and more. After a missing stop bit the receiver waits for the line to rise.
// Latency: m_valid is high 9.5 bits and 3 cycles after the start bit's edge. There is no m_ready: whoever listens keeps up.
//
// SIXTEENTHS  length of a bit in sixteenths of a clock cycle, at least 64 (4 cycles)
module hwf_uart_rx #(
    parameter int SIXTEENTHS = 192
) (
    input  logic       clk,
    input  logic       rst,
    input  logic       rx,
    output logic       m_valid,       // for one cycle
    output logic [7:0] m_data,
    output logic       framing_error  // for one cycle: no stop bit, the byte is dropped
);
  localparam int COUNT_BITS = $clog2(SIXTEENTHS / 16 + 1);
  localparam int RELOAD_BITS = COUNT_BITS + 4;

  generate
    if (SIXTEENTHS < 64) begin : too_fast
      $error("hwf_uart_rx: a bit takes at least 4 clock cycles (SIXTEENTHS at least 64).");
    end
  endgenerate

  // The line, twice registered against metastability; inverted, since registers start at zero and an idle line is high.
  logic [2:0] low;
  initial low = '0;
  logic line, start_edge;
  assign line = !low[1];
  assign start_edge = low[1] && !low[2];
  always_ff @(posedge clk) low <= {low[1:0], !rx};

  // Time to the next sample, in cycles and sixteenths.
  logic [COUNT_BITS-1:0] count;
  logic [3:0] fraction;
  logic busy, starting, sample;
  assign sample = busy && count == '0;

  logic [8:0] bits;  // bits[0] is set once eight bits are in
  assign m_data = bits[8:1];

  always_ff @(posedge clk) begin
    if (!busy) {count, fraction} <= RELOAD_BITS'(SIXTEENTHS / 2 - 16);
    else if (sample) {count, fraction} <= RELOAD_BITS'(SIXTEENTHS - 16) + RELOAD_BITS'(fraction);
    else count <= count - 1'b1;
    if (starting) bits <= 9'h100;
    else if (sample && !bits[0]) bits <= {line, bits[8:1]};
  end

  always_ff @(posedge clk) begin
    m_valid <= sample && !starting && bits[0] && line;
    framing_error <= sample && !starting && bits[0] && !line;
    if (!busy) begin
      busy <= start_edge;
      starting <= start_edge;
    end else if (sample) begin
      starting <= 1'b0;
      if (starting ? line : bits[0]) busy <= 1'b0;
    end
    if (rst) begin
      m_valid <= 1'b0;
      framing_error <= 1'b0;
      busy <= 1'b0;
    end
  end

`ifndef SYNTHESIS
  a_byte_is_good_or_bad_not_both :
  assert property (@(posedge clk) disable iff (rst) !(m_valid && framing_error));
`endif
endmodule
