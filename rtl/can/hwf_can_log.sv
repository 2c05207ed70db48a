// The verdicts that the host has not fetched yet: entries of 16 words of 16 bits, stored and given lowest first.
//
// `push` takes an entry: in the 16 cycles that follow, `storing` is high and `word` is to be the entry's word `at`. Where there
// is no room it is `dropped`. `more`: a whole entry waits; a word passes with m_ready, and an entry that was begun is to
// be read to its end. m_data is the next word from the second cycle after m_ready, or after `more` rose.
//
// ENTRIES  that can wait: a power of two
module hwf_can_log #(
    parameter int ENTRIES = 32
) (
    input  logic        clk,
    input  logic        rst,
    input  logic        push,
    output logic        storing,
    output logic [ 3:0] at,
    input  logic [15:0] word,
    output logic        dropped,
    output logic        more,
    input  logic        m_ready,
    output logic [15:0] m_data
);
  localparam int PLACE = $clog2(ENTRIES);

  generate
    if (ENTRIES != 2 ** PLACE || ENTRIES < 2) begin : bad_size
      $error("hwf_can_log: ENTRIES is a power of two, 2 or more.");
    end
  endgenerate

  (* ram_style = "block" *) logic [15:0] memory[0:16*ENTRIES-1];
  logic [PLACE:0] tail, head;  // entries stored and entries read; what is under way is in neither
  logic [3:0] from;
  logic [PLACE+3:0] write_address, read_address;
  logic full;
  assign more = tail != head;
  assign full = tail == {!head[PLACE], head[PLACE-1:0]};
  assign dropped = push && full;
  assign write_address = {tail[PLACE-1:0], at};
  assign read_address = {head[PLACE-1:0], from};

  always_ff @(posedge clk) begin
    if (storing) memory[write_address] <= word;
    // What is being written is never read: saying so spares the logic that would keep the old word.
    m_data <= storing && write_address == read_address ? 'x : memory[read_address];
  end

  always_ff @(posedge clk) begin
    if (storing) begin
      at <= at + 1'b1;
      if (at == '1) begin
        storing <= 1'b0;
        tail <= tail + 1'b1;
      end
    end
    if (push && !full) storing <= 1'b1;
    if (m_ready) begin
      from <= from + 1'b1;
      if (from == '1) head <= head + 1'b1;
    end
    if (rst) begin
      at <= '0;
      from <= '0;
      head <= '0;
      tail <= '0;
      storing <= 1'b0;
    end
  end

`ifndef SYNTHESIS
  an_entry_is_stored_before_the_next :
  assert property (@(posedge clk) disable iff (rst) push |-> !storing);
  a_word_is_read_where_there_is_one :
  assert property (@(posedge clk) disable iff (rst) m_ready |-> more);
`endif
endmodule
