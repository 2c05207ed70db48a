// No beat is lost, doubled or overtaken: a watched one is at its place of the wide beat that leaves, elements beyond COUNT are zero,
// and a wide beat leaves for each that is complete.
//
//@ induction 1
//@ depth 12
//@ parameters ELEMENT=1 IN=2 OUT=4 COUNT=8
//@ parameters ELEMENT=2 IN=1 OUT=3 COUNT=3
//@ parameters ELEMENT=1 IN=2 OUT=4 COUNT=9
//@ parameters ELEMENT=1 IN=2 OUT=6 COUNT=5
//@ fault at_its_place: (e >= REST && last_beat) ? '0 : => (e > REST && last_beat) ? '0 :
//@ fault waits_as_it_came: if (!early_valid) early <= s_data; => early <= s_data;
//@ fault one_for_each: put && (last_slot || last_beat) => put && last_beat
//@ fault held: take = m_ready || !m_valid => take = m_ready || !m_valid || s_valid
//@ fault counted: if (put) beat <= last_beat ? => if (put && m_ready) beat <= last_beat ?
//@ fault zero_beyond: (here || first)) => here)
(* anyseq *) logic watch;
logic [1:0] where;  // the watched beat: 0 nowhere, 1 in `early`, 2 in the wide one
logic [IN*ELEMENT-1:0] watched, watched_real, real_part, there;
logic [31:0] number, placed, place, filled;  // beats that came, that were put, of their vectors; the watched one's slot
logic waits, complete, goes, puts;
logic [OUT*ELEMENT-1:0] beyond;
logic stays;
watched_stall #(.WIDTH(OUT*ELEMENT)) stall (.clk(clk), .rst(rst), .valid(m_valid), .ready(m_ready), .data(m_data), .stays(stays));
assign goes = m_ready || !complete;
assign puts = goes && (waits || s_valid);
assign real_part = number == BEATS - 1 ? s_data & ((IN * ELEMENT)'((65'd1 << (REST * ELEMENT)) - 65'd1)) : s_data;
assign there = m_data >> (place * IN * ELEMENT);
assign beyond = m_data >> (filled * IN * ELEMENT);
always_ff @(posedge clk) begin
  if (s_valid && s_ready) number <= number == BEATS - 1 ? '0 : number + 1;
  if (puts) begin
    placed <= placed == BEATS - 1 ? '0 : placed + 1;
    filled <= placed % SLOTS + 1;
  end
  if (goes) complete <= puts && (placed == BEATS - 1 || placed % SLOTS == SLOTS - 1);
  waits <= !goes && (waits || s_valid);
  if (where == 2'd2 && m_valid && m_ready) where <= 2'd0;
  if (where == 2'd1 && goes) where <= 2'd2;
  if (where == 2'd0 && watch && s_valid && s_ready) begin
    where <= goes ? 2'd2 : 2'd1;
    watched <= s_data;
    watched_real <= real_part;
    place <= number % SLOTS;
  end
  if (rst) begin
    number <= '0;
    placed <= '0;
    filled <= '0;
    complete <= 1'b0;
    waits <= 1'b0;
    where <= 2'd0;
  end
end
always_comb
  if (begun) begin
    at_its_place :
    assert (where != 2'd2 || (there == watched_real && place < filled && (complete || filled == placed % SLOTS)));
    waits_as_it_came :
    assert (where != 2'd1 || (early_valid && early == watched && place == placed % SLOTS &&
            watched_real == (placed == BEATS - 1 ? watched & ((IN * ELEMENT)'((65'd1 << (REST * ELEMENT)) - 65'd1)) : watched)));
    one_for_each : assert (m_valid == complete && s_ready == !waits && (!waits || complete));
    held : assert (stays);
    counted :
    assert (32'(beat) == placed && 32'(slot) == placed % SLOTS && placed < BEATS && where != 2'd3 &&
            number == (waits ? (placed == BEATS - 1 ? 0 : placed + 1) : placed) && filled <= SLOTS);
    zero_beyond : assert (BEATS % SLOTS == 0 || filled == 0 || beyond == '0);
  end
