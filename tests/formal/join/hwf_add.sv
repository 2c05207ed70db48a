// Each beat is the sum, or the product, of the branches' beats, once, in order, held while it is stalled; branches leave together.
//
//@ induction 1
//@ depth 6
//@ parameters BRANCHES=2 ROWS=2 PE=2 X_BITS=3 SUM_BITS=4 Y_BITS=4
//@ parameters BRANCHES=3 ROWS=2 PE=1 X_BITS=3 SUM_BITS=5 Y_BITS=5
//@ parameters BRANCHES=2 ROWS=2 PE=1 X_BITS=3 SUM_BITS=6 Y_BITS=6 PRODUCT=1
//@ fault sum_of_the_branches: branch[b-1].upto + term => branch[b-1].upto - term
//@ fault one_for_each: EARLIER'({filled, taken}) => EARLIER'({filled, taken || filled[0]})
//@ fault together: s_ready = {BRANCHES{taken}} => s_ready = {BRANCHES{en}}
//@ fault held: if (en) sum <= => sum <=
//@ fault inputs_alike: if (en) x <= s_data; => x <= s_data;
(* anyconst *) logic [7:0] watched;
always_comb assume (watched < PE);
logic [1:0] holds;
logic [BRANCHES*PE*X_BITS-1:0] first, second;
logic moves;
logic stays;
watched_stall #(.WIDTH(PE*Y_BITS)) stall (.clk(clk), .rst(rst), .valid(m_valid), .ready(m_ready), .data(m_data), .stays(stays));
assign moves = m_ready || !holds[1];
always_ff @(posedge clk) begin
  if (moves) begin
    holds <= {holds[0], &s_valid};
    first <= s_data;
    second <= first;
  end
  if (rst) holds <= '0;
end
logic signed [31:0] total, element;
logic [X_BITS-1:0] raw;
always_comb begin
  total = PRODUCT != 0 ? 1 : 0;
  for (int b = 0; b < BRANCHES; b++) begin
    raw = second[(b*PE+watched)*X_BITS+:X_BITS];
    element = {{32{raw[X_BITS-1]}}, raw};
    if (PRODUCT != 0) total = total * element;
    else total = total + element;
  end
end
always_comb
  if (begun) begin
    sum_of_the_branches : assert (!m_valid || m_data[watched*Y_BITS+:Y_BITS] == total[Y_BITS-1:0]);
    one_for_each : assert (several.filled == holds[0] && m_valid == holds[1]);
    together : assert (s_ready == {BRANCHES{moves && &s_valid}});
    held : assert (stays);
    inputs_alike : assert (!holds[0] || x == first);
  end
