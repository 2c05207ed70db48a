// The weights w[j][i] of all synapses, LANES of a row or of a column in each cycle.
//
// w[j][i] lies in bank (i + j) mod LANES at j ROWS + i / LANES, with ROWS words a row. So LANES neighbours of a row lie in
// all banks at one address, and LANES neighbours of a column in all banks at addresses ROWS apart. The lanes are the
// banks turned by `turn`: j mod LANES for a row (i is a multiple of LANES), i mod LANES for a column (j is one).
//
// Latency: read_data is of the place of the cycle before, turned by the `turn` of now; a write is done in its cycle.
//
// SOURCES, ROWS  j below SOURCES; words of a row
// BITS           of a weight
// SINGLE_PORT    1: one address for both, so that no cycle may read and write; for SPRAM, which the memory then asks for
module hwf_weights #(
    parameter int SOURCES = 16,
    parameter int ROWS = 4,
    parameter int LANES = 2,
    parameter int BITS = 8,
    parameter int SINGLE_PORT = 0,
    localparam int DEPTH = SOURCES * ROWS,
    localparam int PLACE = DEPTH > 1 ? $clog2(DEPTH) : 1,
    localparam int TURN = LANES > 1 ? $clog2(LANES) : 1
) (
    input  logic                        clk,
    input  logic                        column,      // the place is of a column: banks ROWS apart
    input  logic [           PLACE-1:0] place,
    input  logic [            TURN-1:0] place_turn,  // of the place
    input  logic [            TURN-1:0] turn,        // of read_data
    output logic [LANES-1:0][BITS-1:0]  read_data,
    input  logic [           LANES-1:0] write,       // by lane
    input  logic                        write_column,
    input  logic [           PLACE-1:0] write_place,
    input  logic [            TURN-1:0] write_turn,
    input  logic [LANES-1:0][BITS-1:0]  write_data
);
  logic [LANES-1:0][BITS-1:0] banks;
  generate
    for (genvar b = 0; b < LANES; b++) begin : bank
      logic [TURN-1:0] from, to;
      assign from = TURN'(b) - place_turn;
      assign to   = TURN'(b) - write_turn;
      logic [PLACE-1:0] read_at, write_at;
      assign read_at  = place + (column && LANES > 1 ? PLACE'(from * ROWS) : '0);
      assign write_at = write_place + (write_column && LANES > 1 ? PLACE'(to * ROWS) : '0);
      logic [TURN-1:0] lane;
      assign lane = LANES > 1 ? to : '0;
      hwf_bank #(
          .DEPTH(DEPTH),
          .BITS(BITS),
          .SINGLE_PORT(SINGLE_PORT)
      ) weights (
          .clk,
          .write(write[lane]),
          .write_address(write_at),
          .write_data(write_data[lane]),
          .read_address(read_at),
          .read_data(banks[b])
      );
    end
    for (genvar l = 0; l < LANES; l++) begin : turned
      logic [TURN-1:0] source;
      assign source = LANES > 1 ? TURN'(l) + turn : '0;
      assign read_data[l] = banks[source];
    end
  endgenerate
endmodule
