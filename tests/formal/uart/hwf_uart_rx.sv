// A byte that comes as a frame on an idle line is told once, as it was sent, with no framing error, 9.5 bits and 3 cycles after its
// start bit's edge; with a low stop bit there is a framing error then, and no byte.
// One frame, with no reset after the first cycle.
//
//@ bounded a frame takes 40 cycles and states within it that are not reached would have to be named
//@ depth 60
//@ parameters SIXTEENTHS=64
//@ fault told_as_sent: bits <= {line, bits[8:1]} => bits <= {!line, bits[8:1]}
//@ fault nothing_else: busy <= start_edge; => busy <= low[1];
(* anyconst *) logic [7:0] sent;
(* anyconst *) logic [5:0] starts;
(* anyconst *) logic stop;
logic [5:0] now;
logic [9:0] frame;
logic [5:0] since;
assign frame = {stop, sent, 1'b0};
assign since = now - starts;
initial now = '0;
always_ff @(posedge clk) now <= now == '1 ? now : now + 1'b1;
always_comb begin
  assume (starts >= 4 && starts < 12);
  assume (!begun || !rst);
  assume (rx == (now < starts || since >= 40 || frame[since>>2]));
end
always_comb
  if (begun && now < 59) begin
    told_as_sent : assert (now < starts || since != 41 || (stop ? m_valid && m_data == sent : framing_error));
    nothing_else : assert (now >= starts && since == 41 ? m_valid == stop && framing_error == !stop : !m_valid && !framing_error);
  end
