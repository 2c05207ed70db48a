// The sums a[i] of what arrives at the neurons in a tick: LANES are raised in a cycle, UNITS are fetched and cleared.
//
// Neuron i is in lane i mod LANES at word i / LANES. Everything counts from the cycle in which `word` names a word, stage 0:
//
//     row     a += weight2, for all lanes, a weight or what hwf_arriving makes of it: `row` in stage 0, weight2 in stage 2, where the sums are written; else it is zero
//     sweep   sum2[k], in stage 2, is that of lane part UNITS + k, which is then cleared: `sweep` and `part` in stage 0
//     clear   all lanes are cleared, as every word must be after a reset, which by itself changes nothing
//
// The same word must not come in two rows within 2 cycles.
//
// WORDS, LANES, UNITS    words of a lane; lanes, a multiple of units
// WEIGHT_BITS, SUM_BITS  of what arrives and of a sum, which is wide enough for all of them
module hwf_sums #(
    parameter int WORDS = 8,
    parameter int LANES = 4,
    parameter int UNITS = 2,
    parameter int WEIGHT_BITS = 8,
    parameter int SUM_BITS = 16,
    localparam int WORD = WORDS > 1 ? $clog2(WORDS) : 1,
    localparam int PARTS = LANES / UNITS,
    localparam int PART = PARTS > 1 ? $clog2(PARTS) : 1
) (
    input  logic                              clk,
    input  logic                              rst,
    input  logic [ WORD-1:0]                  word,
    input  logic                              row,
    input  logic                              sweep,
    input  logic                              clear,
    input  logic [ PART-1:0]                  part,
    input  logic [LANES-1:0][WEIGHT_BITS-1:0] weight2,
    output logic [UNITS-1:0][   SUM_BITS-1:0] sum2
);
  generate
    if (UNITS < 1 || LANES % UNITS != 0) begin : bad_lanes
      $error("hwf_sums: LANES is a multiple of UNITS.");
    end
    if (SUM_BITS < WEIGHT_BITS) begin : bad_widths
      $error("hwf_sums: SUM_BITS is at least WEIGHT_BITS.");
    end
  endgenerate

  localparam int LANE = LANES > 1 ? $clog2(LANES) : 1;
  logic [2:1] rows, sweeps, clears;
  logic [2:1][WORD-1:0] words;
  logic [2:1][PART-1:0] parts;
  always_ff @(posedge clk) begin
    rows   <= {rows[1], row};
    sweeps <= {sweeps[1], sweep};
    clears <= {clears[1], clear};
    words  <= {words[1], word};
    parts  <= {parts[1], part};
  end

  logic [LANES-1:0][SUM_BITS-1:0] read1, a2;
  generate
    for (genvar l = 0; l < LANES; l++) begin : lane
      logic [SUM_BITS-1:0] a1, raised;
      logic mine;
      assign mine   = PARTS == 1 || parts[2] == PART'(l / UNITS);
      assign raised = $signed(a2[l]) + SUM_BITS'($signed(weight2[l]));
      hwf_ram #(
          .DEPTH(WORDS),
          .WIDTH(SUM_BITS)
      ) kept (
          .clk,
          .write(rows[2] || clears[2] || (sweeps[2] && mine)),
          .write_address(words[2]),
          .write_data(raised),
          .read_address(word),
          .read_data(a1)
      );
      // Where a sum is cleared, nothing is added to nothing.
      always_ff @(posedge clk) a2[l] <= rows[1] ? a1 : '0;
      assign read1[l] = a1;
    end
    for (genvar k = 0; k < UNITS; k++) begin : unit
      logic [LANE-1:0] source;
      assign source  = PARTS > 1 ? LANE'(32'(parts[1]) * UNITS + k) : LANE'(k);
      always_ff @(posedge clk) sum2[k] <= read1[source];
    end
  endgenerate

`ifndef SYNTHESIS
  a_word_rests_until_its_sums_are_written :
  assert property (@(posedge clk) disable iff (rst)
                   row || sweep |-> !(rows[1] && word == words[1]) && !(rows[2] && word == words[2]));
  a_sum_is_cleared_to_zero :
  assert property (@(posedge clk) disable iff (rst) sweeps[2] || clears[2] |-> weight2 == '0);
`endif
endmodule
