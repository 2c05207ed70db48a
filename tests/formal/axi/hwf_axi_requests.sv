// If the system holds beats that stand, and the application ends no request but one under way: a request that is handed on came whole and is
// one that may be, its header and a watched byte of its payload as they came; others are answered as they must be. Each request gives one
// reply, marked if it came short, and each packet one TLAST. A reply's first word is status and length, a watched byte behind it what the
// application gave, or zero behind the last; it has no more words than that. A beat that stands is held, also while all else is
// forgotten. Nothing but the system and the application is waited for longer than three cycles.
//
//@ induction 1
//@ depth 9
//@ fault handed_on_if_right: if (lacked || request_length > 8'd240) => if (request_length > 8'd240)
//@ fault asked_as_it_came: if (state == ADDRESS) request_address => if (state != HEAD) request_address
//@ fault payload_as_it_came: assign p_data = m_data[{lane, 3'd0}+:8]; => assign p_data = m_data[{lane & 2'd1, 3'd0}+:8];
//@ fault all_of_the_payload: (state == PAYLOAD ? 8'd4 : 8'd1) => (state == PAYLOAD ? 8'd4 : 8'd2)
//@ fault answered_as_said: request_operation > STREAM) verdict = BAD_OPERATION; => request_operation > STREAM) verdict = BAD_LENGTH;
//@ fault told_with_the_last_word: assign request_short = request_in && shorter; => assign request_short = beat && shorter;
//@ fault one_reply_each: ending <= word == top; => ending <= word == FRONT;
//@ fault one_end_each: m_last <= word == top && last; => m_last <= word == top;
//@ fault header_first: i == 1 ? reply_length : '0; => i == 1 ? reply_length : status;
//@ fault bytes_as_given: i == 0 || reply_length[1:0] != '0 ? r_data : '0; => r_data;
//@ fault marked_if_short: lacked <= shorter; => lacked <= lacks;
//@ fault ends_where_it_ends: else if (r_taken) top <= reply_length[7:2]; => else if (r_valid) top <= reply_length[7:2];
//@ fault held: ((state == HEAD && !m_valid) => (state == HEAD
//@ fault nothing_while_reset: assign open = !rst && !clear; => assign open = !rst;
//@ fault waits_for_others_only: FINISH: state <= SEND; => FINISH: if (s_valid) state <= SEND;
//@ fault comes_in_step: else if (state == HEAD || state == ADDRESS || request_in) word => else if (state == HEAD || request_in) word
//@ fault payload_kept: replies ? reply_length[7:2] : word}; => replies ? reply_length[7:2] : word ^ 6'(s_last)};
//@ fault payload_read: (p_taken && lane == '1); => (p_taken && lane == '0);
//@ fault reply_kept: replies ? reply_length[7:2] : word}; => replies ? reply_length[6:1] : word};
//@ fault sent_in_step: if (state == FINISH) word <= FRONT; => if (state == FINISH) word <= '0;
logic s_stays, m_stays;
watched_stall #(.WIDTH(37)) stall_s (
    .clk(clk), .rst(rst || clear), .valid(s_valid), .ready(s_ready), .data({s_data, s_keep, s_last}), .stays(s_stays)
);
watched_stall #(.WIDTH(34)) stall_m (
    .clk(clk), .rst(rst), .valid(m_valid), .ready(m_ready), .data({m_data, m_last, m_user}), .stays(m_stays)
);

// The request as it comes: `number` words of it were taken, and something of these is missing.
logic [6:0] number, words;
logic [7:0] operation, length, length_now;
logic [31:0] address;
logic missing, ended, whole_now, lacks_now, done_now;
logic [3:0] need;
assign length_now = number != '0 ? length : s_keep[1] ? s_data[15:8] : 8'd0;
assign words = 7'd2 + 7'((9'(length) + 9'd3) >> 2);
assign whole_now = number != '0 && number + 7'd1 == words;
assign done_now = whole_now || s_last;
for (genvar b = 0; b < 4; b++) begin : bytes
  assign need[b] = number == '0 ? b < 2 : number == 7'd1 || 9'({number - 7'd2, 2'd0}) + b < 9'(length);
