// y is the sum of the terms that came STAGES cycles before in which `en` was high, and is held while it is low.
//
//@ induction 1
//@ depth 6
//@ parameters TERMS=4 X_BITS=3 LEVELS=2
//@ parameters TERMS=3 X_BITS=4 LEVELS=2
//@ parameters TERMS=5 X_BITS=3 LEVELS=3
//@ parameters TERMS=2 X_BITS=5 LEVELS=1
//@ fault sum_of_the_terms: + BITS'(tree[level-1].node[2*i+1].value) => - BITS'(tree[level-1].node[2*i+1].value)
logic known;
logic [TERMS*X_BITS-1:0] terms;
logic signed [31:0] total, told;
always_ff @(posedge clk) begin
  if (en) begin
    terms <= x;
    known <= 1'b1;
  end
  if (!begun) known <= 1'b0;
end
always_comb begin
  total = '0;
  for (int i = 0; i < TERMS; i++) total = total + $signed({{32{terms[i*X_BITS+X_BITS-1]}}, terms[i*X_BITS+:X_BITS]});
  told = $signed({{32{y[Y_BITS-1]}}, y});
end
always_comb if (begun) sum_of_the_terms : assert (!known || told == total);
