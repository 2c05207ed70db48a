// No spike is lost, doubled or overtaken while `room` is heeded: a watched one leaves when as many have as were ahead of it.
//
//@ induction 1
//@ depth 8
//@ parameters NEURONS=1 WORDS=64
//@ parameters NEURONS=5 WORDS=64
//@ fault in_order: if (fetch) read_address <= => if (fetch && m_ready) read_address <=
//@ fault kept: if (s_valid) memory => if (s_valid && m_valid) memory
//@ fault ring_is_whole: if (s_valid) write_address => if (s_valid && !fetch) write_address
//@ fault held: if (m_ready || !m_valid) m_valid <= fetch; => if (m_ready || s_valid) m_valid <= fetch;
//@ fault room_is_told: (WORDS - NEURONS); => (NEURONS);
localparam int COUNT = ADDRESS_BITS + 1;
(* anyseq *) logic watch;
logic watching, stalled;
logic [11:0] watched_neuron;
logic [19:0] watched_tick;
logic [31:0] was;
logic [COUNT:0] ahead, inside;
always_comb assume (32'(neuron) < NEURONS);
always_comb if (begun && !rst) assume (!(s_valid && stored[ADDRESS_BITS]));
always_ff @(posedge clk) begin
  inside <= inside + s_valid - (m_valid && m_ready);
  if (m_valid && m_ready) begin
    ahead <= ahead - 1'b1;
    if (ahead == '0) watching <= 1'b0;
  end
  if (s_valid && watch && !watching) begin
    watching <= 1'b1;
    watched_neuron <= neuron;
    watched_tick <= tick;
    ahead <= inside - (m_valid && m_ready);
  end
  stalled <= m_valid && !m_ready;
  was <= m_data;
  if (rst) begin
    inside <= '0;
    watching <= 1'b0;
    stalled <= 1'b0;
  end
end
logic [ADDRESS_BITS-1:0] place;
assign place = read_address + ahead - m_valid;
always_comb
  if (begun) begin
    in_order : assert (!(watching && ahead == '0 && m_valid) || m_data == {watched_tick, watched_neuron});
    kept :
    assert (!watching || (ahead < inside && 32'(watched_neuron) < NEURONS && (ahead == '0 && m_valid ||
            memory[place] == {watched_tick, watched_neuron[NUMBER_BITS-1:0]})));
    ring_is_whole :
    assert (inside == stored + m_valid && stored <= (1 << ADDRESS_BITS) && ADDRESS_BITS'(read_address + stored) == write_address);
    held : assert (!stalled || (m_valid && m_data == was));
    room_is_told : assert (room == (stored + NEURONS <= WORDS));
  end
