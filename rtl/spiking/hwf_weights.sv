// The values of all synapses, w[j][i], LANES of a row or of a column in each cycle.
//
// With L = LANES and ROWS = NEURONS / L, w[j][i] lies in bank (i xor j) mod L at word ((j / L) ROWS + i / L) L + j mod L.
// So L neighbours of a row lie in all banks at one address, and L neighbours of a column in all banks at addresses that
// differ in their lowest bits only.
//
// A place is given by `high` = (j / L) ROWS + i / L and `turn`: j mod L for a row, whose lane l is that of i mod L = l, or
// i mod L for a column, whose lane l is that of j mod L = l. Latency: read1 is of the place of the cycle before; `write3` and
// `data3` are for the place of three cycles before.
//
// SOURCES, ROWS, LANES  as above
// BITS                  of a value
// SINGLE_PORT           1: no cycle may read and write (hwf_bank)
// STORED                words that there are: with blocks (hwf_blocks) fewer than all, `high` counts them, and is any number
//                       where there is none, not `there`. Then nothing is written, and `level` is read, but 0 in lane `turn` if
//                       `itself`: from a neuron to itself
module hwf_weights #(
    parameter int SOURCES = 16,
    parameter int ROWS = 4,
    parameter int LANES = 2,
    parameter int BITS = 8,
    parameter int SINGLE_PORT = 0,
    parameter int STORED = SOURCES / LANES * ROWS,
    localparam int WORDS = SOURCES / LANES * ROWS,
    localparam int HIGH = WORDS > 1 ? $clog2(WORDS) : 1,
    localparam int PLACE = STORED * LANES > 1 ? $clog2(STORED * LANES) : 1,
    localparam int TURN = LANES > 1 ? $clog2(LANES) : 1
) (
    input  logic                       clk,
    input  logic                       column,
    input  logic [ HIGH-1:0]           high,
    input  logic [ TURN-1:0]           turn,
    input  logic                       there,
    input  logic [ BITS-1:0]           level,
    input  logic                       itself,
    output logic [LANES-1:0][BITS-1:0] read1,
    input  logic [LANES-1:0]           write3,  // by lane
    input  logic [LANES-1:0][BITS-1:0] data3
);
  generate
    if ((LANES & (LANES - 1)) != 0 || SOURCES % LANES != 0) begin : bad_lanes
      $error("hwf_weights: LANES is a power of two that divides SOURCES.");
    end
  endgenerate

  logic [3:1] columns, exists;
  logic [BITS-1:0] level1;
  logic itself1;
  logic [3:1][HIGH-1:0] highs;
  logic [3:1][TURN-1:0] turns;
  always_ff @(posedge clk) begin
    columns <= {columns[2:1], column};
    highs   <= {highs[2:1], high};
    turns   <= {turns[2:1], turn};
    exists  <= {exists[2:1], there};
    level1  <= level;
    itself1 <= itself;
  end

  logic [LANES-1:0] writes;
  logic [LANES-1:0][BITS-1:0] banks, stored;
  assign writes = write3 & {LANES{exists[3]}};
  always_comb
    for (int l = 0; l < LANES; l++) read1[l] = exists[1] ? stored[l] : itself1 && turns[1] == TURN'(l) ? '0 : level1;
  generate
    if (LANES > 1) begin : several
      for (genvar b = 0; b < LANES; b++) begin : bank
        logic [TURN-1:0] lane, lane1, lane3;  // of this bank
        assign lane  = TURN'(b) ^ turn;
        assign lane1 = TURN'(b) ^ turns[1];
        assign lane3 = TURN'(b) ^ turns[3];
        hwf_bank #(
            .DEPTH(STORED * LANES),
            .BITS(BITS),
            .SINGLE_PORT(SINGLE_PORT)
        ) weights (
            .clk,
            .write(writes[lane3]),
            .write_address(PLACE'({highs[3], columns[3] ? lane3 : turns[3]})),
            .write_data(data3[lane3]),
            .read_address(PLACE'({high, column ? lane : turn})),
            .read_data(banks[b])
        );
        assign stored[b] = banks[lane1];
      end
    end else begin : alone
      hwf_bank #(
          .DEPTH(STORED),
          .BITS(BITS),
          .SINGLE_PORT(SINGLE_PORT)
      ) weights (
          .clk,
          .write(writes[0]),
          .write_address(PLACE'(highs[3])),
          .write_data(data3[0]),
          .read_address(PLACE'(high)),
          .read_data(banks[0])
      );
      assign stored = banks;
      logic unused;
      assign unused = &{1'b0, column, columns, turn, turns};
    end
  endgenerate
endmodule
