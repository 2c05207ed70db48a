// y = sgn(q) (|q| - ceil(|q| d / 65536)), for every q and d.
//
//@ induction 1
//@ depth 2
//@ parameters BITS=4
//@ parameters BITS=5
//@ fault rounds_toward_zero: product[15:0] != '0 => product[14:0] != '0
logic signed [BITS-1:0] was_q;
logic [15:0] was_d;
logic signed [BITS+1:0] size, faded, wanted, told;
logic [BITS+17:0] taken;
always_ff @(posedge clk) begin
  was_q <= q;
  was_d <= d;
end
logic signed [BITS+1:0] wide_q;
assign wide_q = was_q;
assign told = y;
assign size = was_q[BITS-1] ? -wide_q : wide_q;
assign taken = {16'd0, size} * {{(BITS + 2) {1'b0}}, was_d} + 65535;
assign faded = size - taken[BITS+17:16];
assign wanted = was_q[BITS-1] ? -faded : faded;
always_comb if (begun) rounds_toward_zero : assert (told == wanted);
