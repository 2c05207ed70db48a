// What a row brings to the neurons (docs/neuron.md): its weights, times the value of its source's spike with GRADED.
//
// take_axon takes an axon, whose spike has the value next_value, and take_fired a neuron, whose spikes are 1; the row of what was
// taken last follows, from the next cycle on. `beat` names a word in stage 0; weight1 is there in stage 1, and in stage 2
// arrives2 is value · weight1, or zero if there was no beat. Without GRADED it is weight2. Throughput: a word a cycle.
//
// LANES        weights of a word, each with a multiplier of its own
// WEIGHT_BITS  of a weight
// GRADED       0 or 1, as of the core
module hwf_arriving #(
    parameter int LANES = 2,
    parameter int WEIGHT_BITS = 8,
    parameter int GRADED = 0,
    localparam int ARRIVING = WEIGHT_BITS + (GRADED != 0 ? 8 : 0)
) (
    input  logic                              clk,
    input  logic                              rst,
    input  logic                              take_axon,
    input  logic                              take_fired,
    input  logic [      7:0]                  next_value,
    input  logic                              beat,
    input  logic [LANES-1:0][WEIGHT_BITS-1:0] weight1,
    input  logic [LANES-1:0][WEIGHT_BITS-1:0] weight2,
    output logic [LANES-1:0][   ARRIVING-1:0] arrives2
);
  generate
    if (GRADED != 0) begin : graded
      logic [7:0] value;
      logic beat1;
      always_ff @(posedge clk) begin
        beat1 <= beat;
        if (take_axon) value <= next_value;
        else if (take_fired) value <= 8'd1;
      end
      for (genvar l = 0; l < LANES; l++) begin : lane
        logic signed [ARRIVING:0] product;
        assign product = $signed(weight1[l]) * $signed({1'b0, value});
        always_ff @(posedge clk) arrives2[l] <= beat1 ? product[ARRIVING-1:0] : '0;
        logic unused_sign;
        assign unused_sign = product[ARRIVING];
      end
      logic unused;
      assign unused = &{1'b0, rst, weight2};

`ifndef SYNTHESIS
      an_axon_that_is_taken_has_a_value :
      assert property (@(posedge clk) disable iff (rst) take_axon |-> next_value != '0);
`endif
    end else begin : plain
      assign arrives2 = weight2;
      logic unused;
      assign unused = &{1'b0, clk, rst, take_axon, take_fired, next_value, beat, weight1};
    end
  endgenerate
endmodule
