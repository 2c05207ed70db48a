// The trace after a tick is what docs/neuron.md says, for every trace, decay and step.
//
//@ induction 2
//@ depth 3
//@ parameters BITS=4
//@ parameters BITS=6
//@ fault raised_as_written: raised3 <= sum[BITS] ? '1 : sum[BITS-1:0]; => raised3 <= sum[BITS-1:0];
logic [BITS-1:0] q2s, faded_s, wanted;
logic [15:0] decay2;
logic spike2s, past;
logic [BITS+15:0] lost;
logic [BITS:0] added;
assign lost = (BITS + 16)'(q2s) * (BITS + 16)'(decay2) + 65535;
assign faded_s = q2s - lost[BITS+15:16];
assign added = (BITS + 1)'(faded_s) + (BITS + 1)'(spike2s ? step : '0);
always_ff @(posedge clk) begin
  q2s <= q1;
  decay2 <= decay;
  spike2s <= spike1;
  past <= begun;
  if (rectangular) wanted <= spike2s ? step : q2s == '0 ? '0 : q2s - 1'b1;
  else if (nearest) wanted <= spike2s ? step : faded_s;
  else wanted <= added[BITS] ? '1 : added[BITS-1:0];
  if (!begun) past <= 1'b0;
end
always_comb if (begun && past) raised_as_written : assert (raised3 == wanted);
