// A part of each vector: some of its beats pass, those before and behind them are dropped.
//
// Of vectors of one beat some neighbouring elements pass, and the others are dropped.
// Latency 0, one beat a cycle. Combinational paths: m_ready to s_ready, s_valid to m_valid.
//
// WIDTH     bits of an element
// S_LANES   elements of a beat that comes;  M_LANES  elements of a beat that leaves, as many where BEATS is more than 1
// OFFSET    which element of a beat is the first that leaves, from 0
// BEATS     beats of a vector;  FIRST  the number of the first that passes, from 0;  COUNT  how many pass
module hwf_slice #(
    parameter int WIDTH   = 4,
    parameter int S_LANES = 1,
    parameter int M_LANES = 1,
    parameter int OFFSET  = 0,
    parameter int BEATS   = 4,
    parameter int FIRST   = 1,
    parameter int COUNT   = 2
) (
    input  logic                     clk,
    input  logic                     rst,
    input  logic                     s_valid,
    output logic                     s_ready,
    // verilator lint_off UNUSEDSIGNAL
    input  logic [S_LANES*WIDTH-1:0] s_data,   // of which only the part that leaves is used
    // verilator lint_on UNUSEDSIGNAL
    output logic                     m_valid,
    input  logic                     m_ready,
    output logic [M_LANES*WIDTH-1:0] m_data
);
  generate
    if (WIDTH < 1 || M_LANES < 1 || OFFSET < 0 || OFFSET + M_LANES > S_LANES) begin : bad_lanes
      $error("hwf_slice: a beat of S_LANES elements has no M_LANES from OFFSET on.");
    end
    if (COUNT < 1 || FIRST < 0 || FIRST + COUNT > BEATS || (BEATS > 1 && M_LANES != S_LANES)) begin : bad_beats
      $error("hwf_slice: BEATS hold COUNT from FIRST on, and are of M_LANES elements unless there is one.");
    end
  endgenerate

  assign m_data = s_data[OFFSET*WIDTH+:M_LANES*WIDTH];
  generate
    if (COUNT == BEATS) begin : all
      logic unused;
      assign unused  = &{1'b0, clk, rst};
      assign m_valid = s_valid;
      assign s_ready = m_ready;
    end else begin : some
      localparam int BEAT_BITS = $clog2(BEATS);
      logic [BEAT_BITS-1:0] beat;
      logic passes;
      assign passes  = int'(beat) >= FIRST && int'(beat) < FIRST + COUNT;
      assign m_valid = s_valid && passes;
      assign s_ready = m_ready || !passes;
      always_ff @(posedge clk) begin
        if (s_valid && s_ready) beat <= int'(beat) == BEATS - 1 ? '0 : beat + 1'b1;
        if (rst) beat <= '0;
      end
    end
  endgenerate

`ifndef SYNTHESIS
  a_stalled_beat_is_held :
  assert property (@(posedge clk) disable iff (rst) m_valid && !m_ready |=> m_valid && $stable(m_data));
`endif
endmodule
