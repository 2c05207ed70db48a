// Vectors one behind another: the beats of branch 0's vector, then those of branch 1's, and so on, then again branch 0's.
//
// With WHOLE each branch's vector comes in one beat, and all leave side by side in one.
// Latency 0, one beat a cycle. Combinational paths: m_ready and s_valid to s_ready, s_valid to m_valid.
//
// BRANCHES  how many
// WIDTH     bits of a beat of each branch, if not WHOLE
// BEATS     beats of each branch's vector, 32 bits each, branch 0 in the lowest
// WHOLE     1: all branches in one beat;  S_BITS  bits of a beat of all branches together, branch 0 lowest
module hwf_concat #(
    parameter int BRANCHES = 2,
    parameter int WIDTH = 8,
    parameter logic [BRANCHES*32-1:0] BEATS = {BRANCHES{32'd1}},
    parameter int WHOLE = 0,
    parameter int S_BITS = BRANCHES * WIDTH,
    localparam int M_BITS = WHOLE != 0 ? S_BITS : WIDTH
) (
    input  logic                clk,
    input  logic                rst,
    input  logic [BRANCHES-1:0] s_valid,
    output logic [BRANCHES-1:0] s_ready,
    input  logic [  S_BITS-1:0] s_data,
    output logic                m_valid,
    input  logic                m_ready,
    output logic [  M_BITS-1:0] m_data
);
  generate
    if (BRANCHES < 1 || (WHOLE == 0 && S_BITS != BRANCHES * WIDTH)) begin : bad_size
      $error("hwf_concat: BRANCHES is at least 1, and S_BITS is BRANCHES * WIDTH unless WHOLE.");
    end

    if (WHOLE != 0) begin : together
      logic unused;
      assign unused  = &{1'b0, clk, rst};
      assign m_valid = &s_valid;
      assign s_ready = {BRANCHES{m_ready && m_valid}};
      assign m_data  = s_data;
    end else begin : in_turn
      localparam int TURN_BITS = BRANCHES > 1 ? $clog2(BRANCHES) : 1;
      logic [TURN_BITS-1:0] turn;
      logic [31:0] beat, last_beat;  // as wide as BEATS has them; what is always 0 costs nothing
      logic last;
      assign last_beat = BEATS[int'(turn)*32+:32] - 1;
      assign last = beat == last_beat;
      assign m_valid = s_valid[turn];
      assign m_data = s_data[int'(turn)*WIDTH+:WIDTH];
      assign s_ready = BRANCHES'(m_ready) << turn;
      always_ff @(posedge clk) begin
        if (m_valid && m_ready) begin
          beat <= last ? '0 : beat + 1'b1;
          if (last) turn <= turn == TURN_BITS'(BRANCHES - 1) ? '0 : turn + 1'b1;
        end
        if (rst) begin
          beat <= '0;
          turn <= '0;
        end
      end
    end
  endgenerate

`ifndef SYNTHESIS
  a_stalled_beat_is_held :
  assert property (@(posedge clk) disable iff (rst) m_valid && !m_ready |=> m_valid && $stable(m_data));
`endif
endmodule
