// No spike, and no pair of counts, is lost, doubled or overtaken while `room` is heeded: a watched one leaves when as many have as were ahead of it.
//
//@ induction 1
//@ depth 8
//@ parameters NEURONS=1 WORDS=64
//@ parameters NEURONS=5 WORDS=64
//@ parameters NEURONS=5 WORDS=64 COUNTING=1
//@ fault in_order: if (fetch) read_address <= => if (fetch && m_ready) read_address <=
//@ fault kept: if (push) memory => if (push && m_valid) memory
//@ fault ring_is_whole: if (push) write_address => if (push && !fetch) write_address
//@ fault held: if (m_ready || !m_valid) m_valid <= fetch; => if (m_ready || s_valid) m_valid <= fetch;
//@ fault room_is_told: (WORDS - NEURONS); => (NEURONS);
localparam int COUNT = ADDRESS_BITS + 1;
(* anyseq *) logic watch;
logic watching;
logic [31:0] word, watched_word;
logic [WIDTH-1:0] watched_kept;  // as it lies in the memory
assign word = COUNTING != 0 && counts_valid ? counts : {tick, neuron};
logic [COUNT:0] ahead, inside;
watched_queue #(.COUNT(COUNT + 1)) queue (
    .clk(clk), .rst(rst), .come((COUNT + 1)'(push)), .leave(m_valid && m_ready), .watch(push && watch),
    .before((COUNT + 1)'(0)), .watching(watching), .ahead(ahead), .inside(inside)
);
logic stays;
watched_stall #(.WIDTH(32)) stall (.clk(clk), .rst(rst), .valid(m_valid), .ready(m_ready), .data(m_data), .stays(stays));
always_comb assume (32'(neuron) < NEURONS);
always_comb if (begun && !rst) assume (!(push && stored[ADDRESS_BITS]));
always_ff @(posedge clk) begin
  if (push && watch && !watching) begin
    watched_word <= word;
    watched_kept <= given;
  end
end
logic [ADDRESS_BITS-1:0] place;
assign place = read_address + ahead - m_valid;
always_comb
  if (begun) begin
    in_order : assert (!(watching && ahead == '0 && m_valid) || m_data == watched_word);
    kept :
    assert (!watching || (ahead < inside && (COUNTING != 0 ? watched_kept == WIDTH'(watched_word) :
            32'(watched_word[13:0]) < NEURONS && watched_kept == WIDTH'({watched_word[31:14], watched_word[NUMBER_BITS-1:0]})) &&
            (ahead == '0 && m_valid || memory[place] == watched_kept)));
    ring_is_whole :
    assert (inside == stored + m_valid && stored <= (1 << ADDRESS_BITS) && ADDRESS_BITS'(read_address + stored) == write_address);
    held : assert (stays);
    room_is_told : assert (room == (stored + NEURONS <= WORDS));
  end
