// No word is lost, doubled or overtaken: a word that is watched from when it comes leaves when as many have as were ahead.
//
//@ induction 1
//@ depth 10
//@ parameters WIDTH=2 DEPTH=1
//@ parameters WIDTH=2 DEPTH=2
//@ parameters WIDTH=2 DEPTH=3
//@ parameters WIDTH=2 DEPTH=4
//@ parameters WIDTH=2 DEPTH=5
//@ parameters WIDTH=2 DEPTH=7
//@ parameters WIDTH=2 DEPTH=8
//@ fault offered_while_any_is_in: if (to_head) m_valid <= push;\n        if (second_free) => if (to_head) m_valid <= push && !m_ready;\n        if (second_free)
//@ fault room_while_fewer_than_depth: s_ready <= stored != STORED_BITS'(WORDS - 1); => s_ready <= 1'b1;
//@ fault in_order: second_valid ? second : s_data; => s_data;
//@ fault second_in_order: if (to_spare) spare <= s_data; => spare <= s_data;
//@ fault stored_in_order: if (store) memory[write_address] <= s_data; => memory[write_address] <= s_data;
//@ fault watched_is_in: if (store && !fetch) begin => if (store && !fetch && m_ready) begin
//@ fault head_before_second: to_head = !second_valid && (m_ready || !m_valid); => to_head = m_ready || !m_valid;
//@ fault second_before_stored: assign second_free = !second_valid || m_ready; => assign second_free = m_ready;
//@ fault ring_is_whole: if (store) write_address <= write_address == ADDRESS_BITS'(WORDS - 1) ? '0 : => if (store) write_address <=
//@ fault pair_is_counted: else if (m_ready) second_valid <= 1'b0; => else second_valid <= 1'b0;
//@ fault held: if (m_ready || !m_valid) m_data <= => if (m_ready || s_valid) m_data <=
localparam int COUNT = $clog2(DEPTH + 1);
(* anyseq *) logic watch;
logic watching;
logic [WIDTH-1:0] watched;
logic [COUNT-1:0] ahead, inside;
watched_queue #(.COUNT(COUNT)) queue (
    .clk(clk), .rst(rst), .come(COUNT'(push)), .leave(m_valid && m_ready), .watch(push && watch), .before(COUNT'(0)),
    .watching(watching), .ahead(ahead), .inside(inside)
);
logic stays;
watched_stall #(.WIDTH(WIDTH)) stall (.clk(clk), .rst(rst), .valid(m_valid), .ready(m_ready), .data(m_data), .stays(stays));
always_ff @(posedge clk) if (push && watch && !watching) watched <= s_data;
always_comb
  if (begun) begin
    offered_while_any_is_in : assert (m_valid == (inside != '0));
    room_while_fewer_than_depth : assert (s_ready == (inside < COUNT'(DEPTH)));
    in_order : assert (!(watching && ahead == '0) || (m_valid && m_data == watched));
    second_in_order : assert (!(watching && ahead == COUNT'(1)) || (second_valid && second == watched));
    watched_is_in : assert (!watching || ahead < inside);
    head_before_second : assert (!second_valid || m_valid);
    held : assert (stays);
  end
generate
  if (DEPTH > 2) begin : in_memory
    localparam int PLACE = DEPTH > 3 ? $clog2(DEPTH - 2) : 1;
    logic [31:0] place, span;
    assign place = (32'(deep.read_address) + 32'(ahead) - 32'd2) % (DEPTH - 2);
    assign span = (32'(deep.read_address) + 32'(deep.stored)) % (DEPTH - 2);
    always_comb
      if (begun) begin
        second_before_stored : assert (deep.stored == '0 || second_valid);
        ring_is_whole :
        assert (inside == COUNT'(deep.stored) + COUNT'(second_valid) + COUNT'(m_valid) && 32'(deep.stored) <= DEPTH - 2 &&
                32'(deep.read_address) < DEPTH - 2 && span == 32'(deep.write_address));
        stored_in_order :
        assert (!(watching && ahead > COUNT'(1)) || deep.memory[place[PLACE-1:0]] == watched);
      end
  end else begin : in_pair
    always_comb if (begun) pair_is_counted : assert (inside == COUNT'(second_valid) + COUNT'(m_valid));
  end
endgenerate
