// The trace of one source or neuron after a tick (docs/neuron.md, `raise`).
//
//     exponential   min(fade(q, decay) + (spike ? step : 0), largest); nearest pair: spike ? step : fade(q, decay)
//     rectangular   spike ? step : max(q - 1, 0)
//
// Stage 1: q and spike; raised is right in stage 3. One a cycle.
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
  logic signed [BITS:0] faded;
  hwf_fade #(
      .BITS(BITS + 1)
  ) fade (
      .clk,
      .q({1'b0, q1}),
      .d(decay),
      .y(faded)
  );

  logic [BITS-1:0] less, left;
  logic spike2;
  logic [BITS:0] sum;
  assign left = rectangular ? less : faded[BITS-1:0];
  assign sum  = {1'b0, left} + {1'b0, step};
  always_ff @(posedge clk) begin
    less   <= q1 == '0 ? '0 : q1 - 1'b1;
    spike2 <= spike1;
    if (!spike2) raised3 <= left;
    else if (rectangular || nearest) raised3 <= step;
    else raised3 <= sum[BITS] ? '1 : sum[BITS-1:0];
  end
  logic unused;
  assign unused = &{1'b0, faded[BITS]};
endmodule
