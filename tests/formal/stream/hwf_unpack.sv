// No element is lost, doubled or overtaken: a watched piece of a wide beat leaves when as many have as were ahead of it, with
// the elements of its vector, and zeros beyond COUNT.
//
//@ induction 1
//@ depth 10
//@ parameters ELEMENT=1 IN=4 OUT=2 COUNT=8
//@ parameters ELEMENT=2 IN=6 OUT=2 COUNT=9
//@ parameters ELEMENT=1 IN=5 OUT=2 COUNT=5
//@ parameters ELEMENT=1 IN=4 OUT=1 COUNT=6
//@ fault in_order: if (advance) m_data <= first_valid ? first : next; => if (advance) m_data <= next;
//@ fault waits_in_order: else if (shift) rest <= rest >> PIECE_BITS; => else if (shift) rest <= rest >> 1;
//@ fault counted: if (push) left <= last_beat ? LEFT_BITS'(LAST_PIECES - 1) => if (push) left <= last_beat ? LEFT_BITS'(PIECES - 1)
//@ fault one_for_each: assign s_ready = !first_valid && !any_left; => assign s_ready = !first_valid;
//@ fault beats_alike: if (push) index <= => if (push && m_ready) index <=
//@ fault held: assign advance = m_ready || !m_valid; => assign advance = m_ready || s_valid;
(* anyseq *) logic [7:0] which;  // a piece of the beat that comes
logic watching;
logic [PIECE_BITS-1:0] watched;
logic [7:0] ahead, inside, pieces;
logic [31:0] number;  // of the wide beat in its vector
logic [PIECE_BITS-1:0] piece;
logic [IN*ELEMENT-1:0] real_part;  // the elements that belong to the vector
assign pieces = number == BEATS - 1 ? LAST_PIECES : PIECES;
assign real_part = number == BEATS - 1 ? s_data & ((IN * ELEMENT)'((65'd1 << (TAIL * ELEMENT)) - 65'd1)) : s_data;
assign piece = real_part >> (which * PIECE_BITS);
watched_queue #(.COUNT(8)) queue (
    .clk(clk), .rst(rst), .come(push ? pieces : 8'd0), .leave(m_valid && m_ready), .watch(push && which < pieces),
    .before(which), .watching(watching), .ahead(ahead), .inside(inside)
);
logic stays;
watched_stall #(.WIDTH(PIECE_BITS)) stall (.clk(clk), .rst(rst), .valid(m_valid), .ready(m_ready), .data(m_data), .stays(stays));
always_ff @(posedge clk) begin
  if (push) number <= number == BEATS - 1 ? '0 : number + 1;
  if (push && !watching && which < pieces) watched <= piece;
  if (rst) number <= '0;
end
logic [PIECE_BITS-1:0] in_rest;
logic [7:0] at;
assign at = ahead - 8'd1 - 8'(first_valid);
assign in_rest = many.rest >> (at * PIECE_BITS);
always_comb
  if (begun) begin
    in_order : assert (!(watching && ahead == '0) || (m_valid && m_data == watched));
    waits_in_order :
    assert (!(watching && ahead != '0) || (first_valid && ahead == 8'd1 ? first == watched : in_rest == watched));
    counted :
    assert (inside == 8'(m_valid) + 8'(first_valid) + 8'(many.left) && (!watching || ahead < inside) && 8'(many.left) < PIECES &&
            (m_valid || !first_valid && !any_left) && number < BEATS && last_beat == (number == BEATS - 1));
    one_for_each : assert (s_ready == (inside <= 8'd1 && !first_valid));
    held : assert (stays);
  end
generate
  if (BEATS > 1) begin : inside_beats
    always_comb if (begun) beats_alike : assert (32'(count_beats.index) == number);
  end
endgenerate
