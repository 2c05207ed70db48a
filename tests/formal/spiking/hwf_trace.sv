// The trace after a tick is what docs/neuron.md says, for every trace, decay and step, and for every value with GRADED, where the
// rule and the step stay.
//
//@ induction 2
//@ depth 3
//@ parameters BITS=4
//@ parameters BITS=6
//@ parameters BITS=4 GRADED=1
//@ fault raised_as_written: raised3 <= sum[BITS] ? '1 : sum[BITS-1:0]; => raised3 <= sum[BITS-1:0];
//@ fault raised_as_written: sum[BITS+8:BITS] != '0 ? => sum[BITS] ?
//@ fault raised_as_written: 8'(spike1 != '0) : spike1; => spike1 : spike1;
logic [BITS-1:0] q2s, faded_s, wanted;
logic [15:0] decay2;
logic [VALUE-1:0] spike2s;
logic past;
logic [BITS+15:0] lost;
logic [BITS+8:0] added_s;
assign lost = (BITS + 16)'(q2s) * (BITS + 16)'(decay2) + 65535;
assign faded_s = q2s - lost[BITS+15:16];
assign added_s = (BITS + 9)'(faded_s) + (BITS + 9)'(spike2s) * (BITS + 9)'(step);
always_ff @(posedge clk) begin
  q2s <= q1;
  decay2 <= decay;
  spike2s <= spike1;
  past <= begun;
  if (rectangular) wanted <= spike2s != '0 ? step : q2s == '0 ? '0 : q2s - 1'b1;
  else if (nearest) wanted <= spike2s != '0 ? step : faded_s;
  else wanted <= added_s[BITS+8:BITS] != '0 ? '1 : added_s[BITS-1:0];
  if (!begun) past <= 1'b0;
end
logic [BITS+1:0] rule, rule_before;
assign rule = {rectangular, nearest, step};
always_ff @(posedge clk) rule_before <= rule;
always_comb if (GRADED != 0 && begun) assume (rule == rule_before);
always_comb if (begun && past) raised_as_written : assert (raised3 == wanted);
