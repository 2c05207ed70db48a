// A byte goes out as a low start bit, eight data bits, the lowest first, and a high stop bit, each as long as is told; the line is
// high otherwise, and the next byte is taken in the last cycle of the stop bit.
//
//@ induction 1
//@ depth 50
//@ parameters SIXTEENTHS=64
//@ parameters SIXTEENTHS=80
//@ parameters SIXTEENTHS=192
//@ fault line_is_the_frame: later <= {1'b1, ~s_data} => later <= {1'b1, s_data}
//@ fault taken_when_done: s_ready = !busy || (tick && later == '0) => s_ready = !busy
//@ fault timed_alike: else count <= count - 1'b1; => else count <= count - {1'b1, s_valid};
localparam int BIT = SIXTEENTHS / 16;
logic sending;
logic [7:0] value;
logic [31:0] place, cycle;  // which bit of the frame, and which cycle of it
logic [9:0] frame;
assign frame = {1'b1, value, 1'b0};
logic done;
assign done = sending && place == 9 && cycle == BIT - 1;
always_ff @(posedge clk) begin
  if (sending) begin
    cycle <= cycle == BIT - 1 ? '0 : cycle + 1;
    if (cycle == BIT - 1) place <= place + 1;
    if (done) sending <= 1'b0;
  end
  if (s_valid && s_ready) begin
    sending <= 1'b1;
    value <= s_data;
    place <= '0;
    cycle <= '0;
  end
  if (rst) sending <= 1'b0;
end
logic [8:0] to_come;
assign to_come = {1'b1, ~value} >> place;
always_comb
  if (begun) begin
    line_is_the_frame : assert (tx == (!sending || frame[place]));
    taken_when_done : assert (s_ready == (!sending || done));
    timed_alike :
    assert (busy == sending && (!sending || (32'(count) == BIT - 1 - cycle && fraction == '0 && later == to_come && place < 10 &&
            cycle < BIT)));
  end
