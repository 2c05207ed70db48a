// First in, first out: up to DEPTH words wait.
//
// Latency 1 cycle at every depth: a word taken into an empty FIFO is on m_data in the next cycle. One word a cycle; of
// DEPTH 1 every other cycle, for words that come no faster. s_ready depends on the state alone, so the FIFO cuts the ready
// path.
//
// The two oldest words are in registers (head; and spare, or the memory's own output); the others are in a memory of
// DEPTH - 2 words with clocked reads, which every family has as block or look-up-table RAM.
//
// WIDTH  bits of a word
// DEPTH  words that fit; up to 2 need no memory
// STYLE  for synthesis, where the words of a deeper one go: "block" (block RAM), or "auto"
module hwf_fifo #(
    parameter int WIDTH = 8,
    parameter int DEPTH = 2,
    // verilator lint_off UNUSEDPARAM
    parameter STYLE = "auto"  // for attributes only
    // verilator lint_on UNUSEDPARAM
) (
    input  logic             clk,
    input  logic             rst,
    input  logic             s_valid,
    output logic             s_ready,
    input  logic [WIDTH-1:0] s_data,
    output logic             m_valid,
    input  logic             m_ready,
    output logic [WIDTH-1:0] m_data
);
  logic [WIDTH-1:0] second;
  logic second_valid, push, to_head;
  assign push = s_valid && s_ready;
  assign to_head = !second_valid && (m_ready || !m_valid);

  always_ff @(posedge clk) if (m_ready || !m_valid) m_data <= second_valid ? second : s_data;

  generate
    if (WIDTH < 1 || DEPTH < 1) begin : bad_size
      $error("hwf_fifo: WIDTH and DEPTH are at least 1.");
    end

    if (DEPTH == 1) begin : single
      assign second = s_data;
      assign second_valid = 1'b0;
      assign s_ready = !m_valid;
      always_ff @(posedge clk) begin
        if (to_head) m_valid <= push;
        if (rst) m_valid <= 1'b0;
      end
    end

    if (DEPTH == 2) begin : pair
      logic [WIDTH-1:0] spare;
      assign second  = spare;
      assign s_ready = !second_valid;
      always_ff @(posedge clk) begin
        if (!second_valid) spare <= s_data;
        if (to_head) m_valid <= push;
        else if (!second_valid) second_valid <= push;
        else if (m_ready) second_valid <= 1'b0;
        if (rst) begin
          m_valid <= 1'b0;
          second_valid <= 1'b0;
        end
      end
    end

    if (DEPTH > 2) begin : deep
      localparam int WORDS = DEPTH - 2;
      localparam int ADDRESS_BITS = WORDS > 1 ? $clog2(WORDS) : 1;
      localparam int STORED_BITS = $clog2(WORDS + 1);

      // Words are stored only while the two oldest are in place, so the next to leave the memory is fetched in time.
      (* ram_style = STYLE *) logic [WIDTH-1:0] memory[0:WORDS-1];
      logic [WIDTH-1:0] spare, fetched;
      logic [ADDRESS_BITS-1:0] write_address, read_address;
      logic [STORED_BITS-1:0] stored;
      logic any_stored, second_free, fetch, to_spare, store, second_is_fetched, collision;
      assign any_stored = stored != '0;
      assign second_free = !second_valid || m_ready;
      assign fetch = second_free && any_stored;
      assign to_spare = push && !to_head && second_free && !any_stored;
      assign store = push && !to_head && !to_spare;
      // Never while storing: saying so spares the logic that would keep the old word.
      assign collision = write_address == read_address;
      assign second = second_is_fetched ? fetched : spare;

      always_ff @(posedge clk) begin
        if (store) memory[write_address] <= s_data;
        if (fetch) fetched <= (store && collision) ? 'x : memory[read_address];
        if (to_spare) spare <= s_data;
        if (to_spare || fetch) second_is_fetched <= fetch;
      end

      always_ff @(posedge clk) begin
        if (to_head) m_valid <= push;
        if (second_free) second_valid <= fetch || to_spare;
        if (store) write_address <= write_address == ADDRESS_BITS'(WORDS - 1) ? '0 : write_address + 1'b1;
        if (fetch) read_address <= read_address == ADDRESS_BITS'(WORDS - 1) ? '0 : read_address + 1'b1;
        if (store && !fetch) begin
          stored  <= stored + 1'b1;
          s_ready <= stored != STORED_BITS'(WORDS - 1);
        end
        if (fetch && !store) begin
          stored  <= stored - 1'b1;
          s_ready <= 1'b1;
        end
        if (rst) begin
          m_valid <= 1'b0;
          second_valid <= 1'b0;
          write_address <= '0;
          read_address <= '0;
          stored <= '0;
          s_ready <= 1'b1;
        end
      end

`ifndef SYNTHESIS
      a_word_is_not_fetched_while_it_is_stored :
      assert property (@(posedge clk) disable iff (rst) store && fetch |-> !collision);
      words_are_stored_only_behind_two_others :
      assert property (@(posedge clk) disable iff (rst) any_stored |-> m_valid && second_valid);
      the_memory_never_overflows :
      assert property (@(posedge clk) disable iff (rst) store |-> fetch || stored < STORED_BITS'(WORDS));
`endif
    end
  endgenerate

`ifndef SYNTHESIS
  the_first_word_is_in_front_of_the_second :
  assert property (@(posedge clk) disable iff (rst) second_valid |-> m_valid);
  a_stalled_word_is_held :
  assert property (@(posedge clk) disable iff (rst) m_valid && !m_ready |=> m_valid && $stable(m_data));
`endif
endmodule
