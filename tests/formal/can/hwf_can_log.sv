// No entry is lost or doubled, and none is overwritten: a watched word is at its place until it was read, and is read from there.
//
//@ induction 1
//@ depth 40
//@ parameters ENTRIES=2
//@ parameters ENTRIES=4
//@ fault kept: assign full = tail == => assign full = 1'b0 && tail ==
//@ fault read_as_stored: read_address = {head[PLACE-1:0], from} => read_address = {head[PLACE-1:0], ~from}
//@ fault never_too_many: if (push && !full) storing => if (push) storing
//@ fault dropped_if_full: dropped = push && full => dropped = push && full && storing
//@ fault entries_are_whole: if (at == '1) begin => if (at == 4'd14) begin
(* anyseq *) logic watch;
logic watching, asked;
logic [15:0] watched;
logic [PLACE+4:0] place, written, reading;  // counted over all words
assign written = {tail, at};
assign reading = {head, from};
always_comb
  if (begun) begin
    assume (!(push && storing));
    assume (!(m_ready && !more));
  end
always_ff @(posedge clk) begin
  if (storing && watch && !watching) begin
    watching <= 1'b1;
    watched <= word;
    place <= written;
  end else if (watching && m_ready && reading == place) watching <= 1'b0;
  asked <= watching && reading == place && more && !m_ready;
  if (rst) begin
    watching <= 1'b0;
    asked <= 1'b0;
  end
end
always_comb
  if (begun) begin
    kept : assert (!watching || memory[place[PLACE+3:0]] == watched);
    read_as_stored : assert (!asked || m_data == watched);
    never_too_many : assert ((PLACE + 1)'(tail - head) <= (PLACE + 1)'(ENTRIES) - (PLACE + 1)'(storing));
    dropped_if_full : assert (dropped == (push && (PLACE + 1)'(tail - head) == (PLACE + 1)'(ENTRIES)));
    entries_are_whole :
    assert ((storing || at == '0) && (more || from == '0) &&
            (!watching || ((PLACE + 5)'(place - reading) < (PLACE + 5)'(written - reading))));
  end
