// A bit is sampled once: between two samples a bit begins, no cycle is both, and the sampled level is the line's at the sample.
//
//@ induction 2
//@ depth 12
//@ fault never_both: bit_sample <= tick && samples; => bit_sample <= tick && (samples || starts);
//@ fault sampled_once: left_next = 9'(seg2); => left_next = 9'(seg2);\n        sampled_next = 1'b0;
//@ fault level_of_the_line: if (samples) bit_level <= line; => if (samples) bit_level <= !line;
//@ fault registered_twice: assign line = !low[1]; => assign line = !low[0];
logic since, was_sample, was_line, settled, first, second, was_rst;
always_ff @(posedge clk) begin
  if (bit_sample) since <= 1'b1;
  if (bit_start) since <= 1'b0;
  was_line <= line;
  first <= can_rx;
  second <= first;
  settled <= begun;
  was_rst <= rst;
  if (!begun) settled <= 1'b0;
  if (rst) since <= 1'b0;
end
always_comb assume (seg1 != '0 && seg2 != '0 && sjw != '0 && sjw <= seg1 && sjw <= seg2);
always_comb
  if (begun) begin
    never_both : assert (!(bit_start && bit_sample));
    sampled_once : assert (!(bit_sample && since) && (sampled == (since && !bit_start || bit_sample)));
    level_of_the_line : assert (!bit_sample || bit_level == was_line);
    registered_twice : assert (!settled || line == second);
  end
