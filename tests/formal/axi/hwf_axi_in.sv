// If the system holds beats that stand, and room for a mark stays until one comes: a vector gives as many beats as it has, whenever TLAST
// comes, and one mark, with its last beat; beats behind an early TLAST are zero, take none of the next packet, and the mark tells it;
// the others are what came, byte for byte, zero where TKEEP is low; a beat that stands is held.
//
//@ induction 1
//@ depth 10
//@ parameters BITS=16 COUNT=16
//@ parameters BITS=16 COUNT=40
//@ parameters BITS=8 COUNT=31
//@ fault mark_with_the_last_beat: assign mark_valid = beat && last_beat; => assign mark_valid = beat && (last_beat || s_last);
//@ fault counted_alike: if (beat) place <= last_beat ? '0 : place + 1'b1; => if (s_valid && m_ready) place <= last_beat ? '0 : place + 1'b1;
//@ fault made_beats: assign kept = filling ? '0 : s_keep; => assign kept = s_keep;
//@ fault told: filling <= !last_beat && (filling || s_last); => filling <= !last_beat && s_last;
//@ fault as_it_came: s_data[8*i+:8] & {8{kept[i]}} => s_data[8*i+:8] & {8{s_valid}}
//@ fault short_is_told: assign mark_short = lacking || lacks; => assign mark_short = lacks;
//@ fault held: s_data[8*i+:8] & {8{kept[i]}} => s_data[8*i+:8] & {8{kept[i] && mark_ready}}
logic [31:0] number;  // of the beat of its vector
logic ended, missing;  // TLAST came before the vector's last beat; a byte of it was left out before
logic [BITS-1:0] wanted;
logic [BITS/8-1:0] need;
logic s_stays, m_stays, room_stays, had_room;
watched_stall #(.WIDTH(BITS + BITS / 8 + 1)) stall_s (
    .clk(clk), .rst(rst), .valid(s_valid), .ready(s_ready), .data({s_data, s_keep, s_last}), .stays(s_stays)
);
watched_stall #(.WIDTH(BITS)) stall_m (.clk(clk), .rst(rst), .valid(m_valid), .ready(m_ready), .data(m_data), .stays(m_stays));
for (genvar b = 0; b < BITS / 8; b++) begin : octets
  assign wanted[8*b+:8] = s_keep[b] ? s_data[8*b+:8] : 8'd0;
  assign need[b] = number != BEATS - 1 || b < REST;
end
assign room_stays = !had_room || mark_ready;
logic passes, lacks_now;
assign passes = m_valid && m_ready;
assign lacks_now = ended || (need & ~s_keep) != '0;
always_ff @(posedge clk) begin
  had_room <= mark_ready && !mark_valid;
  if (passes) begin
    number <= number == BEATS - 1 ? '0 : number + 1;
    ended <= number != BEATS - 1 && (ended || s_last);
    missing <= number != BEATS - 1 && (missing || lacks_now);
  end
  if (rst) begin
    number <= '0;
    ended <= 1'b0;
    missing <= 1'b0;
    had_room <= 1'b0;
  end
end
always_comb begin
  if (begun) assume (s_stays && room_stays);
  if (begun) begin
    mark_with_the_last_beat : assert (mark_valid == (passes && number == BEATS - 1));
    made_beats : assert (!ended || (!s_ready && (!m_valid || m_data == '0)));
    told : assert (ended == filling && (!mark_valid || mark_last == (ended || s_last)));
    as_it_came : assert (ended || !m_valid || (s_valid && m_data == wanted && s_ready == m_ready));
    short_is_told : assert (missing == lacking && (!mark_valid || mark_short == (missing || lacks_now)));
    held : assert (m_stays);
  end
end
generate
  if (BEATS > 1) begin : inside
    always_comb if (begun) counted_alike : assert (32'(counted.place) == number && number < BEATS);
  end else begin : alone
    always_comb if (begun) assume (number == '0 && !ended && !missing);
  end
endgenerate
