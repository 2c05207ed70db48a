// One stream to several readers: each word goes to all of them, to each when it is ready.
//
// Latency 0: a word is offered to every reader in the cycle in which it comes, and leaves s once all have taken it. One word
// a cycle for as long as all are ready. Combinational paths: every m_ready to s_ready, and s_valid to m_valid.
//
// READERS  how many, at least 2
// WIDTH    bits of a word
module hwf_fork #(
    parameter int READERS = 2,
    parameter int WIDTH   = 8
) (
    input  logic                     clk,
    input  logic                     rst,
    input  logic                     s_valid,
    output logic                     s_ready,
    input  logic [        WIDTH-1:0] s_data,
    output logic [      READERS-1:0] m_valid,
    input  logic [      READERS-1:0] m_ready,
    output logic [READERS*WIDTH-1:0] m_data
);
  generate
    if (READERS < 2 || WIDTH < 1) begin : bad_size
      $error("hwf_fork: READERS is at least 2 and WIDTH at least 1.");
    end
  endgenerate

  // Which readers have the word that waits at s.
  logic [READERS-1:0] taken;
  assign m_valid = {READERS{s_valid}} & ~taken;
  assign s_ready = &(m_ready | taken);
  assign m_data  = {READERS{s_data}};
  always_ff @(posedge clk) begin
    if (s_valid) taken <= s_ready ? '0 : taken | m_ready;
    if (rst) taken <= '0;
  end

`ifndef SYNTHESIS
  a_word_taken_by_some_waits_for_the_others :
  assert property (@(posedge clk) disable iff (rst) taken != '0 |-> s_valid);
`endif
endmodule
