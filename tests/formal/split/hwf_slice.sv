// Of each vector's beats those from FIRST on, COUNT of them, pass in the cycle in which they come; the others are taken and dropped.
//
//@ induction 1
//@ depth 10
//@ parameters WIDTH=2 BEATS=4 FIRST=1 COUNT=2
//@ parameters WIDTH=2 BEATS=5 FIRST=0 COUNT=3
//@ parameters WIDTH=2 BEATS=5 FIRST=4 COUNT=1
//@ parameters WIDTH=2 BEATS=3 FIRST=0 COUNT=3
//@ parameters WIDTH=2 BEATS=1 FIRST=0 COUNT=1 S_LANES=4 M_LANES=2 OFFSET=1
//@ fault passes_or_is_dropped: int'(beat) < FIRST + COUNT; => int'(beat) <= FIRST + COUNT;
//@ fault taken: s_ready = m_ready || !passes => s_ready = m_ready
//@ fault unchanged: s_data[OFFSET*WIDTH+:M_LANES*WIDTH] => s_data[0+:M_LANES*WIDTH]
//@ fault counted_alike: int'(beat) == BEATS - 1 ? '0 : beat + 1'b1 => beat + 1'b1
logic [31:0] place;
logic here;
assign here = place >= FIRST && place < FIRST + COUNT;
always_ff @(posedge clk) begin
  if (s_valid && s_ready) place <= place == BEATS - 1 ? '0 : place + 1;
  if (rst) place <= '0;
end
always_comb
  if (begun) begin
    passes_or_is_dropped : assert (m_valid == (s_valid && here));
    taken : assert (s_ready == (m_ready || !here));
    unchanged : assert (m_data == s_data[OFFSET*WIDTH+:M_LANES*WIDTH]);
  end
generate
  if (COUNT != BEATS) begin : inside
    always_comb if (begun) counted_alike : assert (32'(some.beat) == place && place < BEATS);
  end else begin : whole
    always_comb if (begun) counted_alike : assert (place < BEATS);
  end
endgenerate
