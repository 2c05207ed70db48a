// A beat that stands stays as it is until it is taken, with TLAST and TUSER, also while the net is reset; a result's last beat, counted from
// reset, takes its mark with it, and no other does; nothing is taken while the net is reset; a packet ends with a beat that is taken with TLAST.
//
//@ induction 1
//@ depth 10
//@ parameters BITS=4 BEATS=1
//@ parameters BITS=4 BEATS=3
//@ fault held: .rst, => .rst(rst || clear),
//@ fault mark_with_the_last_beat: assign mark_ready = s_valid && s_ready && last_beat; => assign mark_ready = s_valid && s_ready;
//@ fault nothing_while_reset: assign open = !clear && (mark_valid || !last_beat); => assign open = mark_valid || !last_beat;
//@ fault marks_are_there: assign open = !clear && (mark_valid || !last_beat); => assign open = !clear;
//@ fault counted_alike: if (rst || clear) place <= '0; => if (rst) place <= '0;
//@ fault told_as_it_ends: assign packet_out = m_valid && m_ready && m_last; => assign packet_out = m_valid && m_last;
logic [31:0] number;  // of the beat of its result
logic stays;
watched_stall #(.WIDTH(BITS + 2)) stall (
    .clk(clk), .rst(rst), .valid(m_valid), .ready(m_ready), .data({m_data, m_last, m_user}), .stays(stays)
);
always_ff @(posedge clk) begin
  if (s_valid && s_ready) number <= number == BEATS - 1 ? '0 : number + 1;
  if (rst || clear) number <= '0;
end
always_comb
  if (begun) begin
    held : assert (stays);
    mark_with_the_last_beat : assert (mark_ready == (s_valid && s_ready && number == BEATS - 1));
    nothing_while_reset : assert (!clear || !s_ready);
    marks_are_there : assert (!mark_ready || mark_valid);
    told_as_it_ends : assert (packet_out == (m_valid && m_ready && m_last));
  end
generate
  if (BEATS > 1) begin : inside
    always_comb if (begun) counted_alike : assert (32'(counted.place) == number && number < BEATS);
  end else begin : alone
    always_comb if (begun) assume (number == '0);
  end
endgenerate
