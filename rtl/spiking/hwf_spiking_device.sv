// The application behind hwf_link for a spiking net: READ, WRITE and STREAM of docs/neuron.md, and the core itself.
//
// A value on its way to or from the core is in one register, from which replies are shifted out and into which payloads
// are shifted in: 1 cycle a byte, and some 10 cycles a value with the core's own access. READ and WRITE first walk over
// their addresses (a cycle each), so that a request that leaves its range is refused before anything is written.
// STREAM takes bytes, and runs ticks and obeys orders, until there are no more, or the log has no room for a tick; then it replies. The log has
// the spikes of neurons from `told` on, or their counts (hwf_told).
//
// AXONS .. FAN_IN      as of the core (hwf_spiking)
// COUNTING             spikes can be counted (hwf_told)
// LOG                  spikes that can wait to be fetched: see hwf_spike_log
module hwf_spiking_device #(
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
    parameter int COUNTING = 0,
    parameter int BLOCKS = 0,
    parameter logic [511:0] PLACES = '0,
    parameter int ENTRIES = 0,
    parameter int STORED = ENTRIES != 0 ? ENTRIES / LANES : (AXONS + NEURONS) / LANES * (NEURONS / LANES),
    parameter int FAN_IN = AXONS + NEURONS,
    parameter int LOG = 128
) (
    input  logic        clk,
    input  logic        rst,
    input  logic        hello,
    input  logic        request_valid,
    input  logic [ 7:0] request_operation,
    input  logic [31:0] request_address,
    input  logic [ 7:0] request_length,
    input  logic        p_valid,
    output logic        p_ready,
    input  logic [ 7:0] p_data,
    input  logic        p_more,
    output logic        r_valid,
    input  logic        r_ready,
    output logic [ 7:0] r_data,
    output logic        request_done,
    output logic [ 7:0] reply_status
);
  localparam logic [7:0] READ = 2, WRITE = 3, STREAM = 4, OK = 0, BAD_ADDRESS = 2, BAD_LENGTH = 3;
  localparam logic [4:0] LEARN = 1;  // a setting
  localparam logic [7:0] MOST = 240;  // bytes of a payload
  localparam logic [5:0] ITEMS = 60;  // of a reply to STREAM: position, ticks, spikes
  localparam logic [3:0] IDLE = 0, SIZE = 1, BEGIN = 2, WALK = 3, FETCH = 4, GIVE = 5, TAKE = 6, STORE = 7, NEXT = 8,
      RUN = 9, PICK = 10, DONE = 11;

  logic [3:0] state;
  logic [1:0] status;
  assign request_done = state == DONE;
  assign reply_status = 8'(status);

  // What READ and WRITE work on: `left` values from `row` and `column` on.
  logic writes, walked, wide, exists, in_range, absent, in_settings, busy;
  logic [7:0] count, left;  // bytes; values
  logic [13:0] row;
  logic [13:0] column;
  logic [31:0] value;  // under way, its lowest byte first
  logic [2:0] bytes;  // of it that are still to come or to go
  assign writes = request_operation == WRITE;

  hwf_spiking_address #(
      .AXONS(AXONS),
      .NEURONS(NEURONS),
      .LEARNING(LEARNING),
      .SYNAPSE_MASK(SYNAPSE_MASK),
      .ADAPTATION(ADAPTATION),
      .STOCHASTIC(STOCHASTIC),
      .MODULATION(MODULATION),
      .LANES(LANES),
      .ENTRIES(ENTRIES)
  ) place (
      .clk,
      .address(request_address),
      .load(state == BEGIN),
      .step(state == WALK || (state == NEXT && !busy)),
      .row,
      .column,
      .exists,
      .wide,
      .in_range,
      .in_settings,
      .absent
  );

  // Settings.
  logic [31:0] tick;
  logic [7:0] setting_byte;
  logic quiet;
  logic spike_valid;
  logic normalise, ticking, start, tick_ends, event_valid;
  hwf_core::settings_t settings;
  logic [7:0] saturations;
  logic [13:0] told;
  logic counting, recount, ordered, obeys;
  logic [2:0] flags;  // of an order: learn, give the counts, put to rest

  hwf_settings #(
      .LANES(LANES),
      .WEIGHT_BITS(WEIGHT_BITS),
      .STATE_BITS(STATE_BITS),
      .TRACE_BITS(TRACE_BITS),
      .LEARNING(LEARNING),
      .ADAPTATION(ADAPTATION),
      .NORMALISATION(NORMALISATION),
      .COUNTERS(COUNTERS),
      .STOCHASTIC(STOCHASTIC),
      .MODULATION(MODULATION),
      .COUNTING(COUNTING)
  ) settings_and_counters (
      .clk,
      .rst,
      .write(obeys || (state == STORE && in_settings && bytes == 3'd4)),
      .store(obeys || (state == STORE && in_settings)),
      .index(state == RUN ? LEARN : column[4:0]),
      .place(state == RUN ? 2'd0 : 2'd0 - bytes[1:0]),
      .written({value[31:1], state == RUN ? flags[0] : value[0]}),
      .read(setting_byte),
      .quiet,
      .normalise,
      .settings,
      .told,
      .counting,
      .recount,
      .tick,
      .tick_ends,
      .tick_runs(ticking && busy),
      .spike(spike_valid),
      .source_spike(event_valid),
      .saturated(saturations)
  );

  // Stimuli, which are forgotten with HELLO.
  logic forget, waiting, stimulus_ready, axon_valid, axon_ready;
  logic [13:0] axon;
  logic [7:0] axon_value;
  logic [31:0] position;
  assign forget = rst || hello;

  hwf_stimuli #(
      .AXONS (AXONS),
      .GRADED(GRADED)
  ) stimuli (
      .clk,
      .rst(forget),
      .s_valid(state == RUN && p_valid),
      .s_ready(stimulus_ready),
      .s_data(p_data),
      .axon_valid,
      .axon_ready,
      .axon,
      .axon_value,
      .waiting,
      .ordered,
      .flags,
      .start
  );

  // The core, and the log of its spikes.
  logic computing, telling, room, logged_valid, logged_ready, host_ready, host_valid;
  logic [13:0] spike;
  logic [31:0] logged, found;
  assign host_valid = (state == FETCH || state == STORE) && !in_settings && !absent;
  assign start = state == RUN && waiting && room && !busy && (quiet || !ordered);
  assign obeys = start && ordered;
  assign busy  = computing || telling;
  assign tick_ends = ticking && !busy;

  hwf_spiking #(
      .AXONS(AXONS),
      .NEURONS(NEURONS),
      .LANES(LANES),
      .WEIGHT_BITS(WEIGHT_BITS),
      .STATE_BITS(STATE_BITS),
      .TRACE_BITS(TRACE_BITS),
      .LEARNING(LEARNING),
      .SYNAPSE_MASK(SYNAPSE_MASK),
      .ADAPTATION(ADAPTATION),
      .NORMALISATION(NORMALISATION),
      .COUNTERS(COUNTERS),
      .SINGLE_PORT(SINGLE_PORT),
      .STOCHASTIC(STOCHASTIC),
      .MODULATION(MODULATION),
      .GRADED(GRADED),
      .BLOCKS(BLOCKS),
      .PLACES(PLACES),
      .ENTRIES(ENTRIES),
      .STORED(STORED),
      .FAN_IN(FAN_IN)
  ) core (
      .clk,
      .rst,
      .axon_valid,
      .axon,
      .axon_value,
      .axon_ready,
      .clear_axons(hello),
      .tick(start && !ordered),
      .to_rest(obeys && flags[2]),
      .normalise,
      .normalise_one(value[1]),
      .normalise_neuron(value[29:16]),
      .busy(computing),
      .spike_valid,
      .spike,
      .settings,
      .event_valid,
      .saturations,
      .host_valid,
      .host_ready,
      .host_write(writes),
      .host_region(ENTRIES != 0 ? request_address[30:28] - 3'd1 : {1'b0, request_address[29:28] - 2'd1}),
      .host_row(row),
      .host_column(column),
      .host_wdata(value),
      .host_rdata(found)
  );

  hwf_told #(
      .NEURONS(NEURONS),
      .WORDS(LOG),
      .COUNTING(COUNTING)
  ) of_spikes (
      .clk,
      .rst,
      .forget(hello),
      .spike_valid,
      .spike,
      .tick(tick[17:0]),
      .told,
      .counting,
      .zero(recount),
      .give(obeys && flags[1]),
      .busy(telling),
      .room,
      .m_valid(logged_valid),
      .m_ready(logged_ready),
      .m_data(logged)
  );

  logic [5:0] item;  // of the reply to STREAM
  logic more, taken, given, last_taken, fetched, stored;
  assign more = item < 6'd2 || (logged_valid && item != ITEMS);
  assign logged_ready = state == PICK && item >= 6'd2 && item != ITEMS;
  assign r_valid = state == GIVE;
  assign r_data = value[7:0];
  assign p_ready = state == SIZE || state == TAKE || (state == RUN && stimulus_ready);
  assign taken = p_valid && p_ready;
  assign given = r_valid && r_ready;
  assign last_taken = state == TAKE && taken && bytes == 3'd1;
  // A setting takes a cycle a byte; its first one comes from the memory a cycle later.
  assign fetched = state == FETCH && (in_settings ? bytes == '0 : absent || host_ready);
  assign stored = state == STORE && (in_settings ? bytes == 3'd1 : absent || host_ready);

  always_ff @(posedge clk) begin
    if (state == TAKE && taken) value <= wide ? {p_data, value[31:8]} : {24'd0, p_data};
    else if (state == PICK) value <= item == '0 ? position : item == 6'd1 ? tick : logged;
    else if (state == FETCH && in_settings) value <= column == '0 ? tick : {setting_byte, value[31:8]};
    else if (state == FETCH) value <= absent ? '0 : found;
    else if (given || (state == STORE && in_settings)) value <= value >> 8;

    if (state == BEGIN || state == NEXT || state == PICK || last_taken) bytes <= (wide || state == PICK) ? 3'd4 : 3'd1;
    else if (fetched) bytes <= wide ? 3'd4 : 3'd1;
    else if (given || (state == TAKE && taken) || (in_settings && (state == FETCH || state == STORE))) bytes <= bytes - 1'b1;

    if (state == RUN && taken) position <= position + 1'b1;
    if (forget) position <= '0;
    if (state == BEGIN) left <= wide ? count >> 2 : count;
    else if (state == WALK || (state == NEXT && !busy)) left <= left - 1'b1;
  end

  always_ff @(posedge clk) begin
    ticking <= (start && !ordered) || (ticking && busy);
    case (state)
      IDLE:
      if (request_valid && quiet) begin
        status <= OK[1:0];
        walked <= 1'b0;
        item   <= '0;
        count  <= request_length;
        state  <= BEGIN;
        if (request_operation == STREAM) state <= request_address == position ? RUN : PICK;
        if (request_operation == READ) begin
          state  <= SIZE;
          if (request_length != 8'd1) begin
            status <= BAD_LENGTH[1:0];
            state  <= DONE;
          end
        end
      end
      SIZE:
      if (taken) begin
        count <= p_data;
        state <= BEGIN;
      end
      BEGIN: begin
        state <= !walked ? WALK : writes ? TAKE : FETCH;
        if (count == '0 && exists) state <= DONE;
        else if (!exists) begin
          status <= BAD_ADDRESS[1:0];
          state  <= DONE;
        end else if ((wide && count[1:0] != '0) || count > MOST) begin
          status <= BAD_LENGTH[1:0];
          state  <= DONE;
        end
      end
      WALK: begin
        walked <= 1'b1;
        if (!in_range) begin
          status <= BAD_ADDRESS[1:0];
          state  <= DONE;
        end else if (left == 8'd1) state <= BEGIN;
      end
      FETCH: if (fetched) state <= GIVE;
      GIVE: if (given && bytes == 3'd1) state <= request_operation == STREAM ? PICK : NEXT;
      TAKE: if (last_taken) state <= STORE;
      STORE: if (stored) state <= NEXT;
      NEXT: if (!busy) state <= left == 8'd1 ? DONE : writes ? TAKE : FETCH;
      RUN: if (!busy && !ticking && (waiting ? !room : !p_more)) state <= PICK;
      PICK: begin
        item  <= item + 1'b1;
        state <= more ? GIVE : DONE;
      end
      default: state <= IDLE;  // DONE
    endcase
    if (rst) begin
      state <= IDLE;
      ticking <= 1'b0;
    end
  end

`ifndef SYNTHESIS
  the_core_rests_between_requests :
  assert property (@(posedge clk) disable iff (rst) busy |-> request_valid);
  a_request_stays_until_it_is_done :
  assert property (@(posedge clk) disable iff (rst) state != IDLE |-> request_valid);
`endif
endmodule
