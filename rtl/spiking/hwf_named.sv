// Which word of weights is named in each cycle, by `high` and `turn` of hwf_weights, and what is known of it (hwf_places, hwf_entries).
//
// A row begins with take_row, of the source of the cycle before: the host's while the core `serves` it, else the axon's that waits, else
// that of `who`. While the course chooses whose column is next, it is that of `who`, or with by_neuron of `neuron`. Each cycle that `moves`
// names the next word of the row, or of the column; adds_neuron goes to the host's. The word that is named is that of the cycle after.
//
// With ENTRIES a row is one of entries: `target` is then the word of neurons that is named, and `row_ends` that there is no other. The host
// names the entry host_entry, and writes tables (write_first, of the source that it names, and write_target). There are no columns.
//
// AXONS .. ENTRIES  as of the core
module hwf_named #(
    parameter int AXONS = 8,
    parameter int NEURONS = 8,
    parameter int LANES = 4,
    parameter int BLOCKS = 0,
    parameter logic [511:0] PLACES = '0,
    parameter int ENTRIES = 0,
    localparam int ROWS = NEURONS / LANES,
    localparam int AXON_WORDS = AXONS / LANES,
    localparam int WORDS = AXON_WORDS + ROWS,
    localparam int STEPS = NEURONS / (LANES > 1 ? 2 : 1),
    localparam int INDEX = $clog2((WORDS > STEPS ? WORDS : STEPS) + 1),
    localparam int HIGH = WORDS * ROWS > 1 ? $clog2(WORDS * ROWS) : 1,
    localparam int TURN = LANES > 1 ? $clog2(LANES) : 1,
    localparam int AXON = AXONS > 1 ? $clog2(AXONS) : 1,
    localparam int NEURON = NEURONS > 1 ? $clog2(NEURONS) : 1,
    localparam int AXON_WORD = AXON_WORDS > 1 ? $clog2(AXON_WORDS) : 1,
    localparam int SOURCE_WORD = $clog2(WORDS + 1),
    localparam int WORD = ROWS > 1 ? $clog2(ROWS) : 1,
    localparam int ENTRY = ENTRIES > 1 ? $clog2(ENTRIES) : 1
) (
    input  logic                   clk,
    // the course (hwf_sequence)
    input  logic                   take,
    input  logic                   take_row,
    input  logic                   moves,
    input  logic                   in_column,
    input  logic                   in_raise,
    input  logic                   in_host,
    input  logic                   serves,
    input  logic                   chooses,
    input  logic                   adds_neuron,
    input  logic                   no_column,
    input  logic                   by_neuron,
    input  logic                   from_axon,
    // verilator lint_off UNUSEDSIGNAL
    input  logic [      INDEX-1:0] index,       // cut to the bits of a word's number
    // verilator lint_on UNUSEDSIGNAL
    // who
    input  logic                   axon_waiting,
    input  logic [       AXON-1:0] axon,
    input  logic [     NEURON-1:0] who,
    input  logic [     NEURON-1:0] neuron,
    input  logic [           13:0] host_source,
    input  logic [           13:0] host_neuron,
    input  logic [      ENTRY-1:0] host_entry,
    input  logic                   write_first,
    input  logic                   write_target,
    input  logic [           31:0] host_data,
    // what is named
    output logic [       HIGH-1:0] high,
    output logic [       TURN-1:0] turn,
    output logic                   there,
    output logic                   may_change,
    output logic [            7:0] level,
    output logic                   itself,
    output logic [  AXON_WORD-1:0] axon_word,  // of an axon's row
    output logic [SOURCE_WORD-1:0] host_word,
    output logic [       WORD-1:0] target,
    output logic                   row_ends,
    output logic [      ENTRY-1:0] first
);
  localparam int ROW_WORD = $clog2(ROWS + 1);
  localparam logic [HIGH-1:0] COLUMN_PLACE = BLOCKS == 0 ? '0 : HIGH'(0 - int'(PLACES[31:16]));  // of neuron word 0, at source word 0

  logic [SOURCE_WORD-1:0] next_word, fired_word, next_axon_word;
  logic [TURN-1:0] fired_turn, axon_turn, host_turn;
  assign fired_word = SOURCE_WORD'(32'(who) / LANES);
  assign next_axon_word = SOURCE_WORD'(32'(axon) / LANES);
  assign host_word = SOURCE_WORD'(32'(host_source) / LANES);
  assign fired_turn = LANES > 1 ? TURN'(who) : '0;
  assign axon_turn = LANES > 1 ? TURN'(axon) : '0;
  assign host_turn = LANES > 1 ? TURN'(host_source) : '0;
  assign next_word = serves ? host_word : axon_waiting ? next_axon_word : SOURCE_WORD'(AXON_WORDS) + fired_word;

  always_ff @(posedge clk) if (take) axon_word <= AXON_WORD'(next_axon_word);

  generate
    if (ENTRIES != 0) begin : rows_of_entries
      localparam int SOURCE = $clog2(AXONS + NEURONS);
      logic [SOURCE-1:0] source;
      logic [ENTRY-1:0] entry;
      assign source = serves ? SOURCE'(host_source) : axon_waiting ? SOURCE'(axon) : SOURCE'(AXONS) + SOURCE'(who);
      hwf_entries #(
          .ENTRIES(ENTRIES),
          .SOURCES(AXONS + NEURONS),
          .ROWS(ROWS)
      ) entries (
          .clk,
          .source,
          .take(take_row),
          .moves,
          .in_host,
          .host_entry,
          .first,
          .entry,
          .target,
          .last(row_ends),
          .write_first,
          .write_target,
          .host_data
      );
      assign high = HIGH'(32'(entry) / LANES);
      assign turn = LANES > 1 ? TURN'(entry) : '0;
      assign {there, may_change, itself} = 3'b100;
      assign level = '0;
      logic unused;
      assign unused = &{1'b0, in_column, in_raise, chooses, adds_neuron, no_column, by_neuron, from_axon, index, neuron, host_neuron,
                        next_word, fired_turn, axon_turn, host_turn};
    end else begin : ranges
      logic [ROW_WORD-1:0] host_row, named, column_word, column_next;
      assign host_row = ROW_WORD'(32'(host_neuron) / LANES);
      assign named = in_column ? column_word : in_host ? host_row : ROW_WORD'(index);
      assign column_next = by_neuron ? ROW_WORD'(32'(neuron) / LANES) : ROW_WORD'(fired_word);

      logic [HIGH-1:0] next_row, step, apart;
      hwf_places #(
          .BLOCKS(BLOCKS),
          .PLACES(PLACES),
          .AXON_WORDS(AXON_WORDS),
          .ROWS(ROWS),
          .SOURCE(SOURCE_WORD),
          .HIGH(HIGH),
          .WORD(ROW_WORD)
      ) places (
          .clk,
          .source(in_column ? SOURCE_WORD'(index) : next_word),
          .take(take_row),
          .column(in_column),
          .word(named),
          .next_row,
          .step,
          .there,
          .may_change,
          .level,
          .itself
      );
      assign apart = in_column ? step : in_host ? HIGH'(host_row) : in_raise ? HIGH'(!from_axon) : HIGH'(1);

      always_ff @(posedge clk) begin
        if (moves || adds_neuron) high <= high + apart;
        if (take_row) begin
          high <= next_row;
          turn <= in_host ? host_turn : axon_waiting ? axon_turn : fired_turn;
        end
        if (chooses) begin
          high <= COLUMN_PLACE + HIGH'(column_next);
          column_word <= column_next;
          turn <= !by_neuron ? fired_turn : LANES > 1 ? TURN'(neuron) : '0;
        end
        if (no_column) high <= '0;
      end
      assign target = '0;
      assign row_ends = 1'b0;
      assign first = '0;
      logic unused;
      assign unused = &{1'b0, host_entry, write_first, write_target, host_data};
    end
  endgenerate
endmodule
