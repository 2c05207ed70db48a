// The trace of a source or of a neuron after a tick (docs/neuron.md, `raise`).
//
//     exponential   min(fade(q, decay) + (spike ? step : 0), largest); nearest pair: spike ? step : fade(q, decay)
//     rectangular   spike ? step : max(q - 1, 0)
//
// Latency: q1 and spike1 in a cycle, raised3 two cycles later; one a cycle.
//
// BITS  of a trace
module hwf_trace #(
    parameter int BITS = 8
) (
    input  logic            clk,
    input  logic            rectangular,
    input  logic            nearest,
    input  logic [    15:0] decay,
    input  logic [BITS-1:0] step,
    input  logic [BITS-1:0] q1,
    input  logic            spike1,
    output logic [BITS-1:0] raised3
);
  logic [BITS+15:0] product;
  logic [BITS-1:0] q2, taken;
  logic [BITS:0] faded;  // with a bit below, for the carry
  logic spike2, one;
  logic [BITS:0] sum;
  assign taken = rectangular ? '0 : product[BITS+15:16];
  assign one   = rectangular ? q2 != '0 : product[15:0] != '0;
  assign faded = {q2, 1'b1} + {~taken, !one};
  assign sum   = (BITS + 1)'(spike2 && (rectangular || nearest) ? '0 : faded[BITS:1]) + (BITS + 1)'(spike2 ? step : '0);
  always_ff @(posedge clk) begin
    product <= q1 * decay;
    q2 <= q1;
    spike2 <= spike1;
    raised3 <= sum[BITS] ? '1 : sum[BITS-1:0];
  end

  logic unused;
  assign unused = &{1'b0, faded[0]};
endmodule