end
assign lacks_now = (number != '0 && missing) || (need & ~s_keep) != '0 || (s_last && !whole_now);
logic takes, handed;
logic [1:0] requests, packets;  // taken, and their replies, or the last of these, are still to leave
assign takes = s_valid && s_ready;
always_ff @(posedge clk) begin
  if (takes) begin
    number <= done_now ? '0 : number + 7'd1;
    missing <= lacks_now;
    ended <= s_last;
    length <= length_now;
    if (number == '0) operation <= s_data[7:0];
    if (number == 7'd1) address <= s_data;
  end
  requests <= requests + 2'(takes && done_now) - 2'(reply_out);
  packets <= packets + 2'(takes && s_last) - 2'(packet_out);
  if (clear) begin
    number <= '0;
    requests <= 2'(m_valid && !m_ready && ending);
    packets <= 2'(m_valid && !m_ready && m_last);
  end
  if (rst) begin
    number <= '0;
    requests <= '0;
    packets <= '0;
  end
end

// What must be said of it, and what is.
logic [7:0] must, answer;
always_comb begin
  must = OK;
  if (operation == READ && address < 32'h100) must = BAD_ADDRESS;
  if (operation != 8'd2 && operation != 8'd3 && operation != 8'd4) must = BAD_OPERATION;
  if (missing || length > 8'd240) must = BAD_LENGTH;
end
logic under_way, gives;
assign under_way = state >= JUDGE && state <= SEND;
assign gives = under_way && state != JUDGE;

// A byte of the payload, and one of the reply.
(* anyconst *) logic [7:0] watched, watched_back;
logic [7:0] came, gave, read_bytes, given;
logic [6:0] sent;  // words of the reply
always_ff @(posedge clk) begin
  if (takes && number == 7'd2 + 7'(watched[7:2])) came <= s_data[{watched[1:0], 3'd0}+:8];
  if (p_valid && p_ready) read_bytes <= read_bytes + 1'b1;
  if (r_valid && r_ready) given <= given + 1'b1;
  if (r_valid && r_ready && given == watched_back) gave <= r_data;
  if (request_valid && request_done) answer <= reply_status;
  if (send) sent <= sent + 1'b1;
  if (state == JUDGE) begin
    read_bytes <= '0;
    given <= '0;
    sent <= '0;
    answer <= must;
  end
end
logic [7:0] back;
assign back = given > watched_back ? gave : 8'd0;
logic [6:0] final_word_sent;
assign final_word_sent = 7'((9'(given) + 9'd3) >> 2);

// What stands at m was sent so.
logic was_header, was_watched, was_end, was_last, was_short;
logic [7:0] was_back;
logic [31:0] was_head;
always_ff @(posedge clk)
  if (send) begin
    was_header <= sent == '0;
    was_head <= {16'd0, given, answer};
    was_watched <= sent == 7'd1 + 7'(watched_back[7:2]);
    was_back <= back;
    was_end <= sent == final_word_sent;
    was_last <= sent == final_word_sent && ended;
    was_short <= sent == final_word_sent && missing;
  end

// What of this lies where, so that one cycle leads to the next.
logic [31:0] came_word, back_word;
assign came_word = memory[{1'b0, watched[7:2]}];
assign back_word = memory[{1'b1, watched_back[7:2]}];
logic is_here, is_back;
assign is_here = state == PAYLOAD ? watched[7:2] < word : (state == JUDGE || request_valid) && !missing && watched < length;
assign is_back = gives && given > {watched_back[7:2], 2'd0};

logic [2:0] silent;  // cycles in a row in which nobody is waited for
logic waits;
assign waits = rst || clear || s_ready || request_valid || m_valid;
always_ff @(posedge clk) silent <= waits ? '0 : silent + 1'b1;

always_comb begin
  assume (watched < 8'd240 && watched_back < 8'd240);
  if (begun) assume (s_stays);
  if (begun && !rst && !clear) assume (!request_done || request_valid);
  if (begun) begin
    handed_on_if_right : assert (!request_valid || must == OK);
    asked_as_it_came :
    assert (!request_valid || {request_operation, request_address, request_length} == {operation, address, length});
    payload_as_it_came : assert (!p_valid || read_bytes != watched || p_data == came);
    all_of_the_payload :
    assert (!request_valid || (read_bytes <= length && p_more == (read_bytes != length) && p_valid == p_more));
    answered_as_said : assert (!(state == FINISH || state == SEND) || status == answer);
    told_with_the_last_word :
    assert (request_in == (takes && done_now) && request_short == (request_in && lacks_now));
    one_reply_each : assert (requests == 2'(under_way) + 2'(m_valid && ending) && requests <= 2'd1);
    one_end_each : assert (packets == 2'(under_way && ended) + 2'(m_valid && m_last) && packets <= 2'd1);
    header_first : assert (!m_valid || !was_header || m_data == was_head);
    bytes_as_given : assert (!m_valid || !was_watched || m_data[{watched_back[1:0], 3'd0}+:8] == was_back);
    marked_if_short : assert (!m_valid || m_user == was_short);
    ends_where_it_ends : assert (!m_valid || ({m_last, ending} == {was_last, was_end} && (ending || !m_last)));
    held : assert (m_stays);
    nothing_while_reset : assert (!(rst || clear) || !s_ready);
    waits_for_others_only :
    assert (silent <= 3'd3 && (waits || silent <= (state == FINISH ? 3'd1 : state == SEND ? 3'd2 : 3'd0)));

    comes_in_step :
    assert (state <= SEND && number == (state == ADDRESS ? 7'd1 : state == PAYLOAD ? 7'd2 + 7'(word) : 7'd0) &&
            (state != JUDGE || word == '0) && (state != PAYLOAD || (left == length - {word, 2'd0} && {word, 2'd0} < length)) &&
            (state == HEAD || ({request_operation, request_length, lacked, last} == {operation, length, missing, ended} &&
             (state == ADDRESS || missing || request_address == address))));
    payload_kept : assert (!is_here || came_word[{watched[1:0], 3'd0}+:8] == came);
    payload_read :
    assert (!request_valid || (left == length - read_bytes && {word, lane} == read_bytes + 8'd4 &&
            (!is_here || watched[7:2] != read_bytes[7:2] || m_data[{watched[1:0], 3'd0}+:8] == came)));
    reply_kept :
    assert (!gives || (reply_length == given && given <= 8'd240 && top == (given == '0 ? FRONT : 6'((given - 8'd1) >> 2)) &&
            (!is_back || back_word[{watched_back[1:0], 3'd0}+:8] == back)));
    sent_in_step :
    assert ((!gives || m_valid == (state == SEND && sent != '0)) && (!m_valid || state == HEAD || (state == SEND && !ending)) &&
            (!gives || state == SEND || sent == '0) && (state != SEND || (sent <= final_word_sent && word == 6'(sent - 7'd1) &&
             memory[{1'b1, FRONT}] == {16'd0, given, answer})));
  end
end
