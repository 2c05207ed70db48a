// A frame is judged once, struck only while it is open and only for classes of the mask, and pushed once, for classes of the
// mask, when class and end are known; `latency` is the cycles from payload_end to the class, at most 65535.
//
//@ induction 1
//@ depth 10
//@ fault judged_once: judged = active && class_valid && !classed => judged = active && class_valid
//@ fault struck_by_the_mask: && strike_mask[class_in] && frame_open => && strike_mask[class_in]
//@ fault pushed_by_the_mask: push   <= log_mask[verdict]; => push <= 1'b1;
//@ fault numbered: if (push) number => if (payload_end) number
//@ fault latency_is_told: if (!judged && !classed => if (!classed
//@ fault kept_alike: verdict <= class_in => verdict <= ~class_in
logic open, known, over;  // a frame waits; its class, its end is known
logic [3:0] named;
logic [15:0] cycles, pushes;
logic pushing;
logic waits;
assign waits = open && known && over;
always_comb if (begun && !rst) assume (!(payload_end && open));
always_ff @(posedge clk) begin
  pushing <= waits && log_mask[named];
  if (waits) open <= 1'b0;
  if (open && class_valid && !known) begin
    known <= 1'b1;
    named <= class_in;
  end else if (!known && cycles != '1) cycles <= cycles + 1'b1;
  if (open && !over && (accepted || failed)) over <= 1'b1;
  if (push) pushes <= pushes + 1'b1;
  if (payload_end) begin
    open <= 1'b1;
    known <= 1'b0;
    over <= 1'b0;
    cycles <= 16'd1;
  end
  if (rst) begin
    open <= 1'b0;
    pushing <= 1'b0;
    pushes <= '0;
  end
end
always_comb
  if (begun) begin
    judged_once : assert (judged == (open && class_valid && !known));
    struck_by_the_mask : assert (strike == (judged && strike_mask[class_in] && frame_open && !over));
    pushed_by_the_mask : assert (push == pushing);
    numbered : assert (number == pushes);
    latency_is_told : assert (!open || latency == cycles);
    kept_alike : assert (active == open && (!open || (classed == known && ended == over && (!known || verdict == named))));
  end
