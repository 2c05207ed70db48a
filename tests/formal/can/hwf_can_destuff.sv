// The bits that are taken are those of a list of the last five sampled ones: the sixth behind five equal ones is a stuff bit,
// and an error where it is equal too.
//
//@ induction 1
//@ depth 10
//@ fault taken_unless_stuff: stuff = equal == 3'd5 => stuff = equal == 3'd4
//@ fault error_if_equal: && bit_level == last; => && bit_level != last;
//@ fault counted_alike: equal <= 3'd1;\n      last  <= 1'b0; => equal <= 3'd0;\n      last  <= 1'b0;
logic started, was_stuff;
logic [4:0] levels;  // of the latest samples since SOF, those before it made to differ from it
logic [2:0] length;
logic five;
assign five = length == 3'd5;
always_ff @(posedge clk) begin
  if (restart) begin
    started <= 1'b1;
    length <= 3'd1;
    levels <= '0;
  end else if (bit_sample) begin
    levels <= {levels[3:0], bit_level};
    length <= five || levels[0] != bit_level ? 3'd1 : length + 1'b1;
  end
  if (!begun) started <= 1'b0;
end
always_comb
  if (begun && started) begin
    taken_unless_stuff : assert (taken == (bit_sample && !five));
    error_if_equal : assert (error == (bit_sample && five && bit_level == levels[0]));
    counted_alike : assert (equal == length && last == levels[0] && length >= 1 && length <= 5);
  end
