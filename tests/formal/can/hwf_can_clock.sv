// After n cycles `now` is n 1,000,000 / CLOCK_HZ, rounded down, modulo 2^47.
//
//@ induction 1
//@ depth 40
//@ parameters CLOCK_HZ=1000000
//@ parameters CLOCK_HZ=12000000
//@ parameters CLOCK_HZ=27000000
//@ parameters CLOCK_HZ=12500000
//@ fault exact: if (whole) now <= => if (whole && !part[0]) now <=
//@ fault rest_is_less: part >= PART_BITS'(MODULUS - STEP) => part > PART_BITS'(MODULUS - STEP)
logic [46:0] parts;
initial parts = '0;
always_ff @(posedge clk) parts <= parts + 47'(STEP);
always_comb begin
  exact : assert (parts == now * 47'(MODULUS) + 47'(part));
  rest_is_less : assert (32'(part) < MODULUS);
end
