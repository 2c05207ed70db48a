// `last` comes with every COUNT-th beat since reset, and with no other.
//
//@ induction 1
//@ depth 12
//@ parameters COUNT=1
//@ parameters COUNT=2
//@ parameters COUNT=3
//@ parameters COUNT=5
//@ parameters COUNT=8
//@ fault with_every_count_th: done == BITS'(COUNT - 1) => done == BITS'(COUNT - 2)
//@ fault counted_alike: last ? '0 : done + 1'b1 => done + 1'b1
logic [31:0] beats;
always_ff @(posedge clk) begin
  if (beat) beats <= beats == COUNT - 1 ? '0 : beats + 1'b1;
  if (rst) beats <= '0;
end
always_comb if (begun) with_every_count_th : assert (last == (beat && beats == COUNT - 1));
generate
  if (COUNT > 1) begin : inside
    always_comb if (begun) counted_alike : assert (32'(counted.done) == beats && beats < COUNT);
  end else begin : nothing
    always_comb if (begun) assume (beats == '0);
  end
endgenerate
