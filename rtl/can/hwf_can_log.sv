// The verdicts that the host has not fetched yet: entries of 256 bits, stored and given in words of 16, lowest first.
//
// `push` takes an entry, as it is in the 16 cycles that follow. Where there is no room it is `dropped`. `more`: a whole
// entry waits; a word passes with m_ready, and an entry that was begun is to be read to its end.
//
// ENTRIES  that can wait
module hwf_can_log #(
    parameter int ENTRIES = 32
) (
    input  logic         clk,
    input  logic         rst,
    input  logic         push,
    input  logic [255:0] entry,
    output logic         dropped,
    output logic         more,
    input  logic         m_ready,
    output logic [ 15:0] m_data
);
  localparam int COUNT_BITS = $clog2(ENTRIES + 1);

  logic [COUNT_BITS-1:0] held;  // entries, those that are being stored or read included
  logic [3:0] at, from;  // words
  logic storing, accepts, last_read, ready, valid;
  assign accepts   = push && held != COUNT_BITS'(ENTRIES);
  assign dropped   = push && !accepts;
  assign last_read = valid && m_ready && from == '1;
  assign more      = held > COUNT_BITS'(storing) && valid;

  hwf_fifo #(
      .WIDTH(16),
      .DEPTH(16 * ENTRIES),
      .STYLE("block")
  ) words (
      .clk,
      .rst,
      .s_valid(storing),
      .s_ready(ready),
      .s_data (entry[{at, 4'b0000}+:16]),
      .m_valid(valid),
      .m_ready,
      .m_data
  );

  always_ff @(posedge clk) begin
    if (storing) begin
      at <= at + 1'b1;
      storing <= at != '1;
    end
    if (accepts) storing <= 1'b1;
    held <= held + COUNT_BITS'(accepts) - COUNT_BITS'(last_read);
    if (valid && m_ready) from <= from + 1'b1;
    if (rst) begin
      held <= '0;
      at <= '0;
      from <= '0;
      storing <= 1'b0;
    end
  end

`ifndef SYNTHESIS
  an_entry_is_stored_before_the_next :
  assert property (@(posedge clk) disable iff (rst) push |-> !storing);
  an_entry_holds_while_it_is_stored :
  assert property (@(posedge clk) disable iff (rst) storing && at != '0 |-> $stable(entry));
  an_entry_has_room :
  assert property (@(posedge clk) disable iff (rst) storing |-> ready);
  a_word_is_read_where_there_is_one :
  assert property (@(posedge clk) disable iff (rst) m_ready |-> valid);
`endif
endmodule
