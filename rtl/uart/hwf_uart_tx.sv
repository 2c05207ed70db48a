// UART transmitter: 8 data bits, least significant first, no parity, one stop bit.
//
// Bytes follow each other without a gap: one every 10 bits. s_ready depends on the state alone.
//
// SIXTEENTHS  length of a bit in sixteenths of a clock cycle, at least 64 (4 cycles); each bit is rounded to a cycle,
//             the sum of them is not
module hwf_uart_tx #(
    parameter int SIXTEENTHS = 192
) (
    input  logic       clk,
    input  logic       rst,
    input  logic       s_valid,
    output logic       s_ready,
    input  logic [7:0] s_data,
    output logic       tx
);
  localparam int COUNT_BITS = $clog2(SIXTEENTHS / 16 + 1);
  localparam int RELOAD_BITS = COUNT_BITS + 4;

  generate
    if (SIXTEENTHS < 64) begin : too_fast
      $error("hwf_uart_tx: a bit takes at least 4 clock cycles (SIXTEENTHS at least 64).");
    end
  endgenerate

  // Inverted, since registers start at zero and an idle line is high. More bits are to come while `later` is not zero.
  logic low;
  initial low = 1'b0;
  logic [8:0] later;  // inverted data, topped by a marker
  logic busy, tick;
  assign tx = !low;

  logic [COUNT_BITS-1:0] count;
  logic [3:0] fraction;
  assign tick = count == '0;
  assign s_ready = !busy || (tick && later == '0);

  always_ff @(posedge clk) begin
    if (tick || !busy) {count, fraction} <= RELOAD_BITS'(SIXTEENTHS - 16) + (busy ? RELOAD_BITS'(fraction) : '0);
    else count <= count - 1'b1;
    if (s_ready) later <= {1'b1, ~s_data};
    else if (tick) later <= {1'b0, later[8:1]};
  end

  // The marker itself is not sent: in its place comes the stop bit.
  always_ff @(posedge clk) begin
    if (s_ready) {busy, low} <= {s_valid, s_valid};
    else if (tick) low <= later[0] && later[8:1] != '0;
    if (rst) {busy, low} <= 2'b00;
  end

`ifndef SYNTHESIS
  an_idle_line_is_high :
  assert property (@(posedge clk) disable iff (rst) !busy |-> tx);
`endif
endmodule
