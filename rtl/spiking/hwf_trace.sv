// The trace of a source or of a neuron after a tick (docs/neuron.md, `raise`).
//
//     exponential   min(fade(q, decay) + spike step, largest); nearest pair: spike ? step : fade(q, decay)
//     rectangular   spike ? step : max(q - 1, 0)
//
// Latency: q1 and spike1 in a cycle, raised3 two cycles later; one a cycle. The settings stay meanwhile.
//
// BITS    of a trace
// GRADED  1: a spike has a value of 8 bits, 0: it is 1
module hwf_trace #(
    parameter int BITS = 8,
    parameter int GRADED = 0,
    localparam int VALUE = GRADED != 0 ? 8 : 1
) (
    input  logic            clk,
    input  logic            rectangular,
    input  logic            nearest,
    input  logic [    15:0] decay,
    input  logic [BITS-1:0] step,
    input  logic [BITS-1:0] q1,
    input  logic [VALUE-1:0] spike1,
    output logic [BITS-1:0] raised3
);
  logic [BITS+15:0] product;
  logic [BITS-1:0] q2, taken;
  logic [BITS:0] faded;  // with a bit below, for the carry
  logic spike2, one;
  assign taken = rectangular ? '0 : product[BITS+15:16];
  assign one   = rectangular ? q2 != '0 : product[15:0] != '0;
  assign faded = {q2, 1'b1} + {~taken, !one};
  always_ff @(posedge clk) begin
    product <= q1 * decay;
    q2 <= q1;
    spike2 <= spike1 != '0;
  end
  generate
    if (GRADED != 0) begin : graded
      logic [7:0] worth;
      logic [BITS+7:0] added;
      logic [BITS+8:0] sum;
      assign worth = rectangular || nearest ? 8'(spike1 != '0) : spike1;
      assign sum   = (BITS + 9)'(spike2 && (rectangular || nearest) ? '0 : faded[BITS:1]) + (BITS + 9)'(added);
      always_ff @(posedge clk) begin
        added   <= worth * step;
        raised3 <= sum[BITS+8:BITS] != '0 ? '1 : sum[BITS-1:0];
      end
    end else begin : plain
      logic [BITS:0] sum;
      assign sum = (BITS + 1)'(spike2 && (rectangular || nearest) ? '0 : faded[BITS:1]) + (BITS + 1)'(spike2 ? step : '0);
      always_ff @(posedge clk) raised3 <= sum[BITS] ? '1 : sum[BITS-1:0];
    end
  endgenerate

  logic unused;
  assign unused = &{1'b0, faded[0]};
endmodule
