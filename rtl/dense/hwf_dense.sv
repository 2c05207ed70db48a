// A layer: the matrix-vector product y = W x, and, if STEPS > 0, a threshold activation of every sum.
//
// PE rows and SIMD columns of the matrix are worked on at a time, so a vector takes FOLDS * BEATS cycles, FOLDS =
// ceil(ROWS / PE), BEATS = ceil(COLUMNS / SIMD): see hwf_slots. The next vector follows without a gap.
// Latency of a result, from the beat that completes it: 1 + dot STAGES + (BEATS > 1) + COUNT_BITS cycles.
// One combinational path: m_ready to s_ready.
//
// s_data     BEATS beats a vector, SIMD elements of X_BITS each; elements beyond COLUMNS meet zero weights
// m_data     FOLDS beats a vector, PE elements of Y_BITS each; elements beyond ROWS mean nothing
// X_SIGNED, W_BITS, W_BIPOLAR, W_TERNARY, LEVELS   see hwf_dot
// SUM_BITS   bits of the accumulator, two's complement; holds every sum that these weights can give
// COUNT_BITS, STEPS, DESCENDING, BASE   see hwf_threshold; COUNT_BITS 0: no activation, y is the sum
// WEIGHTS    memory image: word {fold, beat}, its lane p in bits p*SIMD*W_BITS and up
// SEED       with W_BIPOLAR: of the weights, which are generated (hwf_signs) and in no memory; 0: they are in one
// WEIGHT_STYLE, BUFFER_STYLE   for synthesis, where weights and kept inputs go: "block" (block RAM), or "auto"
// LOAD_WEIGHTS, LOAD_THRESHOLDS   where their memories begin on `load` (hwf_memory, hwf_activation); -1: they are
//            constants. `stored` follows `load` by 2 cycles
// THRESHOLDS start of the names of the threshold images (hwf_activation)
module hwf_dense #(
    parameter int ROWS       = 4,
    parameter int COLUMNS    = 4,
    parameter int PE         = 1,
    parameter int SIMD       = 1,
    parameter int X_BITS     = 2,
    parameter int X_SIGNED   = 0,
    parameter int W_BITS     = 2,
    parameter int W_BIPOLAR  = 0,
    parameter int W_TERNARY   = 0,
    parameter int LEVELS     = 2,
    parameter int SUM_BITS   = 8,
    parameter int COUNT_BITS = 0,
    parameter int STEPS      = 0,
    parameter int DESCENDING = 0,
    parameter int BASE       = 0,
    parameter int Y_BITS     = 8,
    parameter int SEED       = 0,
    parameter WEIGHTS = "",
    parameter THRESHOLDS = "",
    parameter int LOAD_WEIGHTS = -1,
    parameter int LOAD_THRESHOLDS = -1,
    parameter WEIGHT_STYLE = "auto",
    parameter BUFFER_STYLE = "auto"
) (
    input  logic                   clk,
    input  logic                   rst,
    input  logic                   s_valid,
    output logic                   s_ready,
    input  logic [SIMD*X_BITS-1:0] s_data,
    output logic                   m_valid,
    input  logic                   m_ready,
    output logic [  PE*Y_BITS-1:0] m_data,
    input  logic [           41:0] load,
    output logic [           15:0] stored
);
  localparam int FOLDS = (ROWS + PE - 1) / PE;
  localparam int BEATS = (COLUMNS + SIMD - 1) / SIMD;
  localparam int SLOTS = FOLDS * BEATS;
  localparam int STAGES = (1 + $clog2(SIMD) + LEVELS - 1) / LEVELS;
  localparam int ADDEND_BITS = X_BITS + W_BITS - W_TERNARY + $clog2(SIMD);
  localparam int SLOT_BITS = SLOTS > 1 ? $clog2(SLOTS) : 1;

  generate
    if (PE < 1 || PE > ROWS) begin : illegal_1
      $error("hwf_dense: PE is 1 to ROWS.");
    end
    if (SIMD < 1 || SIMD > COLUMNS) begin : illegal_2
      $error("hwf_dense: SIMD is 1 to COLUMNS.");
    end
    if (W_BIPOLAR != 0 && COLUMNS % SIMD != 0) begin : illegal_3
      $error("hwf_dense: with bipolar weights SIMD divides COLUMNS.");
    end
    if (COUNT_BITS == 0 && Y_BITS > SUM_BITS) begin : illegal_4
      $error("hwf_dense: without an activation Y_BITS is at most SUM_BITS.");
    end
    if (SEED != 0 && (W_BIPOLAR == 0 || LOAD_WEIGHTS >= 0)) begin : illegal_5
      $error("hwf_dense: weights of a SEED are bipolar and constant.");
    end
  endgenerate

  logic en;
  assign en = m_ready || !m_valid;

  // The operands of the slot that was taken: inputs, and weights.
  logic [SLOT_BITS-1:0] slot;
  logic slot_taken, last_slot, last_beat;
  logic [SIMD*X_BITS-1:0] x;
  hwf_slots #(
      .FOLDS(FOLDS),
      .BEATS(BEATS),
      .WIDTH(SIMD * X_BITS),
      .STYLE(BUFFER_STYLE)
  ) slots (
      .clk,
      .rst,
      .en,
      .s_valid,
      .s_ready,
      .s_data,
      .taken(slot_taken),
      .last_beat,
      .last_slot,
      .slot,
      .x
  );

  logic [PE*SIMD*W_BITS-1:0] weights;
  logic [15:0] weights_stored, thresholds_stored;
  always_ff @(posedge clk) stored <= weights_stored | thresholds_stored;
  generate
    if (SEED != 0) begin : generated
      logic unused;
      assign unused = &{1'b0, load};
      assign weights_stored = '0;
      hwf_signs #(
          .PE(PE),
          .SIMD(SIMD),
          .BEATS(BEATS),
          .SEED(SEED)
      ) signs (
          .clk,
          .rst,
          .en,
          .next(slot_taken),
          .last_beat,
          .last_slot,
          .data(weights)
      );
    end else begin : stored_weights
      logic unused;
      assign unused = &{1'b0, last_slot};
      hwf_memory #(
          .WIDTH(PE * SIMD * W_BITS),
          .DEPTH(SLOTS),
          .FILE (WEIGHTS),
          .STYLE(WEIGHT_STYLE),
          .FIRST(LOAD_WEIGHTS)
      ) weight_memory (
          .clk,
          .en,
          .address(slot),
          .data(weights),
          .load,
          .stored(weights_stored)
      );
    end
  endgenerate

  logic [PE*ADDEND_BITS-1:0] addends;
  generate
    for (genvar p = 0; p < PE; p++) begin : lane
      hwf_dot #(
          .SIMD(SIMD),
          .X_BITS(X_BITS),
          .X_SIGNED(X_SIGNED),
          .W_BITS(W_BITS),
          .W_BIPOLAR(W_BIPOLAR),
          .W_TERNARY(W_TERNARY),
          .LEVELS(LEVELS)
      ) dot (
          .clk,
          .en,
          .x,
          .w(weights[p*SIMD*W_BITS+:SIMD*W_BITS]),
          .y(addends[p*ADDEND_BITS+:ADDEND_BITS])
      );
    end
  endgenerate

  logic completes;
  logic [PE*SUM_BITS-1:0] sums;
  hwf_accumulate #(
      .PE(PE),
      .X_BITS(ADDEND_BITS),
      .SUM_BITS(SUM_BITS),
      .BEATS(BEATS),
      .STAGES(STAGES)
  ) accumulate (
      .clk,
      .rst,
      .en,
      .s_taken(slot_taken),
      .s_last(last_beat),
      .s_data(addends),
      .completes,
      .m_data(sums)
  );

  hwf_activation #(
      .FOLDS(FOLDS),
      .PE(PE),
      .X_BITS(SUM_BITS),
      .COUNT_BITS(COUNT_BITS),
      .STEPS(STEPS),
      .DESCENDING(DESCENDING),
      .BASE(BASE),
      .Y_BITS(Y_BITS),
      .LOAD(LOAD_THRESHOLDS),
      .FILE(THRESHOLDS)
  ) activation (
      .clk,
      .rst,
      .en,
      .s_comes(completes),
      .s_data (sums),
      .m_valid,
      .m_data,
      .load,
      .stored (thresholds_stored)
  );

`ifndef SYNTHESIS
  a_stalled_result_is_held :
  assert property (@(posedge clk) disable iff (rst) m_valid && !m_ready |=> m_valid && $stable(m_data));
`endif
endmodule
