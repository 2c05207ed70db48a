// The spiking core: LIF neurons and STDP, one tick at a time (docs/neuron.md has the equations).
//
// Rows of the weights stream past for each source with a spike, LANES weights a cycle; then the neurons, UNITS a cycle (2, or 1
// with one lane); if the tick learns, then a column for each neuron that fired, and the traces. With W = NEURONS / LANES,
// X = AXONS / LANES + W, S sources with a spike and F neurons that fire, `busy` is high in a tick for so many cycles:
//
//     NEURONS / UNITS + 13 + S (W + 2) + F                      if it does not learn
//     NEURONS / UNITS + 14 + S (b W + 2) + F (b X + 2) + X      if it learns; b = 2 with SINGLE_PORT, else 1
//
// with MODULATION, if it learns by a third factor, of C neurons that change,
//
//     NEURONS / UNITS + 15 + S (W + 2) + F + C (b X + 2) + X
//
// with ENTRIES, of E entries in the rows of all sources with a spike,
//
//     NEURONS / UNITS + 13 + E + 2 S + F
//
// in a normalisation of n neurons, all or one, for n (AXONS / LANES (1 + b) + 38) + 4, and to put the state to rest, NEURONS / UNITS + X + 10.
//
// AXONS, NEURONS   at least 1, 16384 together at most; of what follows, see hwf_neuron, hwf_sums, hwf_weights, hwf_traces, hwf_plasticity
// LANES            a power of two that divides both
// WEIGHT_BITS (2 to 8), STATE_BITS (8 to 24), TRACE_BITS (4 to 16)
// LEARNING .. NORMALISATION, COUNTERS  features, 0 or 1; SYNAPSE_MASK and NORMALISATION are nothing without LEARNING
// SINGLE_PORT      weights in a memory with one port, for the SPRAM of the iCE40UP5K
// STOCHASTIC       the changes of weights can be rounded by draws (hwf_random); nothing without LEARNING
// MODULATION       a third factor (hwf_modulation); nothing without LEARNING
// GRADED           spikes of axons have values, else axon_value is nothing
// BLOCKS, PLACES   which synapses there are, and which are stored (hwf_blocks); nothing can be written to the others
// STORED           pairs of a source word and a neuron word, LANES by LANES weights, that are stored
// ENTRIES          not 0: rows of entries, so many at most (hwf_entries), in place of BLOCKS, for a core without LEARNING; a multiple of LANES,
//                  SOURCES ROWS at most, and LANES times STORED
// FAN_IN           sources that one neuron has synapses from, at most
module hwf_spiking #(
    parameter int AXONS = 8,
    parameter int NEURONS = 8,
    parameter int LANES = 2,
    parameter int WEIGHT_BITS = 8,
    parameter int STATE_BITS = 16,
    parameter int TRACE_BITS = 8,
    parameter int LEARNING = 1,
    parameter int SYNAPSE_MASK = 1,
    parameter int ADAPTATION = 1,
    parameter int NORMALISATION = 1,
    parameter int COUNTERS = 1,
    parameter int SINGLE_PORT = 0,
    parameter int STOCHASTIC = 0,
    parameter int MODULATION = 0,
    parameter int GRADED = 0,
    parameter int BLOCKS = 0,
    parameter logic [511:0] PLACES = '0,
    parameter int ENTRIES = 0,
    parameter int STORED = ENTRIES != 0 ? ENTRIES / LANES : (AXONS + NEURONS) / LANES * (NEURONS / LANES),
    parameter int FAN_IN = AXONS + NEURONS
) (
    input  logic                          clk,
    input  logic                          rst,
    // spikes of axons in the coming tick
    input  logic                          axon_valid,
    output logic                          axon_ready,
    input  logic        [           13:0] axon,
    input  logic        [            7:0] axon_value,        // not zero
    input  logic                          clear_axons,
    // while not busy: a tick, to rest, which forgets spikes of axons too, or a normalisation
    input  logic                          tick,
    input  logic                          to_rest,
    input  logic                          normalise,
    input  logic                          normalise_one,     // a neuron alone
    // verilator lint_off UNUSEDSIGNAL
    input  logic        [           13:0] normalise_neuron,  // cut to the bits of a neuron's number
    // verilator lint_on UNUSEDSIGNAL
    output logic                          busy,
    output logic                          spike_valid,       // in ascending order; there is no ready
    output logic        [           13:0] spike,
    input  hwf_core::settings_t           settings,          // which stay while busy
    // counts: a source's row was visited; sums that were clipped in this cycle
    output logic                          event_valid,
    output logic        [            7:0] saturations,
    // one value, while not busy: valid until ready; region 0 weight, 1 plastic, 2 field, 3 trace of a source; with ENTRIES 4 target, which
    // as a weight has a number, of which row and column are the halves, and 5 first entry of a source
    input  logic                          host_valid,
    output logic                          host_ready,
    input  logic                          host_write,
    input  logic        [            2:0] host_region,
    input  logic        [           13:0] host_row,          // source, or field
    input  logic        [           13:0] host_column,       // neuron
    // verilator lint_off UNUSEDSIGNAL
    input  logic        [           31:0] host_wdata,        // what is outside a value's width is cut off
    // verilator lint_on UNUSEDSIGNAL
    output logic        [           31:0] host_rdata
);
  localparam int UNITS = LANES > 1 ? 2 : 1;
  localparam int SOURCES = AXONS + NEURONS;
  localparam int ROWS = NEURONS / LANES, AXON_WORDS = AXONS / LANES, WORDS = AXON_WORDS + ROWS, STEPS = NEURONS / UNITS;
  localparam int INDEX = $clog2((WORDS > STEPS ? WORDS : STEPS) + 1);
  localparam int HIGH = WORDS * ROWS > 1 ? $clog2(WORDS * ROWS) : 1;
  localparam int TURN = LANES > 1 ? $clog2(LANES) : 1;
  localparam int WORD = ROWS > 1 ? $clog2(ROWS) : 1, STEP = STEPS > 1 ? $clog2(STEPS) : 1;
  localparam int AXON = AXONS > 1 ? $clog2(AXONS) : 1, NEURON = NEURONS > 1 ? $clog2(NEURONS) : 1;
  localparam int AXON_WORD = AXON_WORDS > 1 ? $clog2(AXON_WORDS) : 1;
  localparam int X_WORD = WORDS > 1 ? $clog2(WORDS) : 1;
  localparam int VALUE = GRADED != 0 ? 8 : 1, ARRIVING = WEIGHT_BITS + (GRADED != 0 ? 8 : 0);
  localparam bit LEARNS = LEARNING != 0, NORMALISES = LEARNS && NORMALISATION != 0,
      MODULATES = LEARNS && MODULATION != 0;
  localparam int ENTRY = ENTRIES > 1 ? $clog2(ENTRIES) : 1;
  localparam logic [2:0] WEIGHT = 0, PLASTIC = 1, FIELD = 2, TARGET = 4, FIRST = 5, TRACE = 3;
  localparam logic [3:0] Y = 4, FIRED = 5, RANDOM_LOW = 6, RANDOM_HIGH = 7, FACTOR = 15;

  generate
    if ((LANES & (LANES - 1)) != 0 || NEURONS % LANES != 0 || AXONS % LANES != 0) begin : bad_lanes
      $error("hwf_spiking: LANES is a power of two that divides AXONS and NEURONS.");
    end
    if (AXONS < 1 || NEURONS < 1 || AXONS + NEURONS > 16384) begin : bad_sizes
      $error("hwf_spiking: AXONS and NEURONS are at least 1, and 16384 together at most.");
    end
    if (ENTRIES != 0 && (LEARNING != 0 || BLOCKS != 0)) begin : bad_features
      $error("hwf_spiking: with ENTRIES there are neither LEARNING nor BLOCKS.");
    end
    if (ENTRIES % LANES != 0 || ENTRIES > (AXONS + NEURONS) * (NEURONS / LANES)) begin : bad_entries
      $error("hwf_spiking: ENTRIES is a multiple of LANES, and not more than there are words.");
    end
    if (WEIGHT_BITS < 2 || WEIGHT_BITS > 8 || STATE_BITS < 8 || STATE_BITS > 24 || TRACE_BITS < 4 || TRACE_BITS > 16)
    begin : bad_widths
      $error("hwf_spiking: WEIGHT_BITS is 2 to 8, STATE_BITS 8 to 24, TRACE_BITS 4 to 16.");
    end
  endgenerate

  // What happens in which cycle.
  logic rests, learns, axon_waiting, take_axon, fired_waiting, take_fired, begin_list, rewind, wipe, finish;
  logic row, column, raise, sweep, clear, scan, from_axon, restart, divide, scales, normalises, host_now;
  logic [AXON-1:0] next_axon;
  logic [NEURON-1:0] next_fired;
  logic [INDEX-1:0] index;
  logic [HIGH-1:0] high;
  logic [TURN-1:0] turn;
  logic there, may_change, itself;
  logic [13:0] visited;
  logic [AXON_WORD-1:0] axon_word;
  // verilator lint_off UNUSEDSIGNAL
  logic [7:0] level;  // as wide as a weight
  // verilator lint_on UNUSEDSIGNAL
  assign learns = settings.learning.learn && LEARNS;

  // What the host names.
  logic writes;
  logic [TURN-1:0] host_lane;
  logic [ENTRY-1:0] host_entry, first;
  logic [WORD-1:0] target;
  logic row_ends;
  assign host_entry = host_region == TARGET ? ENTRY'({host_row, host_column}) : ENTRY'(32'({host_row, host_column}) / LANES);
  assign host_lane = LANES > 1 ? TURN'(host_region == TRACE ? host_row : host_column) : '0;
  assign writes = host_now && host_write;

  // The third factor; a presentation ends by it, or since the state is put to rest.
  logic modulated, brings, closes, ends, resting, changing_waiting, take_changing;
  logic [NEURON-1:0] changing;
  assign modulated = settings.learning.modulated && MODULATES;
  assign ends = closes || resting;
  hwf_sequence #(
      .AXONS(AXONS),
      .NEURONS(NEURONS),
      .LANES(LANES),
      .UNITS(UNITS),
      .NORMALISATION(NORMALISES ? 1 : 0),
      .SINGLE_PORT(SINGLE_PORT),
      .BLOCKS(BLOCKS),
      .PLACES(PLACES),
      .ENTRIES(ENTRIES)
  ) sequence_of_events (
      .axon(next_axon),
      .fired(next_fired),
      .closes(ends),
      .host_rescan(host_write && host_region == FIELD && host_row[3:0] == FIRED),
      .host_source(host_row),
      .host_of_source(host_region == TRACE),
      .host_neuron(host_column),
      .writes_first(host_write && host_region == FIRST),
      .writes_target(host_write && host_region == TARGET),
      .host_data(host_wdata),
      .normalise_neuron(normalise_neuron[NEURON-1:0]),
      .*
  );
  assign spike = 14'(next_fired);

  // Weights are written in stage 3.
  logic [3:1] changes;
  always_ff @(posedge clk) changes <= {changes[2:1], normalises ? column && scales : learns && (column || (row && !modulated))};

  // Axons with a spike.
  logic axons_ready;
  logic [7:0] next_value;
  logic [LANES-1:0][VALUE-1:0] axon_bits;
  logic [AXON_WORD-1:0] axon_place;
  assign axon_place = raise ? AXON_WORD'(index) : axon_word;
  logic takes;
  assign takes = rests && !tick && !to_rest && !normalise && !host_valid;
  assign axon_ready = axons_ready && takes;
  hwf_axons #(
      .AXONS (AXONS),
      .LANES (LANES),
      .GRADED(GRADED)
  ) axons (
      .clk,
      .rst,
      .clear(clear_axons),
      .s_valid(axon_valid && takes),
      .s_ready(axons_ready),
      .s_data(axon),
      .s_value(axon_value),
      .restart(finish),
      .take(take_axon),
      .waiting(axon_waiting),
      .axon(next_axon),
      .value(next_value),
      .place(axon_place),
      .wipe,
      .bits(axon_bits)
  );

  // The weights.
  logic [LANES-1:0][WEIGHT_BITS-1:0] weight1, weight2, weight3;
  hwf_weights #(
      .SOURCES(SOURCES),
      .ROWS(ROWS),
      .LANES(LANES),
      .BITS(WEIGHT_BITS),
      .SINGLE_PORT(SINGLE_PORT),
      .STORED(STORED)
  ) weights (
      .clk,
      .column,
      .high,
      .turn,
      .there,
      .level(level[WEIGHT_BITS-1:0]),
      .itself,
      .read1(weight1),
      .write3(changes[3] ? '1 : writes && host_region == WEIGHT ? LANES'(1) << host_lane : '0),
      .data3(weight3)
  );

  // What the weights bring to the neurons.
  logic beat;
  logic [LANES-1:0][ARRIVING-1:0] arrives2;
  assign beat = row || column;
  hwf_arriving #(
      .LANES(LANES),
      .WEIGHT_BITS(WEIGHT_BITS),
      .GRADED(GRADED)
  ) arriving (
      .*
  );

  // The neurons.
  logic sweep5;
  logic [WORD-1:0] word;  // of LANES neurons
  logic [STEP-1:0] step5;
  logic [UNITS-1:0] fires6, near6;
  logic [LANES-1:0] fired_before;
  logic [31:0] field;
  hwf_population #(
      .AXONS(AXONS),
      .NEURONS(NEURONS),
      .LANES(LANES),
      .UNITS(UNITS),
      .WEIGHT_BITS(WEIGHT_BITS),
      .STATE_BITS(STATE_BITS),
      .ADAPTATION(ADAPTATION),
      .COUNTERS(COUNTERS),
      .MODULATION(MODULATES ? 1 : 0),
      .GRADED(GRADED),
      .FAN_IN(FAN_IN)
  ) population (
      .settings(settings.neurons),
      .near_shift(settings.modulation.near_shift),
      .closes(ends),
      .row(row && !brings),
      .write_field(writes && host_region == FIELD),
      .host_field(host_row[3:0]),
      .host_data(host_wdata[23:0]),
      .*
  );

  // Learning.
  logic [LANES-1:0] plastic1;
  logic [LANES-1:0][TRACE_BITS-1:0] x1, y1;
  logic [62:0] random;
  logic [UNITS-1:0][TRACE_BITS-1:0] y6;
  logic [16:0] column_gain;
  generate
    if (LEARNS) begin : plastic
      hwf_learning #(
          .AXONS(AXONS),
          .NEURONS(NEURONS),
          .LANES(LANES),
          .UNITS(UNITS),
          .WEIGHT_BITS(WEIGHT_BITS),
          .TRACE_BITS(TRACE_BITS),
          .SYNAPSE_MASK(SYNAPSE_MASK),
          .NORMALISATION(NORMALISATION),
          .STOCHASTIC(STOCHASTIC),
          .GRADED(GRADED),
          .STORED(STORED)
      ) learning (
          .settings(settings.learning),
          .index(X_WORD'(index)),
          .told(!busy),
          .closes(ends),
          .finish(finish && !resting),
          .host_weight(host_region == WEIGHT),
          .write_plastic(writes && host_region == PLASTIC),
          .write_x(writes && host_region == TRACE),
          .write_y(writes && host_region == FIELD && host_row[3:0] == Y),
          .write_low(writes && host_region == FIELD && host_row[3:0] == RANDOM_LOW),
          .write_high(writes && host_region == FIELD && host_row[3:0] == RANDOM_HIGH),
          .host_data(host_wdata),
          .*
      );
    end else begin : fixed
      logic beat1;
      assign plastic1 = '1;
      assign x1 = '0;
      assign y1 = '0;
      assign y6 = '0;
      assign random = '0;
      assign weight3 = {LANES{host_wdata[WEIGHT_BITS-1:0]}};
      always_ff @(posedge clk) begin
        beat1   <= beat;
        weight2 <= beat1 ? weight1 : '0;
      end
      logic unused;
      assign unused = &{1'b0, changes, may_change, from_axon, scales, restart, divide, axon_bits, word, sweep5, step5, fires6, visited, column_gain};
    end
  endgenerate
  logic [31:0] factor;
  generate
    if (MODULATES) begin : modulating
      hwf_modulation #(
          .AXONS(AXONS),
          .NEURONS(NEURONS),
          .LANES(LANES),
          .UNITS(UNITS),
          .WEIGHT_BITS(WEIGHT_BITS),
          .STATE_BITS(STATE_BITS),
          .TRACE_BITS(TRACE_BITS),
          .GRADED(GRADED),
          .FAN_IN(FAN_IN)
      ) modulation (
          .settings(settings.modulation),
          .write_factor(writes && host_region == FIELD && host_row[3:0] == FACTOR),
          .host_data(host_wdata[STATE_BITS-1:0]),
          .*
      );
    end else begin : not_modulating
      assign {brings, closes, changing_waiting} = '0;
      assign {changing, column_gain, factor} = '0;
      logic unused;
      assign unused = &{1'b0, take_changing, near6, y6};
    end
  endgenerate
  logic unused_settings;
  assign unused_settings = &{1'b0, settings, random};

  // What the host reads.
  always_ff @(posedge clk)
    case (host_region)
      WEIGHT: host_rdata <= 32'($signed(weight1[host_lane]));
      PLASTIC: host_rdata <= 32'(plastic1[host_lane]);
      FIELD: begin
        host_rdata <= field;
        if (MODULATES && host_row[3:0] == FACTOR) host_rdata <= factor;
        if (host_row[3:0] == Y) host_rdata <= 32'(y1[host_lane]);
        if (host_row[3:0] == FIRED) host_rdata <= 32'(fired_before[host_lane]);
        if (STOCHASTIC != 0 && host_row[3:0] == RANDOM_LOW) host_rdata <= random[31:0];
        if (STOCHASTIC != 0 && host_row[3:0] == RANDOM_HIGH) host_rdata <= 32'(random[62:32]);
      end
      TARGET: host_rdata <= 32'({row_ends, 14'(target)});
      FIRST: host_rdata <= 32'(first);
      default: host_rdata <= 32'(x1[host_lane]);
    endcase

`ifndef SYNTHESIS
  logic reads_what_is_written;
  assign reads_what_is_written = there && weights.exists[3] && high == weights.highs[3] && (column != weights.columns[3] || turn == weights.turns[3]);
  a_weight_is_read_or_written :
  assert property (@(posedge clk) disable iff (rst)
                   (row || column) && changes[3] |-> SINGLE_PORT == 0 && !reads_what_is_written);
`endif
endmodule
