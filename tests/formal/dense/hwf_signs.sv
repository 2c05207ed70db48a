// The weight of row r and column c of a slot is bit r + c of the sequence, single steps of s[n] = s[n-31] ^ s[n-28], from the slot's first.
//
//@ induction 1
//@ depth 8
//@ parameters PE=1 SIMD=1 BEATS=2 SEED=5
//@ parameters PE=2 SIMD=3 BEATS=2 SEED=77
//@ parameters PE=4 SIMD=5 BEATS=1 SEED=12345
//@ fault weights_of_the_sequence: current[p+:SIMD] => current[0+:SIMD]
//@ fault windows_alike: last_slot ? first : last_beat ? => last_beat ?
//@ fault rows_alike: row <= last_slot ? first : down[KEPT+PE-1:PE] => row <= down[KEPT+PE-1:PE]
function automatic logic [30:0] on(input logic [30:0] from, input int steps);
  on = from;
  for (int i = 0; i < steps; i++) on = {on[0] ^ on[3], on[30:1]};
endfunction
logic [30:0] here, start, given;  // 31 bits from the slot's first, from its rows' first, from that of what is given
logic known;
always_ff @(posedge clk) begin
  if (en) begin
    given <= here;
    known <= 1'b1;
  end
  if (next) begin
    here <= last_slot ? 31'(SEED) : last_beat ? on(start, PE) : on(here, SIMD);
    if (BEATS == 1) start <= last_slot ? 31'(SEED) : last_beat ? on(start, PE) : on(here, SIMD);
    else if (last_beat) start <= last_slot ? 31'(SEED) : on(start, PE);
  end
  if (rst) begin
    here <= 31'(SEED);
    start <= 31'(SEED);
    known <= 1'b0;
  end
end
always_comb if (begun) assume (!last_slot || last_beat);
logic [PE-1:0] wrong;
always_comb for (int p = 0; p < PE; p++) wrong[p] = data[p*SIMD+:SIMD] != SIMD'(on(given, p));
always_comb
  if (begun) begin
    weights_of_the_sequence : assert (!known || wrong == '0);
    windows_alike : assert (window[30:0] == here && (!known || current == SPAN'(given)));
    rows_alike : assert (row[30:0] == start);
  end
