// Where a READ or WRITE of docs/neuron.md works: its range, and a row and a column that walk through it.
//
//     region          address                     row      column
//     0 settings      0x0000_0100 + 4 n           -        n
//     1 weights       0x1000_0000 + 16384 j + i   j        i        after w[j, N-1] comes w[j+1, 0]
//     2 plastic bits  0x2000_0000 + 16384 j + i   j        i        likewise
//     3 fields        0x3000_0000 + 65536 f + 4 i f        i
//     4 traces        0x4000_0000 + 4 j           j        -
//
// With ENTRIES a weight is that of a lane of an entry, and has a number, of which row and column are the high and the low half (hwf_entries):
//
//     1 weights       0x1000_0000 + LANES e + l   the number LANES e + l
//     5 targets       0x5000_0000 + 4 e           the number e
//     6 first entries 0x6000_0000 + 4 j           j        -
//
// load      row and column are those of `address` in the next cycle
// step      the next value's
// exists    `address` is in one of these ranges as far as its own bits tell, and at a whole value
// wide      its values have 4 bytes, else 1
// in_range    row and column are those of a value
// absent    a value of a feature that the core was built without
//
// AXONS .. ENTRIES  as of the core
module hwf_spiking_address #(
    parameter int AXONS = 8,
    parameter int NEURONS = 8,
    parameter int LEARNING = 1,
    parameter int SYNAPSE_MASK = 1,
    parameter int ADAPTATION = 1,
    parameter int STOCHASTIC = 0,
    parameter int MODULATION = 0,
    parameter int LANES = 2,
    parameter int ENTRIES = 0
) (
    input  logic        clk,
    input  logic [31:0] address,
    input  logic        load,
    input  logic        step,
    output logic [13:0] row,
    output logic [13:0] column,
    output logic        exists,
    output logic        wide,
    output logic        in_range,
    output logic        in_settings,
    output logic        absent
);
  localparam logic [3:0] SETTINGS = 0, WEIGHTS = 1, PLASTIC = 2, FIELDS = 3, TRACES = 4, TARGETS = 5, FIRSTS = 6;
  localparam int SOURCES = AXONS + NEURONS;
  // Bits of a row, which may be a field, and of a column, which may be a setting; each counts to behind the last.
  localparam int ROWS = ENTRIES * LANES / 16384 > SOURCES ? ENTRIES * LANES / 16384 : SOURCES;
  localparam int ROW = ROWS > 15 ? $clog2(ROWS + 1) : 4, COLUMN = ENTRIES != 0 ? 14 : NEURONS > 31 ? $clog2(NEURONS + 1) : 5;
  localparam logic [COLUMN-1:0] LAST_SETTING = COLUMN'(30), LAST_NEURON = COLUMN'(NEURONS - 1);
  // Fields 0 to 5 and 8 to 14; 2 is the adaptation, 4 the trace. With STOCHASTIC, 6 and 7 are the state of the draws;
  // with MODULATION, 15 is the factor.
  localparam logic [15:0] FIELD = {MODULATION != 0, 7'b111_1111, {2{STOCHASTIC != 0}}, 6'b11_1111};
  localparam logic [15:0] ABSENT_FIELD = {11'd0, LEARNING == 0, 1'b0, ADAPTATION == 0, 2'd0};

  logic [3:0] region;
  logic last_column, a_source, a_neuron, numbered, goes_on;
  logic [ROW-1:0] now_row;
  logic [COLUMN-1:0] now_column;
  assign row = 14'(now_row);
  assign column = 14'(now_column);
  assign region = address[31:28];
  assign in_settings = region == SETTINGS;
  assign goes_on = !wide || numbered;  // behind the last column, in the next row
  assign wide = region != WEIGHTS && region != PLASTIC;
  assign a_source = 32'(now_row) < SOURCES;
  assign a_neuron = 32'(now_column) < NEURONS;
  // Numbers of entries and of their weights.
  logic [27:0] number;
  assign numbered = ENTRIES != 0 && (region == WEIGHTS || region == TARGETS);
  assign number = {14'(now_row), 14'(now_column)};
  assign last_column = numbered ? now_column == '1 : now_column == LAST_NEURON;

  always_comb begin
    exists = 1'b0;
    in_range = 1'b0;
    absent = 1'b0;
    case (region)
      SETTINGS: begin
        exists = address[27:7] == 21'd2 && address[1:0] == '0;
        in_range = now_column <= LAST_SETTING;
      end
      WEIGHTS, PLASTIC: begin
        exists = address[27:14] >> ROW == '0 && address[13:0] >> COLUMN == '0;
        in_range = numbered ? 32'(number) < ENTRIES * LANES : a_source && a_neuron;
        absent = region == PLASTIC && SYNAPSE_MASK == 0;
      end
      FIELDS: begin
        exists = address[27:20] == '0 && FIELD[address[19:16]] && address[15:2] >> COLUMN == '0 && address[1:0] == '0;
        in_range = a_neuron;
        absent = ABSENT_FIELD[address[19:16]];
      end
      TRACES: begin
        exists = address[27:16] == '0 && address[15:2] >> ROW == '0 && address[1:0] == '0;
        in_range = a_source;
        absent = LEARNING == 0;
      end
      TARGETS: begin
        exists = ENTRIES != 0 && address[27:16] >> ROW == '0 && address[1:0] == '0;
        if (ENTRIES != 0) in_range = 32'(number) < (ENTRIES > 1 ? ENTRIES : 1);
      end
      FIRSTS: begin
        exists = ENTRIES != 0 && address[27:16] == '0 && address[15:2] >> ROW == '0 && address[1:0] == '0;
        in_range = a_source;
      end
      default: ;
    endcase
  end

  always_ff @(posedge clk)
    if (load) begin
      now_column <= COLUMN'(address[15:2]);
      case (region)
        SETTINGS: now_column <= COLUMN'(address[6:2]);
        WEIGHTS, PLASTIC: begin
          now_row <= ROW'(address[27:14]);
          now_column <= COLUMN'(address[13:0]);
        end
        FIELDS: now_row <= ROW'(address[19:16]);
        TARGETS: now_row <= ROW'(ENTRIES != 0 ? 14'(address[27:16]) : address[15:2]);
        default: now_row <= ROW'(address[15:2]);
      endcase
    end else if (step) begin
      if (region == TRACES || (ENTRIES != 0 && region == FIRSTS) || (goes_on && last_column)) now_row <= now_row + 1'b1;
      now_column <= (goes_on && last_column) ? '0 : now_column + 1'b1;
    end
endmodule
