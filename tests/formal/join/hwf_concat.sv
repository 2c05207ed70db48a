// The beats of branch 0's vector leave, then those of branch 1's, and so on: each when it is its branch's turn, unchanged.
//
//@ induction 1
//@ depth 10
//@ parameters BRANCHES=2 WIDTH=2 S_BITS=4 BEATS=64'h0000000200000003
//@ parameters BRANCHES=3 WIDTH=1 S_BITS=3 BEATS=96'h000000010000000200000003
//@ parameters BRANCHES=1 WIDTH=2 S_BITS=2 BEATS=32'h00000002
//@ fault of_its_turn: assign s_ready = BRANCHES'(m_ready) << turn; => assign s_ready = BRANCHES'(m_ready && m_valid) << (turn == '0 ? '0 : turn - 1'b1);
//@ fault unchanged: s_data[int'(turn)*WIDTH+:WIDTH] => s_data[0+:WIDTH]
//@ fault offered: m_valid = s_valid[turn] => m_valid = |s_valid
//@ fault in_turn_counted: beat <= last ? '0 : beat + 1'b1; => beat <= beat + 1'b1;
//@ fault held: assign m_data = s_data[int'(turn)*WIDTH+:WIDTH]; => assign m_data = s_data[int'(turn)*WIDTH+:WIDTH] ^ WIDTH'(m_ready);
logic [31:0] branch, place;  // whose turn it is, and which beat
logic stays;
watched_stall #(.WIDTH(WIDTH)) stall (.clk(clk), .rst(rst), .valid(m_valid), .ready(m_ready), .data(m_data), .stays(stays));
always_ff @(posedge clk) begin
  if (m_valid && m_ready) begin
    place <= place + 1 == BEATS[branch*32+:32] ? '0 : place + 1;
    if (place + 1 == BEATS[branch*32+:32]) branch <= branch == BRANCHES - 1 ? '0 : branch + 1;
  end
  if (rst) begin
    branch <= '0;
    place <= '0;
  end
end
generate
  for (genvar b = 0; b < BRANCHES; b++) begin : of_branch
    logic waits;
    watched_stall #(.WIDTH(WIDTH)) wait_for_turn (
        .clk(clk), .rst(rst), .valid(s_valid[b]), .ready(s_ready[b]), .data(s_data[b*WIDTH+:WIDTH]), .stays(waits)
    );
    always_comb assume (waits);
  end
endgenerate
always_comb
  if (begun) begin
    offered : assert (m_valid == s_valid[branch[3:0]]);
    unchanged : assert (m_data == s_data[branch*WIDTH+:WIDTH]);
    of_its_turn : assert (s_ready == (m_ready ? BRANCHES'(1) << branch : '0));
    held : assert (stays);
    in_turn_counted : assert (32'(in_turn.turn) == branch && in_turn.beat == place && branch < BRANCHES && place < BEATS[branch*32+:32]);
  end
