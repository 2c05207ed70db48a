// The neurons of the core: the sums of what arrives at them, the units that step them, and the list of who fired.
//
// Everything counts from the cycle, stage 0, that names a word or a step by `index` (hwf_sequence). In a `row` the word's sums
// are raised by arrives2 in stage 2 (hwf_sums); a `sweep` steps UNITS neurons, for which fires6 says in stage 6 whether they
// fire (hwf_neuron). After begin_list, a sweep lists the neurons that fire, and a `scan` over all words those that fired in the
// tick before: `next_fired`, while `fired_waiting` (hwf_fired). fired_before is, in stage 1, the word of who fired in the
// tick before; of `high` in `raise`, else of `word`, which is the word that is named. `finish` ends the tick.
// After a sweep while `closes` is high the neurons are at rest; if `resting` is high too, nothing else comes of it: adaptations stay, and no
// sum counts as clipped. With MODULATION near6 is as of hwf_neuron.
//
// The host's write of a field, or its read, is of a step that has been named for 6 cycles; of lane neuron_lane, if it is
// `fired`, in the word of that step.
//
// AXONS .. FAN_IN  as of the core; UNITS  neurons that step in a cycle, a divisor of LANES
module hwf_population #(
    parameter int AXONS = 8,
    parameter int NEURONS = 8,
    parameter int LANES = 4,
    parameter int UNITS = 2,
    parameter int WEIGHT_BITS = 8,
    parameter int STATE_BITS = 16,
    parameter int ADAPTATION = 1,
    parameter int COUNTERS = 1,
    parameter int MODULATION = 0,
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
    localparam int HIGH = WORDS * ROWS > 1 ? $clog2(WORDS * ROWS) : 1,
    localparam int WORD = ROWS > 1 ? $clog2(ROWS) : 1,
    localparam int STEP = STEPS > 1 ? $clog2(STEPS) : 1,
    localparam int NEURON = NEURONS > 1 ? $clog2(NEURONS) : 1,
    localparam int TURN = LANES > 1 ? $clog2(LANES) : 1,
    localparam int UNIT = UNITS > 1 ? $clog2(UNITS) : 1
) (
    input  logic                              clk,
    input  logic                              rst,
    input  hwf_core::neurons_t                settings,       // which stay during a sweep
    input  logic [      3:0]                  near_shift,
    input  logic                              closes,
    input  logic                              resting,
    // what is named in this cycle
    input  logic                              row,
    input  logic                              sweep,
    input  logic                              clear,          // the word's sums are cleared
    input  logic                              scan,
    input  logic                              raise,
    input  logic [INDEX-1:0]                  index,
    // verilator lint_off UNUSEDSIGNAL
    input  logic [ HIGH-1:0]                  high,
    // verilator lint_on UNUSEDSIGNAL
    input  logic [LANES-1:0][   ARRIVING-1:0] arrives2,
    // what comes of it
    output logic [ WORD-1:0]                  word,
    output logic [LANES-1:0]                  fired_before,
    output logic                              sweep5,
    output logic [ STEP-1:0]                  step5,
    output logic [UNITS-1:0]                  fires6,
    output logic [UNITS-1:0]                  near6,
    output logic [      7:0]                  saturations,    // sums that were clipped in this cycle
    // who fired
    input  logic                              begin_list,
    input  logic                              rewind,
    input  logic                              take_fired,
    output logic                              fired_waiting,
    output logic [NEURON-1:0]                 next_fired,
    input  logic                              finish,
    // host
    input  logic                              write_field,
    input  logic [      3:0]                  host_field,
    input  logic [ TURN-1:0]                  host_lane,
    input  logic [     23:0]                  host_data,
    output logic [     31:0]                  field           // but y and fired
);
  localparam int SUM_BITS = ARRIVING + $clog2(FAN_IN);
  localparam logic [3:0] FIRED = 5;

  logic [6:1] sweeps;
  logic [6:1][INDEX-1:0] indices;
  logic scanned;
  always_ff @(posedge clk) begin
    sweeps  <= {sweeps[5:1], sweep};
    indices <= {indices[5:1], index};
    scanned <= scan;
    if (rst) sweeps <= '0;
  end
  assign sweep5 = sweeps[5];
  assign step5  = STEP'(indices[5]);

  logic [PART-1:0] part;  // UNITS neurons of the word
  logic [UNITS-1:0][SUM_BITS-1:0] sum2;
  assign word = WORD'(row || clear || scan ? index : index / INDEX'(PARTS));
  assign part = PART'(PARTS > 1 ? index : '0);
  hwf_sums #(
      .WORDS(ROWS),
      .LANES(LANES),
      .UNITS(UNITS),
      .WEIGHT_BITS(ARRIVING),
      .SUM_BITS(SUM_BITS)
  ) sums (
      .weight2(arrives2),
      .*
  );

  logic [UNIT-1:0] host_unit;
  logic [UNITS-1:0][1:0] saturated;
  logic [UNITS-1:0][31:0] fields;
  assign host_unit = UNITS > 1 ? UNIT'(host_lane) : '0;
  generate
    for (genvar k = 0; k < UNITS; k++) begin : unit
      hwf_neuron #(
          .WORDS(STEPS),
          .STATE_BITS(STATE_BITS),
          .SUM_BITS(SUM_BITS),
          .ADAPTATION(ADAPTATION),
          .MODULATION(MODULATION),
          .SHIFTER(UNITS == 1 ? 1 : 0)
      ) neurons (
          .clk,
          .rst,
          .step(sweep),
          .place0(STEP'(index)),
          .place2(STEP'(indices[2])),
          .place6(STEP'(indices[6])),
          .sum2(sum2[k]),
          .weight_shift(settings.weight_shift),
          .adaptation_decay(settings.adaptation_decay),
          .adaptation_step(settings.adaptation_step[STATE_BITS-2:0]),
          .closes,
          .resting,
          .near_shift,
          .near6(near6[k]),
          .fires6(fires6[k]),
          .saturated(saturated[k]),
          .host_write(write_field && host_unit == UNIT'(k)),
          .host_field,
          .host_data,
          .host_read(fields[k])
      );
    end
  endgenerate
  always_comb begin
    saturations = '0;
    if (COUNTERS != 0 && !resting) for (int k = 0; k < UNITS; k++) saturations += 8'(saturated[k][0]) + 8'(saturated[k][1]);
  end

  // Who fired in this tick, and in the tick before.
  logic whole6;
  logic [WORD-1:0] place6, read_word, push_word;
  logic [LANES-1:0] word6;
  assign push_word = scanned ? WORD'(indices[1]) : place6;
  assign read_word = raise ? WORD'(high) : word;
  hwf_who_fired #(
      .NEURONS(NEURONS),
      .LANES(LANES),
      .UNITS(UNITS)
  ) who_fired (
      .forget(closes),
      .step6(sweeps[6]),
      .index6(STEP'(indices[6])),
      .write(write_field && host_field == FIRED),
      .host_lane(LANES'(1) << host_lane),
      .host_bit(host_data[0]),
      .*
  );
  hwf_fired #(
      .NEURONS(NEURONS),
      .LANES(LANES)
  ) fired (
      .clk,
      .rst,
      .begin_list,
      .push(whole6 || scanned),
      .push_place(push_word),
      .push_bits(scanned ? fired_before : word6),
      .rewind,
      .take(take_fired),
      .waiting(fired_waiting),
      .neuron(next_fired)
  );
  assign field = fields[host_unit];

  logic unused;
  assign unused = &{1'b0, settings};
endmodule
