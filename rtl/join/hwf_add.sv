// The sum of branches: y[c] = sum over b of gain[b][c] * x_b[c], and, if STEPS > 0, a threshold activation of every sum.
// With PRODUCT their product: y[c] = x_0[c] * x_1[c] * ...; what is said of sums is then true of products.
//
// A vector of ROWS elements comes in FOLDS = ceil(ROWS / PE) beats, one a cycle, of all branches at once.
// Latency of a beat: 1 + (GAIN_BITS > 0) + (BRANCHES > 1) + COUNT_BITS cycles.
// Combinational paths: m_ready and s_valid to s_ready.
//
// BRANCHES   how many; with 1 it is the activation alone
// PRODUCT    1: branches are multiplied by each other, and GAIN_BITS is 0; 0: they are added
// ROWS, PE   elements of a vector, elements of a beat (those beyond ROWS mean nothing)
// s_data     PE elements of X_BITS, two's complement, of branch 0 lowest, of branch 1 above them, and so on
// GAIN_BITS  bits of a gain, two's complement; 0: every gain is 1
// GAIN_WORDS words of GAINS: FOLDS, or 1 where all folds have the same
// GAINS      memory image: word fold, the gain of lane p and branch b in bits (p*BRANCHES+b)*GAIN_BITS and up
// SUM_BITS   bits of the sum, two's complement; holds every sum
// COUNT_BITS, STEPS, DESCENDING, BASE   see hwf_threshold; COUNT_BITS 0: no activation, y is the sum
// THRESHOLDS start of the names of the threshold images (hwf_activation)
module hwf_add #(
    parameter int BRANCHES   = 2,
    parameter int PRODUCT    = 0,
    parameter int ROWS       = 4,
    parameter int PE         = 1,
    parameter int X_BITS     = 4,
    parameter int GAIN_BITS  = 0,
    parameter int GAIN_WORDS = 1,
    parameter int SUM_BITS   = 6,
    parameter int COUNT_BITS = 0,
    parameter int STEPS      = 0,
    parameter int DESCENDING = 0,
    parameter int BASE       = 0,
    parameter int Y_BITS     = 6,
    parameter GAINS = "",
    parameter THRESHOLDS = ""
) (
    input  logic                          clk,
    input  logic                          rst,
    input  logic [          BRANCHES-1:0] s_valid,
    output logic [          BRANCHES-1:0] s_ready,
    input  logic [BRANCHES*PE*X_BITS-1:0] s_data,
    output logic                          m_valid,
    input  logic                          m_ready,
    output logic [         PE*Y_BITS-1:0] m_data
);
  localparam int FOLDS = (ROWS + PE - 1) / PE;
  localparam int GAINED = GAIN_BITS > 0 ? 1 : 0;
  localparam int SUMMED = BRANCHES > 1 ? 1 : 0;
  localparam int EARLIER = GAINED + SUMMED;  // registers before that of the sums
  localparam int WORD_BITS = GAIN_BITS > 0 ? PE * BRANCHES * GAIN_BITS : 1;

  generate
    if (BRANCHES < 1 || PE < 1 || PE > ROWS) begin : illegal_1
      $error("hwf_add: BRANCHES is at least 1, and PE is 1 to ROWS.");
    end
    if (SUM_BITS < X_BITS || (COUNT_BITS == 0 && Y_BITS > SUM_BITS)) begin : illegal_2
      $error("hwf_add: SUM_BITS is at least X_BITS, and, without an activation, at least Y_BITS.");
    end
    if (PRODUCT != 0 && GAIN_BITS != 0) begin : illegal_4
      $error("hwf_add: with PRODUCT, GAIN_BITS is 0.");
    end
    if (GAIN_WORDS != 1 && GAIN_WORDS != FOLDS) begin : illegal_3
      $error("hwf_add: GAIN_WORDS is 1 or FOLDS.");
    end
  endgenerate

  logic en, taken;
  assign en = m_ready || !m_valid;
  assign taken = en && &s_valid;
  assign s_ready = {BRANCHES{taken}};

  logic completes;  // with the next clock edge, if en, sums are there
  generate
    if (EARLIER > 0) begin : several
      logic [EARLIER-1:0] filled;  // bit i: register i holds a beat
      always_ff @(posedge clk) begin
        if (en) filled <= EARLIER'({filled, taken});
        if (rst) filled <= '0;
      end
      assign completes = filled[EARLIER-1];
    end else begin : one
      assign completes = taken;
    end
  endgenerate

  logic [BRANCHES*PE*X_BITS-1:0] x;
  always_ff @(posedge clk) if (en) x <= s_data;

  // The gains of the beat in x, read at the same edge.
  logic [WORD_BITS-1:0] gains;
  generate
    if (GAIN_BITS > 0) begin : gain
      localparam int ADDRESS_BITS = GAIN_WORDS > 1 ? $clog2(GAIN_WORDS) : 1;
      logic [ADDRESS_BITS-1:0] next_word;
      always_ff @(posedge clk) begin
        if (taken) next_word <= next_word == ADDRESS_BITS'(GAIN_WORDS - 1) ? '0 : next_word + 1'b1;
        if (rst) next_word <= '0;
      end
      hwf_rom #(
          .WIDTH(WORD_BITS),
          .DEPTH(GAIN_WORDS),
          .FILE (GAINS)
      ) gain_memory (
          .clk,
          .en,
          .address(next_word),
          .data(gains)
      );
    end else begin : no_gain
      logic unused;
      assign gains  = '0;
      assign unused = &{1'b0, gains};
    end
  endgenerate

  logic [PE*SUM_BITS-1:0] sums;
  generate
    for (genvar p = 0; p < PE; p++) begin : lane
      logic [SUM_BITS-1:0] sum;
      for (genvar b = 0; b < BRANCHES; b++) begin : branch
        logic [SUM_BITS-1:0] value, term, upto;
        assign value = SUM_BITS'($signed(x[(b*PE+p)*X_BITS+:X_BITS]));
        if (GAIN_BITS > 0) begin : product
          logic [GAIN_BITS-1:0] factor;
          assign factor = gains[(p*BRANCHES+b)*GAIN_BITS+:GAIN_BITS];
          always_ff @(posedge clk) if (en) term <= SUM_BITS'($signed(value) * $signed(factor));
        end else begin : plain
          assign term = value;
        end
        if (b == 0) begin : first
          assign upto = term;
        end else if (PRODUCT != 0) begin : multiplied
          assign upto = $signed(branch[b-1].upto) * $signed(term);
        end else begin : further
          assign upto = branch[b-1].upto + term;
        end
      end
      if (BRANCHES > 1) begin : summed
        always_ff @(posedge clk) if (en) sum <= branch[BRANCHES-1].upto;
      end else begin : single
        assign sum = branch[0].upto;
      end

      assign sums[p*SUM_BITS+:SUM_BITS] = sum;
    end
  endgenerate

  logic [15:0] nothing;
  logic unused;
  assign unused = &{1'b0, nothing};
  hwf_activation #(
      .FOLDS(FOLDS),
      .PE(PE),
      .X_BITS(SUM_BITS),
      .COUNT_BITS(COUNT_BITS),
      .STEPS(STEPS),
      .DESCENDING(DESCENDING),
      .BASE(BASE),
      .Y_BITS(Y_BITS),
      .FILE(THRESHOLDS)
  ) activation (
      .clk,
      .rst,
      .en,
      .s_comes(completes),
      .s_data (sums),
      .m_valid,
      .m_data,
      .load   (42'b0),
      .stored (nothing)
  );

`ifndef SYNTHESIS
  a_stalled_sum_is_held :
  assert property (@(posedge clk) disable iff (rst) m_valid && !m_ready |=> m_valid && $stable(m_data));
`endif
endmodule
