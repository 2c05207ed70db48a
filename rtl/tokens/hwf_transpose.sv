// Two axes change places: of a matrix x of ROWS x COLUMNS groups of INNER elements, y[c][r] = x[r][c], matrix after matrix.
//
// A matrix comes row by row, BEATS = ROWS * COLUMNS * INNER / LANES beats, and leaves column by column in as many. One is
// written while the one before is read, so matrices pass in BEATS cycles each.
// Latency 2 cycles from the last beat of a matrix to its first result; one beat a cycle. Combinational paths: none.
//
// Row r lies in bank r % LANES, in words of LANES neighbouring elements, so that LANES rows of a column are read at once.
//
// ROWS, COLUMNS, INNER  of a matrix;  WIDTH  bits of an element
// LANES                 elements of a beat: 1, or, where INNER is 1, what divides ROWS and COLUMNS
// STYLE                 for synthesis, where the matrices go: "block" (block RAM), or "auto"
module hwf_transpose #(
    parameter int ROWS    = 4,
    parameter int COLUMNS = 6,
    parameter int INNER   = 1,
    parameter int LANES   = 2,
    parameter int WIDTH   = 4,
    // verilator lint_off UNUSEDPARAM
    parameter STYLE = "auto"  // for attributes only
    // verilator lint_on UNUSEDPARAM
) (
    input  logic                   clk,
    input  logic                   rst,
    input  logic                   s_valid,
    output logic                   s_ready,
    input  logic [LANES*WIDTH-1:0] s_data,
    output logic                   m_valid,
    input  logic                   m_ready,
    output logic [LANES*WIDTH-1:0] m_data
);
  localparam int ROW_WORDS = COLUMNS / LANES * INNER;
  localparam int ROW_BLOCKS = ROWS / LANES;
  localparam int HALF = ROW_BLOCKS * ROW_WORDS;  // words of a bank for one matrix
  localparam int DEPTH = 2 * HALF;
  localparam int ADDRESS_BITS = $clog2(DEPTH);

  generate
    if (ROWS < 1 || COLUMNS < 1 || INNER < 1 || WIDTH < 1 || LANES < 1) begin : bad_size
      $error("hwf_transpose: ROWS, COLUMNS, INNER, WIDTH and LANES are at least 1.");
    end
    if (LANES > 1 && (INNER != 1 || ROWS % LANES != 0 || COLUMNS % LANES != 0)) begin : bad_lanes
      $error("hwf_transpose: LANES is 1, or divides ROWS and COLUMNS, with INNER 1.");
    end
  endgenerate

  // Matrices that are complete and not yet read to their end: of the two halves.
  logic [1:0] full;
  logic written, emptied;  // with this clock edge, a matrix
  always_ff @(posedge clk) begin
    if (written && !emptied) full <= full + 1'b1;
    if (emptied && !written) full <= full - 1'b1;
    if (rst) full <= '0;
  end

  // Writing: the words of a row, then those of the next one in the next bank.
  logic put, row_ends, last_bank;
  logic [ADDRESS_BITS-1:0] write_address;
  logic [LANES-1:0] bank;  // one bit is high
  assign s_ready = !full[1];
  assign put = s_valid && s_ready;
  assign last_bank = bank[LANES-1];
  hwf_every #(
      .COUNT(ROW_WORDS)
  ) rows (
      .clk,
      .rst,
      .beat(put),
      .last(row_ends)
  );
  hwf_every #(
      .COUNT(HALF * LANES)
  ) matrices (
      .clk,
      .rst,
      .beat(put),
      .last(written)
  );
  always_ff @(posedge clk) begin
    if (put) begin
      if (row_ends && !last_bank) write_address <= write_address - ADDRESS_BITS'(ROW_WORDS - 1);
      else write_address <= write_address == ADDRESS_BITS'(DEPTH - 1) ? '0 : write_address + 1'b1;
    end
    if (rst) write_address <= '0;
  end
  generate
    if (LANES > 1) begin : banks
      always_ff @(posedge clk) begin
        if (row_ends) bank <= {bank[LANES-2:0], bank[LANES-1]};
        if (rst) bank <= LANES'(1);
      end
    end else begin : one_bank
      assign bank = 1'b1;
    end
  endgenerate

  // Reading: the elements of a group, of the rows of a column, of the columns of a word, of the words of a row.
  logic en, get, group_ends, column_ends, word_ends;
  logic [ADDRESS_BITS-1:0] read_address;
  assign en  = m_ready || !m_valid;
  assign get = en && full != '0;
  hwf_every #(
      .COUNT(INNER)
  ) groups (
      .clk,
      .rst,
      .beat(get),
      .last(group_ends)
  );
  hwf_every #(
      .COUNT(ROW_BLOCKS)
  ) columns (
      .clk,
      .rst,
      .beat(group_ends),
      .last(column_ends)
  );
  hwf_every #(
      .COUNT(LANES)
  ) words (
      .clk,
      .rst,
      .beat(column_ends),
      .last(word_ends)
  );
  hwf_every #(
      .COUNT(COLUMNS / LANES)
  ) ends (
      .clk,
      .rst,
      .beat(word_ends),
      .last(emptied)
  );
  always_ff @(posedge clk) begin
    if (get) begin
      if (emptied) read_address <= read_address == ADDRESS_BITS'(DEPTH - 1) ? '0 : read_address + 1'b1;
      else if (word_ends) read_address <= read_address - ADDRESS_BITS'((ROW_BLOCKS - 1) * ROW_WORDS - 1);
      else if (column_ends) read_address <= read_address - ADDRESS_BITS'((ROW_BLOCKS - 1) * ROW_WORDS + INNER - 1);
      else if (group_ends) read_address <= read_address + ADDRESS_BITS'(ROW_WORDS - (INNER - 1));
      else read_address <= read_address + 1'b1;
    end
    if (en) m_valid <= full != '0;
    if (rst) begin
      read_address <= '0;
      m_valid <= 1'b0;
    end
  end

  // Which element of the words that were read.
  localparam int PLACE_BITS = LANES > 1 ? $clog2(LANES) : 1;
  logic [PLACE_BITS-1:0] next_place, place;
  always_ff @(posedge clk) begin
    if (column_ends) next_place <= word_ends ? '0 : next_place + 1'b1;
    if (en) place <= next_place;
    if (rst) next_place <= '0;
  end

  generate
    for (genvar b = 0; b < LANES; b++) begin : lane
      (* ram_style = STYLE *) logic [LANES*WIDTH-1:0] memory[0:DEPTH-1];
      logic [LANES*WIDTH-1:0] word;
      logic store, collision;
      assign store = put && bank[b];
      // Never where it matters: the matrix that is read is complete.
      assign collision = write_address == read_address;
      always_ff @(posedge clk) begin
        if (store) memory[write_address] <= s_data;
        if (en) word <= (store && collision) ? 'x : memory[read_address];
      end
      assign m_data[b*WIDTH+:WIDTH] = word[int'(place)*WIDTH+:WIDTH];
`ifndef SYNTHESIS
      a_word_is_not_read_while_it_is_written :
      assert property (@(posedge clk) disable iff (rst) store && get |-> !collision);
`endif
    end
  endgenerate

`ifndef SYNTHESIS
  a_stalled_beat_is_held :
  assert property (@(posedge clk) disable iff (rst) m_valid && !m_ready |=> m_valid && $stable(m_data));
`endif
endmodule
