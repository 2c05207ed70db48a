// The spiking core: LIF neurons and STDP, one tick at a time (docs/neuron.md has the equations).
//
// Rows of the weights stream past for each source with a spike, LANES weights a cycle; then the neurons, LANES a cycle; if the
// tick learns, then a column for each neuron that fired, and the traces. With W = NEURONS / LANES, X = AXONS / LANES + W, S
// sources and P neurons that spike, a tick takes (`busy` is high) so many cycles:
//
//     14 + W + S (W + 3) + P + 1                            if it does not learn
//     14 + W + S (b W + 3) + 1 + P (b X + 3) + X            if it learns; b = 2 with SINGLE_PORT, else 1
//
// A normalisation takes NEURONS (AXONS / LANES (1 + b) + 46) + 6 cycles.
//
// Sizes and widths as in hwflow.spiking.Core. LEARNING .. NORMALISATION, COUNTERS: features, 0 or 1
// SINGLE_PORT   weights in a memory with one port, for the SPRAM of the iCE40UP5K
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
  localparam int SOURCES = AXONS + NEURONS;
  localparam int ROWS = NEURONS / LANES, AXON_WORDS = AXONS / LANES, COLUMNS = ROWS + AXON_WORDS;
  localparam int TURN = LANES > 1 ? $clog2(LANES) : 1;
  localparam int ROW_PLACE = ROWS > 1 ? $clog2(ROWS) : 1;
  localparam int COLUMN_PLACE = COLUMNS > 1 ? $clog2(COLUMNS) : 1;
  localparam int AXON_PLACE = AXON_WORDS > 1 ? $clog2(AXON_WORDS) : 1;
  localparam int INDEX = $clog2((COLUMNS > AXON_WORDS ? COLUMNS : AXON_WORDS) + 1);
  localparam int SOURCE = $clog2(SOURCES + 1);
  localparam int AXON = $clog2(AXONS + 1), NEURON = $clog2(NEURONS + 1);
  localparam int PLACE = $clog2(SOURCES * ROWS);
  localparam int SUM_BITS = WEIGHT_BITS + $clog2(SOURCES + 1);
  localparam int DATA = STATE_BITS > 16 ? STATE_BITS : 16;
  localparam logic [1:0] WEIGHT = 0, PLASTIC = 1, FIELD = 2;
  localparam logic [3:0] TRACE_Y = 4, FIRED = 5;
  localparam logic [3:0] CLEAR = 0, SCAN = 1, IDLE = 2, HOST = 3, GAP = 4, ROW = 5, FLUSH = 6, SWEEP = 7, LIST = 8, SPIKES = 9,
      NEXT = 10, COLUMN = 11, TRACES = 12, FINISH = 13, DIVIDE = 14, SETTLE = 15;

  generate
    if ((LANES & (LANES - 1)) != 0 || NEURONS % LANES != 0 || AXONS % LANES != 0) begin : lanes_are_not_legal
      $error("hwf_spiking: LANES is a power of two that divides AXONS and NEURONS.");
    end
    if (AXONS < 1 || NEURONS < 1 || AXONS > 4096 || NEURONS > 4096) begin : sizes_are_not_legal
      $error("hwf_spiking: AXONS and NEURONS are 1 to 4096.");
    end
  endgenerate

  logic [3:0] state;
  logic [5:0] wait_left;  // cycles of a state that only waits
  logic [INDEX-1:0] index;
  logic odd;  // the second cycle of a beat
  logic learns, normalises, scales, wanted_tick, wanted_normalise;
  assign learns = learn && LEARNING != 0;
  assign busy   = wanted_tick || wanted_normalise || (state >= GAP && !(state == SETTLE && !normalises));

  // A beat: one word in this cycle. Where a memory has one port, a beat that writes has a second cycle, for the write.
  logic slow, beat, last;
  logic [INDEX-1:0] words;
  assign slow = SINGLE_PORT != 0 && ((state == ROW && learns) || (state == COLUMN && (!normalises || scales)));
  assign beat = (state == ROW || state == COLUMN) && !odd;
  always_comb
    case (state)
      COLUMN:  words = normalises ? INDEX'(AXON_WORDS) : INDEX'(COLUMNS);
      TRACES:  words = INDEX'(COLUMNS);
      CLEAR:   words = INDEX'(ROWS);
      default: words = INDEX'(ROWS);
    endcase
  assign last = index == words - 1'b1 && (!slow || odd);

  // The source whose row, or the neuron whose column, is at work.
  logic [SOURCE-1:0] source;
  logic [NEURON-1:0] neuron;
  logic from_axon;
  logic [PLACE-1:0] product, weight_place;
  logic [TURN-1:0] turn;
  always_ff @(posedge clk) product <= PLACE'(source) * PLACE'(ROWS);

  // Axons and neurons with a spike.
  logic clearing, axon_waiting, fired_waiting, take_axon, take_fired, begin_list, rewind, push, restart, wipe, accepts;
  logic [AXON-1:0] next_axon;
  logic [NEURON-1:0] next_fired;
  logic [AXON_PLACE-1:0] axon_place;
  logic [LANES-1:0] axon_bits, push_bits;
  logic [ROW_PLACE-1:0] push_place;
  logic gap;  // the first cycle of a gap, in which the next source is taken
  assign gap = wait_left == 6'd2;
  assign take_axon = state == GAP && gap && axon_waiting;
  assign take_fired = (state == GAP && gap && !axon_waiting && fired_waiting) ||
      (state == NEXT && gap && fired_waiting && !normalises) || (state == SPIKES && fired_waiting);
  assign event_valid = take_axon || (state == GAP && take_fired);
  assign spike_valid = take_fired && state != GAP;
  assign spike = 12'(next_fired);
  // The bits of axons are cleared where they are used last.
  assign wipe = learns ? state == TRACES && 32'(index) < AXON_WORDS : state == ROW && from_axon;
  assign axon_place = state == TRACES ? AXON_PLACE'(index) : AXON_PLACE'(source / SOURCE'(LANES));
  assign accepts = state == IDLE && !tick && !normalise && !wanted_tick && !wanted_normalise && !host_valid;
  logic axon_taken;
  assign axon_ready = axon_taken && accepts;

  hwf_axons #(
      .AXONS(AXONS),
      .LANES(LANES)
  ) axons (
      .clk,
      .rst,
      .clear(clear_axons),
      .clearing,
      .s_valid(axon_valid && accepts),
      .s_ready(axon_taken),
      .s_data(axon),
      .restart,
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
      .push_place,
      .push_bits,
      .rewind,
      .take(take_fired),
      .waiting(fired_waiting),
      .neuron(next_fired)
  );

  // Stages behind a beat. Of a row or column: read in 1, changed in 2, written in 3. Of the sweep: written in 5.
  logic [3:1] beats, columns;
  logic [2:1] from_axons;
  logic [3:1][PLACE-1:0] places;
  logic [3:1][TURN-1:0] turns;
  logic [5:1] sweeps;
  logic [5:1][INDEX-1:0] indices;
  logic [3:1] traces;
  always_ff @(posedge clk) begin
    beats <= {beats[2:1], beat};
    columns <= {columns[2:1], state == COLUMN};
    from_axons <= {from_axons[1], state == COLUMN ? 32'(index) < AXON_WORDS : from_axon};
    places <= {places[2:1], weight_place};
    turns <= {turns[2:1], turn};
    sweeps <= {sweeps[4:1], state == SWEEP};
    indices <= {indices[4:1], index};
    traces <= {traces[2:1], state == TRACES};
    if (rst) begin
      beats  <= '0;
      sweeps <= '0;
      traces <= '0;
    end
  end

  // The weights.
  logic [LANES-1:0][WEIGHT_BITS-1:0] weight1, weight2, weight3;
  logic [LANES-1:0] plastic1, plastic2, host_lane;
  logic host_writes_weight, changes;
  assign changes = beats[3] && (normalises ? scales : learns);
  hwf_weights #(
      .SOURCES(SOURCES),
      .ROWS(ROWS),
      .LANES(LANES),
      .BITS(WEIGHT_BITS),
      .SINGLE_PORT(SINGLE_PORT)
  ) weights (
      .clk,
      .column(state == COLUMN),
      .place(weight_place),
      .place_turn(turn),
      .turn(turns[1]),
      .read_data(weight1),
      .write(changes ? '1 : host_writes_weight ? host_lane : '0),
      .write_column(changes && columns[3]),
      .write_place(changes ? places[3] : weight_place),
      .write_turn(changes ? turns[3] : turn),
      .write_data(changes ? weight3 : {LANES{host_wdata[WEIGHT_BITS-1:0]}})
  );
  generate
    if (SYNAPSE_MASK != 0 && LEARNING != 0) begin : mask
      hwf_weights #(
          .SOURCES(SOURCES),
          .ROWS(ROWS),
          .LANES(LANES),
          .BITS(1),
          .SINGLE_PORT(0)
      ) plastic (
          .clk,
          .column(state == COLUMN),
          .place(weight_place),
          .place_turn(turn),
          .turn(turns[1]),
          .read_data(plastic1),
          .write(state == HOST && wait_left == 6'd2 && host_write && host_region == PLASTIC ? host_lane : '0),
          .write_column(1'b0),
          .write_place(weight_place),
          .write_turn(turn),
          .write_data({LANES{host_wdata[0]}})
      );
    end else begin : no_mask
      assign plastic1 = '1;
    end
  endgenerate
  logic kind2;  // whether synapses of this kind of source are plastic
  assign kind2 = from_axons[2] ? rule[2] : rule[3];
  always_ff @(posedge clk) begin
    weight2  <= weight1;
    plastic2 <= plastic1;
  end

  // The neurons.
  logic [ROW_PLACE-1:0] place;
  logic [LANES-1:0] fires;
  logic [LANES-1:0][1:0] saturated;
  logic [LANES-1:0][31:0] field_read;
  logic passes;  // the index names a word of neurons
  assign passes = state == ROW || state == SWEEP || state == CLEAR;
  assign place  = passes ? ROW_PLACE'(index) : ROW_PLACE'(host_column / 12'(LANES));
  generate
    for (genvar l = 0; l < LANES; l++) begin : lane
      assign host_lane[l] = LANES == 1 || host_column[TURN-1:0] == TURN'(l);
      hwf_neuron #(
          .WORDS(ROWS),
          .STATE_BITS(STATE_BITS),
          .WEIGHT_BITS(WEIGHT_BITS),
          .SUM_BITS(SUM_BITS),
          .ADAPTATION(ADAPTATION)
      ) neurons (
          .clk,
          .rst,
          .place,
          .row(beat && state == ROW),
          .weight(weight2[l]),
          .sweep(state == SWEEP),
          .clear(state == CLEAR),
          .weight_shift,
          .adaptation_decay,
          .adaptation_step,
          .fires(fires[l]),
          .saturated(saturated[l]),
          .host_write(state == HOST && wait_left == 6'd4 && host_write && host_region == FIELD && host_lane[l]),
          .host_field(host_row[3:0]),
          .host_data(host_wdata[DATA-1:0]),
          .host_read(field_read[l])
      );
    end
  endgenerate

  always_comb begin
    saturations = '0;
    if (COUNTERS != 0)
      for (int l = 0; l < LANES; l++) saturations = saturations + 8'(saturated[l][0]) + 8'(saturated[l][1]);
  end

  // Which neurons fired in this tick, and in the one before: two memories that change places.
  logic newest;
  logic [1:0][LANES-1:0] fired_words;
  logic [ROW_PLACE-1:0] fired_place;
  logic [ROW_PLACE-1:0] trace_place;
  logic host_writes_fired;
  assign trace_place = ROW_PLACE'(index - INDEX'(AXON_WORDS));
  assign fired_place = state == SCAN ? ROW_PLACE'(index) : state == TRACES ? trace_place : place;
  assign host_writes_fired = state == HOST && wait_left == 6'd2 && host_write && host_region == FIELD && host_row[3:0] == FIRED;
  generate
    for (genvar z = 0; z < 2; z++) begin : fired_memory
      logic sweeping, telling;
      assign sweeping = sweeps[5] && newest != 1'(z);
      assign telling  = host_writes_fired && newest == 1'(z);
      hwf_ram #(
          .DEPTH(ROWS),
          .WIDTH(LANES)
      ) words (
          .clk,
          .write(sweeping || telling),
          .write_address(sweeping ? ROW_PLACE'(indices[5]) : place),
          .write_data(sweeping ? fires : host_wdata[0] ? fired_words[z] | host_lane : fired_words[z] & ~host_lane),
          .read_address(fired_place),
          .read_data(fired_words[z])
      );
    end
  endgenerate
  logic scanned;
  always_ff @(posedge clk) scanned <= state == SCAN && !rst;
  assign push = sweeps[5] || scanned;
  assign push_bits = scanned ? fired_words[newest] : fires;
  assign push_place = ROW_PLACE'(scanned ? indices[1] : indices[5]);

  // Learning: traces, and what they make of the weights.
  logic [LANES-1:0][TRACE_BITS-1:0] x1, y1;
  logic [15:0] factor;
  generate
    if (LEARNING != 0) begin : learning
      logic [COLUMN_PLACE-1:0] x_place;
      logic [ROW_PLACE-1:0] y_place;
      logic works;
      assign works   = state == COLUMN || state == TRACES;
      assign x_place = works ? COLUMN_PLACE'(index) : COLUMN_PLACE'(host_row / 13'(LANES));
      assign y_place = state == TRACES ? trace_place : place;
      logic of_neuron1, of_neuron2, of_neuron3;  // a word of traces of neurons, as sources and as targets
      always_ff @(posedge clk) begin
        of_neuron1 <= 32'(index) >= AXON_WORDS;
        of_neuron2 <= of_neuron1;
        of_neuron3 <= of_neuron2;
      end
      for (genvar l = 0; l < LANES; l++) begin : lane
        logic [TRACE_BITS-1:0] x3, y3;
        logic write_x, write_y, x_lane;
        assign x_lane  = LANES == 1 || host_row[TURN-1:0] == TURN'(l);
        assign write_x = state == HOST && wait_left == 6'd4 && host_write && host_region == 2'd3 && x_lane;
        assign write_y = state == HOST && wait_left == 6'd4 && host_write && host_region == FIELD && host_row[3:0] == TRACE_Y &&
            host_lane[l];
        hwf_ram #(
            .DEPTH(COLUMNS),
            .WIDTH(TRACE_BITS)
        ) xs (
            .clk,
            .write(traces[3] || write_x),
            .write_address(traces[3] ? COLUMN_PLACE'(indices[3]) : x_place),
            .write_data(traces[3] ? x3 : host_wdata[TRACE_BITS-1:0]),
            .read_address(x_place),
            .read_data(x1[l])
        );
        hwf_ram #(
            .DEPTH(ROWS),
            .WIDTH(TRACE_BITS)
        ) ys (
            .clk,
            .write((traces[3] && of_neuron3) || write_y),
            .write_address(traces[3] ? ROW_PLACE'(indices[3] - INDEX'(AXON_WORDS)) : y_place),
            .write_data(traces[3] ? y3 : host_wdata[TRACE_BITS-1:0]),
            .read_address(y_place),
            .read_data(y1[l])
        );
        hwf_trace #(
            .BITS(TRACE_BITS)
        ) raise_x (
            .clk,
            .rectangular(rule[0]),
            .nearest(rule[1]),
            .decay(pre_decay),
            .step(pre_step),
            .q1(x1[l]),
            .spike1(of_neuron1 ? fired_words[newest][l] : axon_bits[l]),
            .raised3(x3)
        );
        hwf_trace #(
            .BITS(TRACE_BITS)
        ) raise_y (
            .clk,
            .rectangular(rule[0]),
            .nearest(rule[1]),
            .decay(post_decay),
            .step(post_step),
            .q1(y1[l]),
            .spike1(fired_words[!newest][l]),
            .raised3(y3)
        );
        hwf_plasticity #(
            .WEIGHT_BITS(WEIGHT_BITS),
            .TRACE_BITS (TRACE_BITS)
        ) plasticity (
            .clk,
            .scale(NORMALISATION != 0 && normalises),
            .factor,
            .rectangular(rule[0]),
            .gain(columns[1] || columns[2] ? potentiation : depression),
            .weight_min,
            .weight_max,
            .trace1(columns[1] ? x1[l] : y1[l]),
            .weight1(weight1[l]),
            .weight2(weight2[l]),
            .plastic2(plastic2[l] && kind2),
            .weight3(weight3[l])
        );
      end
    end else begin : fixed
      assign x1 = '0;
      assign y1 = '0;
      assign weight3 = weight2;
    end
  endgenerate

  // Normalisation: the sum of a column, then factor = min(4096 target / sum, 65535), a bit a cycle.
  generate
    if (NORMALISATION != 0 && LEARNING != 0) begin : normalisation
      localparam int TOTAL = WEIGHT_BITS + $clog2(AXONS + 1);
      logic [TOTAL-1:0] total, word;
      logic [TOTAL-1:0] rest;
      logic [TOTAL:0] less;
      logic [31:0] numerator;
      logic [15:0] quotient;
      logic over;
      always_comb begin
        word = '0;
        for (int l = 0; l < LANES; l++)
          if (plastic2[l] && kind2 && !weight2[l][WEIGHT_BITS-1]) word = word + TOTAL'(weight2[l]);
      end
      assign less = {rest, numerator[31]} - {1'b0, total};
      assign factor = over ? '1 : quotient;
      always_ff @(posedge clk) begin
        if (state == NEXT && !scales) total <= '0;
        else if (beats[2] && !scales) total <= total + word;
        if (state == DIVIDE) begin
          numerator <= {numerator[30:0], 1'b0};
          rest <= less[TOTAL] ? {rest[TOTAL-2:0], numerator[31]} : less[TOTAL-1:0];
          quotient <= {quotient[14:0], !less[TOTAL]};
          if (quotient[15]) over <= 1'b1;
        end else if (!scales) begin
          numerator <= {target, 12'b0};
          rest <= '0;
          quotient <= '0;
          over <= 1'b0;
        end
      end
    end else begin : no_normalisation
      assign factor = '0;
      logic unused;
      assign unused = &{1'b0, target};
    end
  endgenerate

  // What the host reads.
  assign host_writes_weight = state == HOST && wait_left == 6'd2 && host_write && host_region == WEIGHT;
  logic [TURN-1:0] read_lane;
  assign read_lane = LANES == 1 ? '0 : host_region == 2'd3 ? host_row[TURN-1:0] : host_column[TURN-1:0];
  always_ff @(posedge clk) begin
    case (host_region)
      WEIGHT:  host_rdata <= 32'($signed(weight1[read_lane]));
      PLASTIC: host_rdata <= 32'(plastic1[read_lane]);
      FIELD:
      case (host_row[3:0])
        TRACE_Y: host_rdata <= 32'(y1[read_lane]);
        FIRED:   host_rdata <= 32'(fired_words[newest][read_lane]);
        default: host_rdata <= field_read[read_lane];
      endcase
      default: host_rdata <= 32'(x1[read_lane]);
    endcase
  end

  // The course of a tick.
  assign begin_list = (state == FLUSH && wait_left == '0) || (state == CLEAR && last) || (state == SCAN && host_ready);
  assign rewind = state == FINISH && wait_left == 6'd3;
  assign restart = rewind && !normalises;
  always_ff @(posedge clk) begin
    host_ready <= 1'b0;
    if (wait_left != '0) wait_left <= wait_left - 1'b1;
    if (tick) wanted_tick <= 1'b1;
    if (normalise && NORMALISATION != 0 && LEARNING != 0) wanted_normalise <= 1'b1;
    // The index of a pass.
    odd <= slow && !odd;
    if (!slow || odd) index <= index + 1'b1;
    if (!slow || odd) weight_place <= weight_place + (state == COLUMN ? PLACE'(LANES * ROWS) : PLACE'(1));

    case (state)
      CLEAR:
      if (last && !clearing) begin
        state <= SCAN;
        index <= '0;
      end else if (last) index <= index;
      SCAN:
      if (last) begin
        state <= SETTLE;
        wait_left <= 6'd4;
      end
      SETTLE:
      if (wait_left == '0) begin
        state <= !normalises ? IDLE : scales ? NEXT : DIVIDE;
        wait_left <= scales ? 6'd2 : 6'd31;
        scales <= 1'b0;
        if (scales) neuron <= neuron + 1'b1;
      end
      DIVIDE:
      if (wait_left == '0) begin
        state <= NEXT;
        wait_left <= 6'd2;
        scales <= 1'b1;
      end
      IDLE: begin
        odd <= 1'b0;
        normalises <= 1'b0;
        scales <= 1'b0;
        neuron <= '0;
        if (wanted_tick || tick) begin
          wanted_tick <= 1'b0;
          state <= GAP;
          wait_left <= 6'd2;
        end else if (wanted_normalise) begin
          wanted_normalise <= 1'b0;
          normalises <= 1'b1;
          state <= NEXT;
          wait_left <= 6'd2;
        end else if (host_valid && !host_ready) begin
          state <= HOST;
          wait_left <= 6'd5;
          source <= SOURCE'(host_row);
          from_axon <= 1'b0;
        end
      end
      HOST: begin
        if (wait_left == 6'd3) begin
          weight_place <= product + PLACE'(host_column / 12'(LANES));
          turn <= LANES > 1 ? source[TURN-1:0] : '0;
        end else weight_place <= weight_place;
        if (wait_left == '0) begin
          host_ready <= 1'b1;
          index <= '0;
          state <= host_write && host_region == FIELD && host_row[3:0] == FIRED ? SCAN : IDLE;
        end
      end
      GAP: begin
        source <= axon_waiting ? SOURCE'(next_axon) : SOURCE'(AXONS) + SOURCE'(next_fired);
        from_axon <= axon_waiting;
        if (!gap) begin
          source <= source;
          from_axon <= from_axon;
        end
        turn <= LANES > 1 ? source[TURN-1:0] : '0;
        weight_place <= product;
        index <= '0;
        odd <= 1'b0;
        if (gap && !axon_waiting && !fired_waiting) begin
          state <= FLUSH;
          wait_left <= 6'd1;
        end else if (wait_left == '0) state <= ROW;
      end
      ROW:
      if (last) begin
        state <= GAP;
        wait_left <= 6'd2;
      end
      FLUSH: begin
        index <= '0;
        if (wait_left == '0) state <= SWEEP;
      end
      SWEEP:
      if (last) begin
        state <= LIST;
        wait_left <= 6'd6;
      end
      LIST:
      if (wait_left == '0) begin
        state <= learns ? NEXT : SPIKES;
        wait_left <= learns ? 6'd2 : '0;
      end
      SPIKES:
      if (!fired_waiting) begin
        state <= FINISH;
        wait_left <= 6'd3;
      end
      NEXT: begin
        if (gap && !normalises) neuron <= next_fired;
        weight_place <= PLACE'(neuron / NEURON'(LANES));
        turn <= LANES > 1 ? neuron[TURN-1:0] : '0;
        index <= '0;
        odd <= 1'b0;
        if (gap && (normalises ? 32'(neuron) == NEURONS : !fired_waiting)) begin
          state <= normalises ? FINISH : TRACES;
          wait_left <= 6'd3;
        end else if (wait_left == '0) state <= COLUMN;
      end
      COLUMN:
      if (last) begin
        state <= normalises ? SETTLE : NEXT;
        wait_left <= normalises ? 6'd3 : 6'd2;
      end
      TRACES:
      if (last) begin
        state <= FINISH;
        wait_left <= 6'd3;
      end
      FINISH:
      if (wait_left == '0) begin
        state <= IDLE;
        if (!normalises) newest <= !newest;
      end
      default: ;
    endcase
    if (rst) begin
      state <= CLEAR;
      index <= '0;
      odd <= 1'b0;
      newest <= 1'b0;
      wanted_tick <= 1'b0;
      wanted_normalise <= 1'b0;
      normalises <= 1'b0;
      scales <= 1'b0;
    end
  end
endmodule
