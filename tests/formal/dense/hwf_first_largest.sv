// The class is the first of those whose score is largest; each vector gives one, in order, held while it is stalled.
//
//@ induction 1
//@ depth 4
//@ parameters ROWS=3 X_BITS=4 X_SIGNED=1 SCORE_BITS=6
//@ parameters ROWS=4 X_BITS=3 X_SIGNED=0 SCORE_BITS=5
//@ parameters ROWS=3 X_BITS=3 SCORE_BITS=6 GAINS=18'b000011000001000010 OFFSETS=18'b000001111111000000
//@ parameters ROWS=1 X_BITS=3 SCORE_BITS=4
//@ fault first_of_the_largest: OFFSETS[i*SCORE_BITS+:SCORE_BITS]; => OFFSETS[0+:SCORE_BITS];
//@ fault one_for_each: assign s_ready = en; => assign s_ready = 1'b1;
//@ fault held: assign en = m_ready || !m_valid; => assign en = 1'b1;
logic [ROWS*X_BITS-1:0] vector;
logic waits;
logic stays;
watched_stall #(.WIDTH(Y_BITS)) stall (.clk(clk), .rst(rst), .valid(m_valid), .ready(m_ready), .data(m_data), .stays(stays));
always_ff @(posedge clk) begin
  if (s_valid && s_ready) vector <= s_data;
  waits <= s_valid && s_ready || waits && !m_ready;
  if (rst) waits <= 1'b0;
end
logic signed [31:0] best, told;
logic [31:0] which;
always_comb begin
  which = '0;
  best = '0;
  told = '0;
  for (int i = 0; i < ROWS; i++) begin
    told = X_SIGNED != 0 ? {{32{vector[i*X_BITS+X_BITS-1]}}, vector[i*X_BITS+:X_BITS]} : {32'd0, vector[i*X_BITS+:X_BITS]};
    told = told * $signed({{32{GAINS[i*SCORE_BITS+SCORE_BITS-1]}}, GAINS[i*SCORE_BITS+:SCORE_BITS]}) +
           $signed({{32{OFFSETS[i*SCORE_BITS+SCORE_BITS-1]}}, OFFSETS[i*SCORE_BITS+:SCORE_BITS]});
    if (i == 0 || told > best) begin
      best = told;
      which = i;
    end
  end
end
always_comb
  if (begun) begin
    first_of_the_largest : assert (!m_valid || 32'(m_data) == which);
    one_for_each : assert (m_valid == waits && s_ready == (m_ready || !waits));
    held : assert (stays);
  end
