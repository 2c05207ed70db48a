// The settings and counters of docs/neuron.md: what the core uses at once is in registers, and a copy of it, and the
// counters, in a small memory, byte by byte, from which they are read.
//
// To write: `write` with the first byte, and `store` with all four, the value's lowest byte first; `written` is shifted down
// by a byte a cycle meanwhile. To read: `read` is the byte `place` of setting `index` of the cycle before. Setting 0 is not
// among them; it is on `tick`. What is outside a setting's width is cut off, and settings of a feature that the core was
// built without are zero. The tick and the counters are zero after reset.
//
// What is counted waits until its turn comes to be added in the memory, which takes 3 cycles, or 9 where carries run through. No
// setting is to be read or written unless `quiet` is high, which it is at most 80 cycles after the last count.
//
// `recount`: setting 30 is written, whatever with.
//
// LANES .. COUNTING  as of the core
module hwf_settings #(
    parameter int LANES = 2,
    parameter int WEIGHT_BITS = 8,
    parameter int STATE_BITS = 16,
    parameter int TRACE_BITS = 8,
    parameter int LEARNING = 1,
    parameter int ADAPTATION = 1,
    parameter int NORMALISATION = 1,
    parameter int COUNTERS = 1,
    parameter int STOCHASTIC = 0,
    parameter int MODULATION = 0,
    parameter int COUNTING = 0
) (
    input  logic                clk,
    input  logic                rst,
    input  logic                write,
    input  logic                store,
    input  logic [ 4:0]         index,
    input  logic [ 1:0]         place,
    input  logic [31:0]         written,
    output logic [ 7:0]         read,
    output logic                quiet,
    // to the core
    output logic                normalise,   // setting 15 is written, with a 1 in its lowest bit
    output hwf_core::settings_t settings,
    output logic [13:0]         told,        // to the host: neurons from this number on
    output logic                counting,    // as counts
    output logic                recount,
    // what is counted
    output logic [31:0]         tick,
    input  logic                tick_ends,
    input  logic                tick_runs,
    input  logic                spike,
    input  logic                source_spike,
    input  logic [ 7:0]         saturated
);
  localparam logic [4:0] TICK = 0, LEARN = 1, SHIFT = 2, RULE = 3, POTENTIATION = 4, DEPRESSION = 5, PRE_DECAY = 6,
      POST_DECAY = 7, PRE_STEP = 8, POST_STEP = 9, WEIGHT_MIN = 10, WEIGHT_MAX = 11, ADAPTATION_DECAY = 12,
      ADAPTATION_STEP = 13, TARGET = 14, NORMALISE = 15, SPIKES = 16, BUSY_CYCLES = 19,
      MODULATING_AXONS = 20, MODULATING_NEURONS = 21, CLOSING = 22, GATED = 23, RATE = 24, FREE_RATE = 25, NEAR_SHIFT = 26,
      LEAST = 27, MOST = 28, TOLD = 29, COUNTS = 30;

  // Bits of a setting; none if it is absent.
  function automatic logic [5:0] width(input logic [4:0] number);
    case (number)
      LEARN: width = LEARNING != 0 ? 6'd1 : '0;
      SHIFT: width = 6'd4;
      RULE: width = LEARNING == 0 ? '0 : MODULATION != 0 ? 6'd6 : STOCHASTIC != 0 ? 6'd5 : 6'd4;
      POTENTIATION, DEPRESSION, PRE_DECAY, POST_DECAY: width = LEARNING != 0 ? 6'd16 : '0;
      PRE_STEP, POST_STEP: width = LEARNING != 0 ? 6'(TRACE_BITS) : '0;
      WEIGHT_MIN, WEIGHT_MAX: width = LEARNING != 0 ? 6'(WEIGHT_BITS) : '0;
      ADAPTATION_DECAY: width = ADAPTATION != 0 ? 6'd16 : '0;
      ADAPTATION_STEP: width = ADAPTATION != 0 ? 6'(STATE_BITS - 1) : '0;
      TARGET: width = NORMALISATION != 0 ? 6'd20 : '0;
      MODULATING_AXONS, MODULATING_NEURONS, CLOSING, GATED: width = MODULATION != 0 ? 6'd14 : '0;
      RATE, FREE_RATE: width = MODULATION != 0 ? 6'd16 : '0;
      NEAR_SHIFT: width = MODULATION != 0 ? 6'd4 : '0;
      LEAST, MOST: width = MODULATION != 0 ? 6'(TRACE_BITS) : '0;
      TOLD: width = 6'd14;
      COUNTS: width = COUNTING != 0 ? 6'd1 : '0;
      TICK, NORMALISE: width = '0;
      default: width = COUNTERS != 0 && number >= SPIKES && number <= BUSY_CYCLES ? 6'd32 : '0;
    endcase
  endfunction

  always_ff @(posedge clk) begin
    if (write && index == TICK) tick <= written;
    else if (tick_ends) tick <= tick + 1'b1;
    if (rst) tick <= '0;
  end
  assign normalise = NORMALISATION != 0 && write && index == NORMALISE && written[0];

  assign recount = COUNTING != 0 && write && index == COUNTS;

  hwf_core::settings_t registers;
  logic counted;
  assign counting = COUNTING != 0 && counted;
  always_ff @(posedge clk)
    if (write)
      case (index)
        TOLD: told <= written[13:0];
        COUNTS: counted <= written[0];
        LEARN: registers.learning.learn <= written[0];
        SHIFT: registers.neurons.weight_shift <= written[3:0];
        RULE: begin
          registers.learning.rectangular <= written[0];
          registers.learning.nearest <= written[1];
          registers.learning.plastic_axons <= written[2];
          registers.learning.plastic_neurons <= written[3];
          registers.learning.stochastic <= written[4];
          registers.learning.modulated <= written[5];
        end
        POTENTIATION: registers.learning.potentiation <= written[15:0];
        DEPRESSION: registers.learning.depression <= written[15:0];
        PRE_DECAY: registers.learning.pre_decay <= written[15:0];
        POST_DECAY: registers.learning.post_decay <= written[15:0];
        PRE_STEP: registers.learning.pre_step <= 16'(written[TRACE_BITS-1:0]);
        POST_STEP: registers.learning.post_step <= 16'(written[TRACE_BITS-1:0]);
        WEIGHT_MIN: registers.learning.weight_min <= 8'($signed(written[WEIGHT_BITS-1:0]));
        WEIGHT_MAX: registers.learning.weight_max <= 8'($signed(written[WEIGHT_BITS-1:0]));
        ADAPTATION_DECAY: registers.neurons.adaptation_decay <= written[15:0];
        ADAPTATION_STEP: registers.neurons.adaptation_step <= 23'(written[STATE_BITS-2:0]);
        TARGET: registers.learning.target <= written[19:0];
        MODULATING_AXONS: registers.modulation.modulating_axons <= written[13:0];
        MODULATING_NEURONS: registers.modulation.modulating_neurons <= written[13:0];
        CLOSING: registers.modulation.closing <= written[13:0];
        GATED: registers.modulation.gated <= written[13:0];
        RATE: registers.modulation.rate <= written[15:0];
        FREE_RATE: registers.modulation.free_rate <= written[15:0];
        NEAR_SHIFT: registers.modulation.near_shift <= written[3:0];
        LEAST: registers.modulation.least <= 16'(written[TRACE_BITS-1:0]);
        MOST: registers.modulation.most <= 16'(written[TRACE_BITS-1:0]);
        default: ;
      endcase
  always_comb begin
    settings = registers;
    if (LEARNING == 0) settings.learning = '0;
    if (STOCHASTIC == 0) settings.learning.stochastic = '0;
    if (MODULATION == 0) {settings.learning.modulated, settings.modulation} = '0;
    if (NORMALISATION == 0) settings.learning.target = '0;
    if (ADAPTATION == 0) {settings.neurons.adaptation_decay, settings.neurons.adaptation_step} = '0;
  end

  // The byte as it is kept: cut to the setting's width, and extended by its sign.
  logic sign, sign_kept;
  logic [5:0] bits;
  logic [7:0] kept;
  assign bits = width(index);
  always_comb begin
    sign = sign_kept;
    if (write) begin
      sign = 1'b0;
      if (index == POTENTIATION || index == DEPRESSION) sign = written[15] && LEARNING != 0;
      if (index == WEIGHT_MIN || index == WEIGHT_MAX) sign = written[WEIGHT_BITS-1] && LEARNING != 0;
    end
    for (int i = 0; i < 8; i++) kept[i] = {1'b0, place, 3'(i)} < bits ? written[i] : sign;
    if (STOCHASTIC == 0 && index == RULE) kept[4] = 1'b0;
  end
  always_ff @(posedge clk) sign_kept <= sign;

  // The memory, and what is counted in it.
  logic [7:0] memory[0:127];
  logic adding, raise;
  logic [6:0] address, count_address;
  logic [7:0] raised;
  assign address = adding ? count_address : {index, place};
  always_ff @(posedge clk) begin
    if (store || raise) memory[address] <= adding ? raised : kept;
    // What is being written is never read: saying so spares the logic that would keep the old byte.
    read <= (store || raise) ? 'x : memory[address];
  end

  generate
    if (COUNTERS != 0) begin : counts
      localparam logic [1:0] CLEAR = 0, WAIT = 1, FETCH = 2, RAISE = 3;
      localparam int PENDING = $clog2(2 * LANES * 80) + 1;  // bits of sums that saturate until it is their turn twice
      logic [1:0] state, turn;
      logic [5:0] spikes, events, cycles;
      logic [PENDING-1:0] saturations;
      logic [7:0] addend, waiting;
      logic carry, upper;
      assign quiet = state == WAIT && spikes == '0 && events == '0 && cycles == '0 && saturations == '0;
      assign adding = state != WAIT;
      assign raise = state == CLEAR || state == RAISE;
      assign {carry, raised} = state == CLEAR ? 9'd0 : {1'b0, read} + {1'b0, addend};
      assign upper = turn == 2'd2 && saturations[7:0] == '0;  // the second byte's
      always_comb
        case (turn)
          2'd0: waiting = 8'(spikes);
          2'd1: waiting = 8'(events);
          2'd2: waiting = upper ? 8'(saturations[PENDING-1:8]) : saturations[7:0];
          default: waiting = 8'(cycles);
        endcase

      always_ff @(posedge clk) begin
        spikes <= (state == WAIT && turn == 2'd0 ? '0 : spikes) + 6'(spike);
        events <= (state == WAIT && turn == 2'd1 ? '0 : events) + 6'(source_spike);
        cycles <= (state == WAIT && turn == 2'd3 ? '0 : cycles) + 6'(tick_runs);
        if (state == WAIT && turn == 2'd2)
          saturations <= (upper ? '0 : {saturations[PENDING-1:8], 8'd0}) + PENDING'(saturated);
        else saturations <= saturations + PENDING'(saturated);
        case (state)
          CLEAR: begin
            count_address <= count_address + 1'b1;
            if (count_address[3:0] == '1) state <= WAIT;
          end
          WAIT: begin
            count_address <= {3'b100, turn, 1'b0, upper};
            addend <= waiting;
            turn <= turn + 1'b1;
            if (waiting != '0) state <= FETCH;
          end
          FETCH: state <= RAISE;
          default: begin  // RAISE
            count_address <= count_address + 1'b1;
            addend <= 8'd1;
            state  <= carry && count_address[1:0] != 2'd3 ? FETCH : WAIT;
          end
        endcase
        if (rst) begin
          state <= CLEAR;
          count_address <= 7'h40;
          spikes <= '0;
          events <= '0;
          saturations <= '0;
          cycles <= '0;
        end
      end

`ifndef SYNTHESIS
      counts_are_added_before_there_are_too_many :
      assert property (@(posedge clk) disable iff (rst)
        spikes != '1 && events != '1 && cycles != '1 && 32'(saturations) + 2 * LANES < 2 ** PENDING);
      no_more_sums_saturate_than_there_are :
      assert property (@(posedge clk) disable iff (rst) 32'(saturated) <= 2 * LANES);
`endif
    end else begin : counts_nothing
      logic unused;
      assign unused = &{1'b0, tick_runs, spike, source_spike, saturated};
      assign quiet = 1'b1;
      assign adding = 1'b0;
      assign raise = 1'b0;
      assign raised = '0;
      assign count_address = '0;
    end
  endgenerate

`ifndef SYNTHESIS
  nothing_is_written_while_it_counts :
  assert property (@(posedge clk) disable iff (rst) write || store |-> quiet);
`endif
endmodule
