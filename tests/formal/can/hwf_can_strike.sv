// After a strike the line is low from the next bit on, for six bits, whatever comes meanwhile, and is high at all other times.
//
//@ induction 1
//@ depth 24
//@ fault six_bits: left <= 3'd6 => left <= 3'd5
//@ fault low_after_a_strike: if (wanted) left => if (wanted && strike) left
//@ fault high_else: dominant <= wanted || left > 3'd1; => dominant <= wanted || left > 3'd1 || strike;
//@ fault counted_alike: (strike && !dominant && !wanted); => (strike && !wanted);
logic asked;
logic [2:0] bits;  // of the flag that are left, this one included
always_ff @(posedge clk) begin
  if (bit_start) bits <= asked ? 3'd6 : bits == '0 ? '0 : bits - 1'b1;
  asked <= asked && !bit_start || strike && bits == '0 && !asked;
  if (rst) begin
    asked <= 1'b0;
    bits <= '0;
  end
end
always_comb
  if (begun) begin
    six_bits : assert (left == bits && bits <= 3'd6);
    low_after_a_strike : assert (!(bits != '0) || !can_tx);
    high_else : assert (!(bits == '0) || can_tx);
    counted_alike : assert (wanted == asked && !(asked && bits != '0));
  end
