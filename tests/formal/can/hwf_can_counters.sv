// Every event since reset is counted once: a watched count is their number, less the one that may be pending; what is read is it.
//
//@ induction 1
//@ depth 45
//@ fault counts_each_event: state == CLEAR ? '0 : count + 1'b1 => state == CLEAR ? '1 : count + 1'b1
//@ fault reads_the_count: read_place = held ? address : place => read_place = place
//@ fault raises_what_is_pending: else if (pending[place]) state <= RAISE; => else if (pending != '0) state <= RAISE;
//@ fault counts_pending_while_clearing: | events; => | (state == CLEAR ? 32'd0 : events);
(* anyconst *) logic [4:0] watched;
logic [31:0] seen;
logic asked, cleared;
assign cleared = state != CLEAR || place > watched;
always_comb
  if (begun)
    assume ((events & pending) == '0 || (raises && (events & pending) == 32'd1 << place));
always_ff @(posedge clk) begin
  seen <= seen + 32'(events[watched]);
  asked <= held && address == watched;
  if (rst) begin
    seen <= '0;
    asked <= 1'b0;
  end
end
always_comb
  if (begun) begin
    counts_each_event : assert (!cleared || memory[watched] == seen - 32'(pending[watched]));
    reads_the_count : assert (!(asked && held) || count == seen - 32'(pending[watched]));
    raises_what_is_pending : assert (!raises || (pending[place] && (place != watched || count == memory[watched])));
    counts_pending_while_clearing : assert (cleared || seen == 32'(pending[watched]));
  end
