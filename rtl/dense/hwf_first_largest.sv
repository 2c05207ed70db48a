// The class of a vector that comes at once: y = the first c whose gain[c] * x[c] + offset[c] is largest.
//
// Every score is compared with every other one, side by side. Latency 1 cycle, a vector a cycle.
// One combinational path: m_ready to s_ready.
//
// ROWS        elements of a vector
// X_BITS      bits of an element;  X_SIGNED 1: two's complement, 0: unsigned
// SCORE_BITS  bits of gain * x + offset, two's complement, enough for every channel
// GAINS       the gains, SCORE_BITS each, two's complement, channel 0 lowest;  OFFSETS the same of the offsets
module hwf_first_largest #(
    parameter int ROWS = 4,
    parameter int X_BITS = 8,
    parameter int X_SIGNED = 1,
    parameter int SCORE_BITS = 9,
    parameter logic [ROWS*SCORE_BITS-1:0] GAINS = {ROWS{SCORE_BITS'(1)}},
    parameter logic [ROWS*SCORE_BITS-1:0] OFFSETS = '0,
    localparam int Y_BITS = ROWS > 1 ? $clog2(ROWS) : 1
) (
    input  logic                   clk,
    input  logic                   rst,
    input  logic                   s_valid,
    output logic                   s_ready,
    input  logic [ROWS*X_BITS-1:0] s_data,
    output logic                   m_valid,
    input  logic                   m_ready,
    output logic [     Y_BITS-1:0] m_data
);
  generate
    if (ROWS < 1 || X_BITS < 1 || SCORE_BITS < X_BITS) begin : illegal
      $error("hwf_first_largest: ROWS and X_BITS are at least 1, and SCORE_BITS is at least X_BITS.");
    end
  endgenerate

  logic en;
  assign en = m_ready || !m_valid;
  assign s_ready = en;

  logic [ROWS*SCORE_BITS-1:0] score;
  logic [ROWS-1:0] largest;  // one of them
  generate
    for (genvar i = 0; i < ROWS; i++) begin : row
      logic [X_BITS-1:0] element;
      logic [SCORE_BITS-1:0] extended;
      assign element = s_data[i*X_BITS+:X_BITS];
      if (X_SIGNED != 0) begin : two_s_complement
        assign extended = SCORE_BITS'($signed(element));
      end else begin : unsigned_x
        assign extended = SCORE_BITS'(element);
      end
      assign score[i*SCORE_BITS+:SCORE_BITS] = extended * GAINS[i*SCORE_BITS+:SCORE_BITS] + OFFSETS[i*SCORE_BITS+:SCORE_BITS];

      logic [ROWS-1:0] beats;
      for (genvar j = 0; j < ROWS; j++) begin : other
        if (i < j) begin : later
          assign beats[j] = $signed(score[i*SCORE_BITS+:SCORE_BITS]) >= $signed(score[j*SCORE_BITS+:SCORE_BITS]);
        end else if (i > j) begin : earlier
          assign beats[j] = !row[j].beats[i];
        end else begin : itself
          assign beats[j] = 1'b1;
        end
      end
      assign largest[i] = &beats;
    end
  endgenerate

  logic [Y_BITS-1:0] class_of_largest;
  always_comb begin
    class_of_largest = '0;
    for (int i = 0; i < ROWS; i++) class_of_largest |= largest[i] ? Y_BITS'(i) : '0;
  end

  always_ff @(posedge clk) begin
    if (en) begin
      m_valid <= s_valid;
      m_data  <= class_of_largest;
    end
    if (rst) m_valid <= 1'b0;
  end

`ifndef SYNTHESIS
  a_stalled_class_is_held :
  assert property (@(posedge clk) disable iff (rst) m_valid && !m_ready |=> m_valid && $stable(m_data));
`endif
endmodule
