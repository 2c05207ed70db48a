// The third factor (docs/neuron.md): what modulators bring to the neurons, their factors, and whose weights change by them.
//
// `closes` is high from the cycle after take_axon takes axon `closing` until `finish`, and `brings` in the row of a modulator; both
// only if it is `modulated`. While `resting`, factors become zero, as they do while it `closes`.
//
// Everything counts from the cycle, stage 0, that names a word or a step by `index` (hwf_sequence). In a `row` that brings, what
// is brought to the word's neurons is raised by arrives2 in stage 2 (hwf_sums); a `sweep` goes over UNITS neurons (hwf_factor).
// After begin_list a sweep lists those whose weights change: `changing`, while `changing_waiting` (hwf_fired), from the fourth cycle
// on after its last step's stage 6. column_gain is that of the neuron which take_changing took last, from the next cycle on; the neuron
// must have been there for 2 cycles.
//
// The host's write of a factor, or its read, is of a step that has been named for 6 cycles, and of lane host_lane.
//
// AXONS .. FAN_IN  as of the core; UNITS  neurons that step in a cycle, a divisor of LANES
module hwf_modulation #(
    parameter int AXONS = 8,
    parameter int NEURONS = 8,
    parameter int LANES = 4,
    parameter int UNITS = 2,
    parameter int WEIGHT_BITS = 8,
    parameter int STATE_BITS = 16,
    parameter int TRACE_BITS = 8,
    parameter int GRADED = 0,
    parameter int FAN_IN = AXONS + NEURONS,
    localparam int ARRIVING = WEIGHT_BITS + (GRADED != 0 ? 8 : 0),  // bits of what arrives
    localparam int PARTS = LANES / UNITS,
    localparam int PART = PARTS > 1 ? $clog2(PARTS) : 1,
    localparam int SOURCES = AXONS + NEURONS,
    localparam int ROWS = NEURONS / LANES,
    localparam int WORDS = SOURCES / LANES,
    localparam int STEPS = NEURONS / UNITS,
    localparam int INDEX = $clog2((WORDS > STEPS ? WORDS : STEPS) + 1),
    localparam int WORD = ROWS > 1 ? $clog2(ROWS) : 1,
    localparam int STEP = STEPS > 1 ? $clog2(STEPS) : 1,
    localparam int AXON = AXONS > 1 ? $clog2(AXONS) : 1,
    localparam int NEURON = NEURONS > 1 ? $clog2(NEURONS) : 1,
    localparam int TURN = LANES > 1 ? $clog2(LANES) : 1,
    localparam int UNIT = UNITS > 1 ? $clog2(UNITS) : 1
) (
    input  logic                              clk,
    input  logic                              rst,
    input  hwf_core::modulation_t             settings,          // which stay while the core is busy
    input  logic                              modulated,
    // whose spikes these are
    input  logic                              take_axon,
    input  logic [ AXON-1:0]                  next_axon,
    input  logic                              from_axon,
    input  logic [     13:0]                  visited,           // the source of a row
    input  logic                              finish,
    input  logic                              resting,
    output logic                              closes,
    output logic                              brings,
    // what is named in this cycle
    input  logic                              row,
    input  logic                              sweep,
    input  logic                              clear,
    input  logic [INDEX-1:0]                  index,
    input  logic [LANES-1:0][   ARRIVING-1:0] arrives2,
    // of the neurons of a step
    input  logic [UNITS-1:0]                  near6,
    input  logic [UNITS-1:0][ TRACE_BITS-1:0] y6,
    // whose weights change
    input  logic                              begin_list,
    input  logic                              take_changing,
    output logic                              changing_waiting,
    output logic [NEURON-1:0]                 changing,
    output logic [      16:0]                 column_gain,
    // host
    input  logic                              write_factor,
    // verilator lint_off UNUSEDSIGNAL
    input  logic [ TURN-1:0]                  host_lane,
    // verilator lint_on UNUSEDSIGNAL
    input  logic [STATE_BITS-1:0]             host_data,
    output logic [      31:0]                 factor
);
  localparam int SUM_BITS = ARRIVING + $clog2(FAN_IN);

  assign brings = modulated && (from_axon ? visited >= settings.modulating_axons :
                                visited >= settings.modulating_neurons);
  always_ff @(posedge clk) begin
    if (take_axon && 14'(next_axon) == settings.closing) closes <= modulated;
    if (finish || rst) closes <= 1'b0;
  end

  logic [7:1] sweeps;
  logic [7:1][INDEX-1:0] indices;
  always_ff @(posedge clk) begin
    sweeps  <= {sweeps[6:1], sweep};
    indices <= {indices[6:1], index};
    if (rst) sweeps <= '0;
  end

  logic [UNITS-1:0][SUM_BITS-1:0] sum2;
  hwf_sums #(
      .WORDS(ROWS),
      .LANES(LANES),
      .UNITS(UNITS),
      .WEIGHT_BITS(ARRIVING),
      .SUM_BITS(SUM_BITS)
  ) sums (
      .clk,
      .rst,
      .word(WORD'(row || clear ? index : index / INDEX'(PARTS))),
      .row(row && brings),
      .sweep,
      .clear,
      .part(PART'(PARTS > 1 ? index : '0)),
      .weight2(arrives2),
      .sum2
  );

  logic [UNIT-1:0] host_unit, taken_unit;
  logic [UNITS-1:0] changes7;
  logic [UNITS-1:0][16:0] gains;
  logic signed [UNITS-1:0][STATE_BITS-1:0] factors;
  assign host_unit  = UNITS > 1 ? UNIT'(host_lane) : '0;
  assign taken_unit = UNITS > 1 ? UNIT'(changing) : '0;
  assign factor = 32'($signed(factors[host_unit]));
  generate
    for (genvar k = 0; k < UNITS; k++) begin : unit
      hwf_factor #(
          .WORDS(STEPS),
          .UNITS(UNITS),
          .UNIT(k),
          .STATE_BITS(STATE_BITS),
          .SUM_BITS(SUM_BITS),
          .TRACE_BITS(TRACE_BITS)
      ) of_unit (
          .clk,
          .gated(settings.gated),
          .rate(settings.rate),
          .free_rate(settings.free_rate),
          .least(settings.least[TRACE_BITS-1:0]),
          .most(settings.most[TRACE_BITS-1:0]),
          .closes(closes || resting),
          .place1(STEP'(indices[1])),
          .place2(STEP'(indices[2])),
          .place3(STEP'(indices[3])),
          .place5(STEP'(indices[5])),
          .step3(sweeps[3]),
          .step5(sweeps[5]),
          .e2(sum2[k]),
          .near6(near6[k]),
          .y6(y6[k]),
          .changes7(changes7[k]),
          .gain_place(STEP'(32'(changing) / UNITS)),
          .gain(gains[k]),
          .host_write(write_factor && host_unit == UNIT'(k)),
          .host_data,
          .factor(factors[k])
      );
    end
  endgenerate
  always_ff @(posedge clk) if (take_changing) column_gain <= gains[taken_unit];

  // The list, by whole words: their parts come in cycles in a row.
  logic [LANES-1:0] word7;
  logic whole7;
  generate
    if (PARTS > 1) begin : parts
      logic [LANES-UNITS-1:0] known;
      always_ff @(posedge clk) known <= word7[LANES-1:UNITS];
      assign word7  = {changes7, known};
      assign whole7 = sweeps[7] && indices[7][PART-1:0] == '1;
    end else begin : one_part
      assign word7  = changes7;
      assign whole7 = sweeps[7];
    end
  endgenerate
  hwf_fired #(
      .NEURONS(NEURONS),
      .LANES(LANES)
  ) list (
      .clk,
      .rst,
      .begin_list,
      .push(whole7),
      .push_place(WORD'(indices[7] / INDEX'(PARTS))),
      .push_bits(word7),
      .rewind(1'b0),
      .take(take_changing),
      .waiting(changing_waiting),
      .neuron(changing)
  );

  logic unused;
  assign unused = &{1'b0, settings};
endmodule
