// The spiking core: LIF neurons and STDP, one tick at a time (docs/neuron.md has the equations).
//
// Rows of the weights stream past for each source with a spike, LANES weights a cycle; then the neurons, UNITS a cycle (2, or 1
// with one lane); if the tick learns, then a column for each neuron that fired, and the traces. With W = NEURONS / LANES,
// X = AXONS / LANES + W, S sources with a spike and F neurons that fire, `busy` is high in a tick for so many cycles:
//
//     NEURONS / UNITS + 13 + S (W + 2) + F                      if it does not learn
//     NEURONS / UNITS + 14 + S (b W + 2) + F (b X + 2) + X      if it learns; b = 2 with SINGLE_PORT, else 1
//
// and in a normalisation for NEURONS (AXONS / LANES (1 + b) + 38) + 4.
//
// AXONS, NEURONS   1 to 4096; of what follows, see hwf_neuron, hwf_sums, hwf_weights, hwf_traces, hwf_plasticity
// LANES            a power of two that divides both
// WEIGHT_BITS (2 to 8), STATE_BITS (8 to 24), TRACE_BITS (4 to 16)
// LEARNING .. NORMALISATION, COUNTERS  features, 0 or 1; SYNAPSE_MASK and NORMALISATION are nothing without LEARNING
// SINGLE_PORT      weights in a memory with one port, for the SPRAM of the iCE40UP5K
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
    parameter int SINGLE_PORT = 0
) (
    input  logic                          clk,
    input  logic                          rst,
    // spikes of axons in the coming tick
    input  logic                          axon_valid,
    output logic                          axon_ready,
    input  logic        [           11:0] axon,
    input  logic                          clear_axons,
    // while not busy: a tick, or a normalisation
    input  logic                          tick,
    input  logic                          normalise,
    output logic                          busy,
    output logic                          spike_valid,       // in ascending order; there is no ready
    output logic        [           11:0] spike,
    // settings, which stay while busy
    input  logic                          learn,
    input  logic        [            3:0] weight_shift,
    input  logic        [            3:0] rule,
    input  logic signed [           15:0] potentiation,
    input  logic signed [           15:0] depression,
    input  logic        [           15:0] pre_decay,
    input  logic        [           15:0] post_decay,
    input  logic        [ TRACE_BITS-1:0] pre_step,
    input  logic        [ TRACE_BITS-1:0] post_step,
    input  logic signed [WEIGHT_BITS-1:0] weight_min,
    input  logic signed [WEIGHT_BITS-1:0] weight_max,
    input  logic        [           15:0] adaptation_decay,
    input  logic        [ STATE_BITS-2:0] adaptation_step,
    input  logic        [           19:0] target,
    // counts: a source's row was visited; sums that were clipped in this cycle
    output logic                          event_valid,
    output logic        [            7:0] saturations,
    // one value, while not busy: valid until ready; region 0 weight, 1 plastic, 2 field, 3 trace of a source
    input  logic                          host_valid,
    output logic                          host_ready,
    input  logic                          host_write,
    input  logic        [            1:0] host_region,
    input  logic        [           12:0] host_row,          // source, or field
    input  logic        [           11:0] host_column,       // neuron
    // verilator lint_off UNUSEDSIGNAL
    input  logic        [           31:0] host_wdata,        // what is outside a value's width is cut off
    // verilator lint_on UNUSEDSIGNAL
    output logic        [           31:0] host_rdata
);
  localparam int UNITS = LANES > 1 ? 2 : 1, PARTS = LANES / UNITS;
  localparam int SOURCES = AXONS + NEURONS;
  localparam int ROWS = NEURONS / LANES, AXON_WORDS = AXONS / LANES, WORDS = AXON_WORDS + ROWS, STEPS = NEURONS / UNITS;
  localparam int INDEX = $clog2((WORDS > STEPS ? WORDS : STEPS) + 1);
  localparam int HIGH = WORDS * ROWS > 1 ? $clog2(WORDS * ROWS) : 1;
  localparam int TURN = LANES > 1 ? $clog2(LANES) : 1, PART = PARTS > 1 ? $clog2(PARTS) : 1;
  localparam int UNIT = UNITS > 1 ? $clog2(UNITS) : 1;
  localparam int WORD = ROWS > 1 ? $clog2(ROWS) : 1, STEP = STEPS > 1 ? $clog2(STEPS) : 1;
  localparam int AXON = AXONS > 1 ? $clog2(AXONS) : 1, NEURON = NEURONS > 1 ? $clog2(NEURONS) : 1;
  localparam int AXON_WORD = AXON_WORDS > 1 ? $clog2(AXON_WORDS) : 1;
  localparam int X_WORD = $clog2(WORDS);
  localparam int SUM_BITS = WEIGHT_BITS + $clog2(SOURCES);
  localparam bit LEARNS = LEARNING != 0, MASKS = LEARNS && SYNAPSE_MASK != 0, NORMALISES = LEARNS && NORMALISATION != 0;
  localparam logic [1:0] WEIGHT = 0, PLASTIC = 1, FIELD = 2, TRACE = 3;
  localparam logic [3:0] Y = 4, FIRED = 5;

  generate
    if ((LANES & (LANES - 1)) != 0 || NEURONS % LANES != 0 || AXONS % LANES != 0) begin : bad_lanes
      $error("hwf_spiking: LANES is a power of two that divides AXONS and NEURONS.");
    end
    if (AXONS < 1 || NEURONS < 1 || AXONS > 4096 || NEURONS > 4096) begin : bad_sizes
      $error("hwf_spiking: AXONS and NEURONS are 1 to 4096.");
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
  logic [AXON_WORD-1:0] axon_word;
  assign learns = learn && LEARNS;
  hwf_sequence #(
      .AXONS(AXONS),
      .NEURONS(NEURONS),
      .LANES(LANES),
      .UNITS(UNITS),
      .NORMALISATION(NORMALISES ? 1 : 0),
      .SINGLE_PORT(SINGLE_PORT)
  ) sequence_of_events (
      .axon(next_axon),
      .fired(next_fired),
      .host_rescan(host_write && host_region == FIELD && host_row[3:0] == FIRED),
      .host_source(host_row),
      .host_of_source(host_region == TRACE),
      .host_neuron(host_column),
      .*
  );
  assign spike = 12'(next_fired);

  // What has come of what was named: stages 1 to 8.
  logic [3:1] changes;
  logic [2:1] beats, columns, axon_sides, scale;
  logic [6:1] sweeps;
  logic [6:1][INDEX-1:0] indices;
  logic scanned;
  always_ff @(posedge clk) begin
    beats <= {beats[1], row || column};
    columns <= {columns[1], column};
    changes <= {changes[2:1], (row || column) && (normalises ? scales : learns)};
    axon_sides <= {axon_sides[1], from_axon};
    scale <= {scale[1], scales};
    sweeps <= {sweeps[5:1], sweep};
    indices <= {indices[5:1], index};
    scanned <= scan;
    if (rst) begin
      beats   <= '0;
      changes <= '0;
      sweeps  <= '0;
      scanned <= 1'b0;
    end
  end

  // What the host names: a lane, a unit.
  logic [LANES-1:0] neuron_lane, source_lane;
  logic [UNITS-1:0] neuron_unit;
  logic [TURN-1:0] lane_of_neuron, lane_of_source;
  logic [UNIT-1:0] unit_of_neuron;
  logic writes;
  assign lane_of_neuron = LANES > 1 ? TURN'(host_column) : '0;
  assign lane_of_source = LANES > 1 ? TURN'(host_row) : '0;
  assign unit_of_neuron = UNITS > 1 ? UNIT'(host_column) : '0;
  assign neuron_lane = LANES'(1) << lane_of_neuron;
  assign source_lane = LANES'(1) << lane_of_source;
  assign neuron_unit = UNITS'(1) << unit_of_neuron;
  assign writes = host_now && host_write;

  // Axons and neurons with a spike.
  logic axons_ready, push;
  logic [LANES-1:0] axon_bits, push_bits;
  logic [WORD-1:0] push_word;
  logic [AXON_WORD-1:0] axon_place;
  assign axon_place = raise ? AXON_WORD'(index) : axon_word;
  assign axon_ready = axons_ready && rests && !tick && !normalise && !host_valid;
  hwf_axons #(
      .AXONS(AXONS),
      .LANES(LANES)
  ) axons (
      .clk,
      .rst,
      .clear(clear_axons),
      .s_valid(axon_valid && rests && !tick && !normalise && !host_valid),
      .s_ready(axons_ready),
      .s_data(axon),
      .restart(finish),
      .take(take_axon),
      .waiting(axon_waiting),
      .axon(next_axon),
      .place(axon_place),
      .wipe,
      .bits(axon_bits)
  );
  hwf_fired #(
      .NEURONS(NEURONS),
      .LANES(LANES)
  ) fired (
      .clk,
      .rst,
      .begin_list,
      .push,
      .push_place(push_word),
      .push_bits,
      .rewind,
      .take(take_fired),
      .waiting(fired_waiting),
      .neuron(next_fired)
  );

  // The weights, and which of them are plastic.
  logic [LANES-1:0][WEIGHT_BITS-1:0] weight1, weight2, weight3;
  logic [LANES-1:0] mask1, mask2, plastic2;
  hwf_weights #(
      .SOURCES(SOURCES),
      .ROWS(ROWS),
      .LANES(LANES),
      .BITS(WEIGHT_BITS),
      .SINGLE_PORT(SINGLE_PORT)
  ) weights (
      .clk,
      .column,
      .high,
      .turn,
      .read1(weight1),
      .write3(changes[3] ? '1 : writes && host_region == WEIGHT ? neuron_lane : '0),
      .data3(weight3)
  );
  generate
    if (MASKS) begin : mask
      hwf_weights #(
          .SOURCES(SOURCES),
          .ROWS(ROWS),
          .LANES(LANES),
          .BITS(1)
      ) plastic (
          .clk,
          .column,
          .high,
          .turn,
          .read1(mask1),
          .write3(writes && host_region == PLASTIC ? neuron_lane : '0),
          .data3({LANES{host_wdata[0]}})
      );
    end else begin : no_mask
      assign mask1 = '1;
    end
  endgenerate
  always_ff @(posedge clk) mask2 <= mask1;
  assign plastic2 = mask2 & {LANES{axon_sides[2] ? rule[2] : rule[3]}};

  // The neurons.
  logic [WORD-1:0] word;  // of LANES neurons
  logic [PART-1:0] part;  // of it, UNITS neurons
  logic [UNITS-1:0][SUM_BITS-1:0] sum2;
  logic [UNITS-1:0] fires6;
  logic [UNITS-1:0][1:0] saturated;
  logic [UNITS-1:0][31:0] field;
  assign word = WORD'(row || clear || scan ? index : index / INDEX'(PARTS));
  assign part = PART'(PARTS > 1 ? index : '0);
  hwf_sums #(
      .WORDS(ROWS),
      .LANES(LANES),
      .UNITS(UNITS),
      .WEIGHT_BITS(WEIGHT_BITS),
      .SUM_BITS(SUM_BITS)
  ) sums (
      .*
  );
  generate
    for (genvar k = 0; k < UNITS; k++) begin : unit
      hwf_neuron #(
          .WORDS(STEPS),
          .STATE_BITS(STATE_BITS),
          .SUM_BITS(SUM_BITS),
          .ADAPTATION(ADAPTATION),
          .SHIFTER(UNITS == 1 ? 1 : 0)
      ) neurons (
          .clk,
          .rst,
          .step(sweep),
          .place0(STEP'(index)),
          .place2(STEP'(indices[2])),
          .place6(STEP'(indices[6])),
          .sum2(sum2[k]),
          .weight_shift,
          .adaptation_decay,
          .adaptation_step,
          .fires6(fires6[k]),
          .saturated(saturated[k]),
          .host_write(writes && host_region == FIELD && neuron_unit[k]),
          .host_field(host_row[3:0]),
          .host_data(host_wdata[23:0]),
          .host_read(field[k])
      );
    end
  endgenerate
  always_comb begin
    saturations = '0;
    if (COUNTERS != 0) for (int k = 0; k < UNITS; k++) saturations += 8'(saturated[k][0]) + 8'(saturated[k][1]);
  end

  // Who fired in this tick, and in the tick before.
  logic whole6;
  logic [WORD-1:0] place6, read_word;
  logic [LANES-1:0] word6, fired_before;
  assign read_word = raise ? WORD'(high) : word;
  hwf_who_fired #(
      .NEURONS(NEURONS),
      .LANES(LANES),
      .UNITS(UNITS)
  ) who_fired (
      .step6(sweeps[6]),
      .index6(STEP'(indices[6])),
      .write(writes && host_region == FIELD && host_row[3:0] == FIRED),
      .host_lane(neuron_lane),
      .host_bit(host_wdata[0]),
      .*
  );
  assign push = whole6 || scanned;
  assign push_bits = scanned ? fired_before : word6;
  assign push_word = scanned ? WORD'(indices[1]) : place6;

  // Learning.
  logic [LANES-1:0][TRACE_BITS-1:0] x1, y1;
  generate
    if (LEARNS) begin : learning
      logic [15:0] factor;
      logic by_x;
      logic written;
      assign by_x = columns[1] || columns[2];
      assign written = host_region == WEIGHT && !busy;
      hwf_traces #(
          .AXONS(AXONS),
          .NEURONS(NEURONS),
          .LANES(LANES),
          .UNITS(UNITS),
          .TRACE_BITS(TRACE_BITS)
      ) traces (
          .clk,
          .rst,
          .rectangular(rule[0]),
          .nearest(rule[1]),
          .pre_decay,
          .post_decay,
          .pre_step,
          .post_step,
          .index(X_WORD'(index)),
          .raise,
          .spike1(axon_sides[1] ? axon_bits : fired_before),
          .x1,
          .word,
          .raise5(sweeps[5] && learns),
          .step5(STEP'(indices[5])),
          .fires6,
          .y1,
          .told(!busy),
          .write_x(writes && host_region == TRACE),
          .write_y(writes && host_region == FIELD && host_row[3:0] == Y),
          .host_lane(host_region == TRACE ? source_lane : neuron_lane),
          .host_data(host_wdata[TRACE_BITS-1:0])
      );
      for (genvar l = 0; l < LANES; l++) begin : lane
        hwf_plasticity #(
            .WEIGHT_BITS(WEIGHT_BITS),
            .TRACE_BITS (TRACE_BITS)
        ) plasticity (
            .clk,
            .written,
            .scales(NORMALISES && scale[2]),
            .rectangular(rule[0]),
            .gain(NORMALISES && scale[2] ? {1'b0, factor} : 17'(by_x ? potentiation : depression)),
            .weight_min(written ? host_wdata[WEIGHT_BITS-1:0] : weight_min),
            .weight_max,
            .trace1(by_x ? x1[l] : y1[l]),
            .weight1(weight1[l]),
            .beat1(beats[1]),
            .plastic2(plastic2[l]),
            .weight2(weight2[l]),
            .weight3(weight3[l])
        );
      end
      if (NORMALISES) begin : normalising
        hwf_normaliser #(
            .AXONS(AXONS),
            .LANES(LANES),
            .WEIGHT_BITS(WEIGHT_BITS)
        ) normaliser (
            .clk,
            .restart,
            .add(beats[2] && !scale[2]),
            .plastic(plastic2),
            .weight(weight2),
            .divide,
            .target,
            .factor
        );
      end else begin : not_normalising
        assign factor = '0;
        logic unused;
        assign unused = &{1'b0, target, restart, divide, scale, beats};
      end
    end else begin : fixed
      assign x1 = '0;
      assign y1 = '0;
      assign weight3 = {LANES{host_wdata[WEIGHT_BITS-1:0]}};
      always_ff @(posedge clk) weight2 <= beats[1] ? weight1 : '0;
      logic unused;
      assign unused = &{1'b0, rule, potentiation, depression, pre_decay, post_decay, pre_step, post_step, weight_min, weight_max,
                        target, changes, columns, beats, scale, plastic2, restart, divide, axon_bits, source_lane, host_wdata};
    end
  endgenerate

  // What the host reads.
  always_ff @(posedge clk)
    case (host_region)
      WEIGHT: host_rdata <= 32'($signed(weight1[lane_of_neuron]));
      PLASTIC: host_rdata <= 32'(mask1[lane_of_neuron]);
      FIELD: begin
        host_rdata <= field[unit_of_neuron];
        if (host_row[3:0] == Y) host_rdata <= 32'(y1[lane_of_neuron]);
        if (host_row[3:0] == FIRED) host_rdata <= 32'(fired_before[lane_of_neuron]);
      end
      default: host_rdata <= 32'(x1[lane_of_source]);
    endcase

`ifndef SYNTHESIS
  logic reads_what_is_written;
  assign reads_what_is_written = high == weights.highs[3] && (column != weights.columns[3] || turn == weights.turns[3]);
  a_weight_is_read_or_written :
  assert property (@(posedge clk) disable iff (rst)
                   (row || column) && changes[3] |-> SINGLE_PORT == 0 && !reads_what_is_written);
`endif
endmodule
