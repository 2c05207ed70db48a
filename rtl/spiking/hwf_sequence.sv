// The course of a tick, of a normalisation and of a host access: what happens in which cycle. Times are those of hwf_spiking.
//
// A tick: for each source with a spike a gap of 2 cycles and its row; 2 cycles; the sweep; 8 cycles, until it is known who
// fired; if the tick learns, for each of them a gap of 2 cycles and its column, 2 cycles, and the words of the traces, else a
// cycle for each of them and one more; 2 cycles. If it learns by a third factor (`modulated`), then a cycle for each neuron that
// fired and one more; if it `closes` a presentation, a gap of 2 cycles and a column for each neuron whose weights change,
// `changing`; 2 cycles, the words of the traces, and 2 cycles. After a tick that closes, nobody has fired.
//
// To put the state to rest: the sweep; 8 cycles; the words of the traces; 2 cycles. `resting` is high meanwhile, and `closes` has to be.
//
//     row, column, raise   a word of weights, or of the sources' traces, is named in this cycle, by high, turn, index
//     sweep                a step of the units, number `index`
//     clear, scan          after reset the words of sums are cleared, and what fired is listed again, as after a write
//     there .. itself      of the word of weights that is named, as of hwf_places; of a row of entries `index` is its target (hwf_entries)
//
// AXONS .. ENTRIES  as of the core; UNITS  neurons that step in a cycle
module hwf_sequence #(
    parameter int AXONS = 8,
    parameter int NEURONS = 8,
    parameter int LANES = 4,
    parameter int UNITS = 2,
    parameter int NORMALISATION = 1,
    parameter int SINGLE_PORT = 0,
    parameter int BLOCKS = 0,
    parameter logic [511:0] PLACES = '0,
    parameter int ENTRIES = 0,
    localparam int ROWS = NEURONS / LANES,
    localparam int AXON_WORDS = AXONS / LANES,
    localparam int WORDS = AXON_WORDS + ROWS,
    localparam int STEPS = NEURONS / UNITS,
    localparam int INDEX = $clog2((WORDS > STEPS ? WORDS : STEPS) + 1),
    localparam int HIGH = WORDS * ROWS > 1 ? $clog2(WORDS * ROWS) : 1,
    localparam int TURN = LANES > 1 ? $clog2(LANES) : 1,
    localparam int AXON = AXONS > 1 ? $clog2(AXONS) : 1,
    localparam int NEURON = NEURONS > 1 ? $clog2(NEURONS) : 1,
    localparam int AXON_WORD = AXON_WORDS > 1 ? $clog2(AXON_WORDS) : 1,
    localparam int ENTRY = ENTRIES > 1 ? $clog2(ENTRIES) : 1,
    localparam int WORD = ROWS > 1 ? $clog2(ROWS) : 1
) (
    input  logic                   clk,
    input  logic                   rst,
    input  logic                   tick,
    input  logic                   to_rest,
    input  logic                   normalise,
    input  logic                   normalise_one,
    input  logic [     NEURON-1:0] normalise_neuron,
    input  logic                   learns,
    output logic                   busy,
    output logic                   rests,
    output logic                   resting,        // the state is put to rest
    // who has a spike
    input  logic                   axon_waiting,
    input  logic [       AXON-1:0] axon,
    output logic                   take_axon,
    input  logic                   fired_waiting,
    input  logic [     NEURON-1:0] fired,
    output logic                   take_fired,
    // the third factor
    input  logic                   modulated,
    input  logic                   closes,
    input  logic                   changing_waiting,
    input  logic [     NEURON-1:0] changing,
    output logic                   take_changing,
    output logic                   event_valid,
    output logic                   spike_valid,
    output logic                   begin_list,
    output logic                   rewind,
    output logic                   wipe,
    output logic                   finish,         // of a tick: its last cycle
    // what is named in this cycle
    output logic                   row,
    output logic                   column,
    output logic                   raise,
    output logic                   sweep,
    output logic                   clear,
    output logic                   scan,
    output logic [      INDEX-1:0] index,
    output logic [       HIGH-1:0] high,           // in raise, the word of the neurons
    output logic [       TURN-1:0] turn,
    output logic                   there,
    output logic                   may_change,
    output logic [            7:0] level,
    output logic                   itself,
    output logic                   from_axon,
    output logic [           13:0] visited,        // the source of a row, or the neuron of a column
    output logic [  AXON_WORD-1:0] axon_word,      // of an axon's row
    // normalisation
    output logic                   restart,
    output logic                   divide,
    output logic                   scales,
    output logic                   normalises,
    // host
    input  logic                   host_valid,
    input  logic                   host_rescan,    // a write of `fired`
    input  logic [           13:0] host_source,
    input  logic                   host_of_source, // index is the word of the source, else the step of the neuron
    input  logic [           13:0] host_neuron,
    input  logic [      ENTRY-1:0] host_entry,
    input  logic                   writes_first,   // what host_now writes into hwf_entries
    input  logic                   writes_target,
    input  logic [           31:0] host_data,
    output logic [      ENTRY-1:0] first,          // entry of the host's source; and of the entry that is named:
    output logic [       WORD-1:0] target,
    output logic                   row_ends,
    output logic                   host_now,       // everything named by the host has settled
    output logic                   host_ready
);
  localparam logic [3:0] CLEAR = 0, SCAN = 1, SETTLE = 2, IDLE = 3, HOST = 4, GAP = 5, ROW = 6, SWEEP = 7, LIST = 8, SPIKES = 9,
      NEXT = 10, COLUMN = 11, DIVIDE = 12, RAISE = 13, FINISH = 14;

  logic [3:0] state;
  logic [5:0] left;  // cycles of a state that only waits
  logic [NEURON:0] neuron, behind;  // whose column is normalised, and where that ends
  logic answers;  // the host waits for the end of a scan
  logic ended, odd, slow, walks, moves, last;
  assign ended = left == '0;
  assign rests = state == IDLE;
  assign busy  = state >= GAP;

  // A walk over words. Where the weights have one port, a word that is written takes a second cycle.
  logic [INDEX-1:0] count, final_index;
  assign walks = state == CLEAR || state == SCAN || state == ROW || state == SWEEP || state == COLUMN || state == RAISE;
  assign slow  = SINGLE_PORT != 0 && ((state == ROW && learns && !modulated) || (state == COLUMN && (!normalises || scales)));
  assign moves = walks && (!slow || odd);
  always_comb
    case (state)
      SWEEP: final_index = INDEX'(STEPS - 1);
      COLUMN: final_index = normalises ? INDEX'(AXON_WORDS - 1) : INDEX'(WORDS - 1);
      RAISE: final_index = INDEX'(WORDS - 1);
      default: final_index = INDEX'(ROWS - 1);
    endcase
  assign last = moves && (ENTRIES != 0 && state == ROW ? row_ends : count == final_index);
  assign index = ENTRIES != 0 && state == ROW ? INDEX'(target) : count;

  assign row = state == ROW && !odd;
  assign column = state == COLUMN && !odd;
  assign raise = state == RAISE;
  assign sweep = state == SWEEP;
  assign clear = state == CLEAR;
  assign scan = state == SCAN;
  assign wipe = from_axon && (learns || resting ? raise : row);

  // Who is next.
  localparam int SOURCE_WORD = $clog2(WORDS + 1);
  logic take, take_row, next_column, column_waits;
  logic [NEURON-1:0] who;
  logic [SOURCE_WORD-1:0] host_word;
  hwf_named #(
      .AXONS(AXONS),
      .NEURONS(NEURONS),
      .LANES(LANES),
      .BLOCKS(BLOCKS),
      .PLACES(PLACES),
      .ENTRIES(ENTRIES)
  ) word_of_weights (
      .in_column(state == COLUMN),
      .in_raise(state == RAISE),
      .in_host(state == HOST),
      .serves(state == IDLE || state == HOST),
      .chooses(state == NEXT),
      .adds_neuron(state == HOST && left == 6'd6),
      .no_column(next_column && !column_waits),
      .by_neuron(normalises),
      .write_first(host_now && writes_first),
      .write_target(host_now && writes_target),
      .neuron(neuron[NEURON-1:0]),
      .*
  );
  assign take = state == GAP && ended;
  assign take_row = take || (state == HOST && left == 6'd7);
  assign next_column = state == NEXT && ended && !normalises;
  assign column_waits = modulated ? closes && changing_waiting : fired_waiting;
  assign take_changing = next_column && modulated && column_waits;
  assign who = modulated && state == NEXT ? changing : fired;
  assign take_axon = take && axon_waiting;
  assign take_fired = fired_waiting && ((take && !axon_waiting) || state == SPIKES || (next_column && !modulated));
  assign event_valid = take && (axon_waiting || fired_waiting);
  assign spike_valid = take_fired && state != GAP;
  assign begin_list = (take && !event_valid) || (last && state == CLEAR) || (state == HOST && ended && host_rescan) ||
      (rewind && closes) || (state == IDLE && to_rest);
  assign rewind = state == FINISH && !ended;
  assign finish = state == FINISH && ended && !normalises;
  assign host_now = state == HOST && left == 6'd1;

  always_ff @(posedge clk) begin
    if (moves) count <= last ? '0 : count + 1'b1;
    if (take_row) from_axon <= axon_waiting;
    if (take) visited <= axon_waiting ? 14'(axon) : 14'(fired);
    else if (state == NEXT) visited <= 14'(who);
    if (state == NEXT) from_axon <= 1'b1;
    else if (moves && state != ROW) from_axon <= last || (from_axon && index != INDEX'(AXON_WORDS - 1));
    if (state == IDLE) count <= host_of_source ? INDEX'(host_word) : INDEX'(32'(host_neuron) / UNITS);
    if (state == IDLE && (tick || to_rest || normalise)) count <= '0;
    if ((state == HOST && ended) || rst) count <= '0;
  end

  always_ff @(posedge clk) begin
    host_ready <= 1'b0;
    odd <= slow && !odd;
    if (!ended) left <= left - 1'b1;
    case (state)
      CLEAR: if (last) state <= SCAN;
      SCAN:
      if (last) begin
        state <= SETTLE;
        left  <= 6'd3;
      end
      SETTLE:
      if (ended) begin
        state <= IDLE;
        host_ready <= answers;
        answers <= 1'b0;
      end
      IDLE: begin
        normalises <= normalise;
        resting <= to_rest;
        scales <= 1'b0;
        neuron <= normalise_one ? {1'b0, normalise_neuron} : '0;
        behind <= normalise_one ? {1'b0, normalise_neuron} + 1'b1 : (NEURON + 1)'(NEURONS);
        left <= 6'd1;
        if (tick) state <= GAP;
        else if (to_rest) state <= SWEEP;
        else if (normalise && NORMALISATION != 0) state <= NEXT;
        else if (host_valid && !host_ready) begin
          state <= HOST;
          left  <= 6'd7;
        end
      end
      HOST:
      if (ended) begin
        state <= host_rescan ? SCAN : IDLE;
        answers <= host_rescan;
        host_ready <= !host_rescan;
      end
      GAP: if (ended) state <= axon_waiting || fired_waiting ? ROW : SWEEP;
      ROW:
      if (last) begin
        state <= GAP;
        left  <= 6'd1;
      end
      SWEEP:
      if (last) begin
        state <= LIST;
        left  <= 6'd7;
      end
      LIST:
      if (ended) begin
        state <= resting ? RAISE : learns && !modulated ? NEXT : SPIKES;
        left  <= 6'd1;
      end
      SPIKES: begin
        left <= 6'd1;
        if (!fired_waiting) state <= learns && modulated ? NEXT : FINISH;
      end
      NEXT:
      if (ended) begin
        left <= 6'd1;
        if (normalises) state <= neuron == behind ? FINISH : COLUMN;
        else state <= column_waits ? COLUMN : RAISE;
      end
      COLUMN:
      if (last) begin
        left  <= 6'd1;
        state <= NEXT;
        scales <= 1'b0;
        if (normalises && scales) neuron <= neuron + 1'b1;
        if (normalises && !scales) begin
          state <= DIVIDE;
          left  <= 6'd33;
        end
      end
      DIVIDE:
      if (ended) begin
        scales <= 1'b1;
        state <= NEXT;
        left <= 6'd1;
      end
      RAISE:
      if (last) begin
        state <= FINISH;
        left  <= 6'd1;
      end
      default: if (ended) state <= IDLE;  // FINISH
    endcase
    if (rst) begin
      state <= CLEAR;
      answers <= 1'b0;
      host_ready <= 1'b0;
    end
  end
  assign restart = state == NEXT && !scales;
  assign divide  = state == DIVIDE && !left[5];

`ifndef SYNTHESIS
  a_core_that_is_told_to_work_rests :
  assert property (@(posedge clk) disable iff (rst) tick || to_rest || normalise |-> rests);
`endif
endmodule
