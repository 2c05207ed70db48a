// The draw is the XOR of the windows of the key's bits; `advance` is 59 single steps of the shift register z^63 + z^31 + 1.
//
//@ induction 2
//@ depth 4
//@ parameters LANES=2 NUMBER=4
//@ parameters LANES=4 NUMBER=5
//@ parameters LANES=1 NUMBER=3
//@ fault draw_of_the_key: COLUMN = 41 => COLUMN = 42
//@ fault steps: state <= {second, first, state[62:59]} => state <= {second, first, state[61:58]}
//@ fault written: state[62:32] <= data[30:0] => state[62:32] <= data[31:1]
logic past, past2, was_advance, was_low, was_high;
logic [62:0] was, single;
logic [31:0] was_data;
logic [41:0] common_key1, common_key2, key;  // {column, from a neuron, visited, who} with the lane's bits zero
logic [LANES-1:0] differs;
always_ff @(posedge clk) begin
  past <= begun;
  past2 <= past && begun;
  was <= state;
  was_advance <= advance;
  was_low <= write_low;
  was_high <= write_high;
  was_data <= data;
  common_key1 <= 42'({column, !from_axon, 12'(visited), 12'(12'(word) << TURN)});
  common_key2 <= common_key1;
  if (!begun) begin
    past <= 1'b0;
    past2 <= 1'b0;
  end
end
logic [25:0] bits;
logic [15:0] draw, walk;
always_comb begin
  for (int l = 0; l < LANES; l++) begin
    bits = common_key2[25:0] | 26'(l);
    draw = state[15:0];
    if (bits[25]) draw = draw ^ state[41+:16];
    for (int b = 12; b < 24; b++) if (bits[b]) draw = draw ^ state[16+b+:16];
    walk = '0;
    if (bits[24]) walk = walk ^ state[40+:16];
    for (int b = TURN; b < 12; b++) if (bits[b]) walk = walk ^ state[16+b+:16];
    draw = draw ^ walk;
    for (int b = 0; b < TURN; b++) if (bits[b]) draw = draw ^ state[16+b+:16];
    differs[l] = draw != draw2[l];
  end
end
always_comb begin
  single = was;
  for (int i = 0; i < 59; i++) single = {single[0] ^ single[31], single[62:1]};
end
logic still1, still2;  // the state was the same for two cycles
always_ff @(posedge clk) begin
  still1 <= begun && !(advance || write_low || write_high);
  still2 <= still1 && begun && !(advance || write_low || write_high);
end
always_comb
  if (begun && past) begin
    draw_of_the_key : assert (!(past2 && still2) || differs == '0);
    steps : assert (!was_advance || state == single);
    written :
    assert (was_advance || (state[31:0] == (was_low ? was_data : was[31:0]) &&
            state[62:32] == (!was_low && was_high ? was_data[30:0] : was[62:32])));
  end
