// A layer: the matrix-vector product y = W x, and, if STEPS > 0, a threshold activation of every sum.
//
// PE rows and SIMD columns of the matrix are worked on at a time, so a vector takes FOLDS * BEATS cycles, FOLDS =
// ceil(ROWS / PE), BEATS = ceil(COLUMNS / SIMD). The first pass over a vector takes it from the stream and keeps it; the
// other passes, one for each fold, take it from the buffer. The next vector follows without a gap.
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
// LOAD_WEIGHTS, LOAD_THRESHOLDS   where their memories begin on `load` (hwf_memory, hwf_threshold), those of lane p behind
//            those of lane p - 1; -1: they are constants. `stored` follows `load` by 2 cycles
// THRESHOLDS start of the names of the threshold images; {THRESHOLDS, three digits of the lane} is hwf_threshold's FILE
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
    // verilator lint_off UNUSEDPARAM
    parameter BUFFER_STYLE = "auto"  // for attributes only
    // verilator lint_on UNUSEDPARAM
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
  localparam int FOLD_BITS = FOLDS > 1 ? $clog2(FOLDS) : 1;
  localparam int BEAT_BITS = BEATS > 1 ? $clog2(BEATS) : 1;
  localparam int SLOT_BITS = SLOTS > 1 ? $clog2(SLOTS) : 1;
  // Addresses on `load` of a lane's thresholds: see hwf_threshold.
  localparam int LANE_SPAN = 1 << ($clog2(FOLDS) + $clog2((SUM_BITS + DESCENDING + 15) / 16) + COUNT_BITS);

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

  // Which slot of the vector's FOLDS * BEATS is next.
  logic [SLOT_BITS-1:0] slot;
  logic [BEAT_BITS-1:0] beat;
  logic first_pass, slot_taken, last_slot, last_beat;
  assign last_slot = slot == SLOT_BITS'(SLOTS - 1);
  assign last_beat = beat == BEAT_BITS'(BEATS - 1);
  assign slot_taken = en && (!first_pass || s_valid);
  assign s_ready = en && first_pass;

  always_ff @(posedge clk) begin
    if (slot_taken) begin
      slot <= last_slot ? '0 : slot + 1'b1;
      beat <= last_beat ? '0 : beat + 1'b1;
      if (last_beat) first_pass <= last_slot;
    end
    if (rst) begin
      slot <= '0;
      beat <= '0;
      first_pass <= 1'b1;
    end
  end

  // The operands of the slot: weights, and inputs from the stream or from the buffer.
  logic [PE*SIMD*W_BITS-1:0] weights;
  logic [SIMD*X_BITS-1:0] x;
  logic [15:0] weights_stored;
  logic [16*PE-1:0] thresholds_stored;
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

  logic [15:0] all_stored;
  always_comb begin
    all_stored = weights_stored;
    for (int p = 0; p < PE; p++) all_stored |= thresholds_stored[16*p+:16];
  end
  always_ff @(posedge clk) stored <= all_stored;

  generate
    if (FOLDS == 1) begin : streamed
      always_ff @(posedge clk) if (en) x <= s_data;
    end else begin : kept
      (* ram_style = BUFFER_STYLE *) logic [SIMD*X_BITS-1:0] buffer[0:BEATS-1];
      logic [SIMD*X_BITS-1:0] fresh, again;
      logic from_stream;
      always_ff @(posedge clk)
        if (en) begin
          if (first_pass) buffer[beat] <= s_data;
          again <= buffer[beat];
          fresh <= s_data;
          from_stream <= first_pass;
        end
      assign x = from_stream ? fresh : again;
    end
  endgenerate

  // What each pipeline stage holds: bit 0 operands, bit i the dot product's register i.
  logic [STAGES:0] filled, closing;
  always_ff @(posedge clk) begin
    if (en) begin
      filled  <= {filled[STAGES-1:0], slot_taken};
      closing <= {closing[STAGES-1:0], last_beat};
    end
    if (rst) filled <= '0;
  end

  // A result is complete with the next clock edge (if en): its fold, for the thresholds, is needed one cycle early.
  logic completes, complete;
  logic opening;  // the next addend starts a sum
  logic [FOLD_BITS-1:0] fold;
  always_ff @(posedge clk) begin
    if (en) complete <= completes;
    if (en && completes) fold <= fold == FOLD_BITS'(FOLDS - 1) ? '0 : fold + 1'b1;
    if (rst) begin
      complete <= 1'b0;
      fold <= '0;
    end
  end

  generate
    for (genvar p = 0; p < PE; p++) begin : lane
      logic [ADDEND_BITS-1:0] addend;
      logic [SUM_BITS-1:0] sum, kept_sum, added, new_sum;
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
          .y(addend)
      );

      assign added = SUM_BITS'($signed(addend));
      assign new_sum = kept_sum + added;
      if (BEATS > 1) begin : accumulate
        assign kept_sum = opening ? '0 : sum;
        always_ff @(posedge clk) if (en && filled[STAGES]) sum <= new_sum;
      end else begin : at_once
        assign kept_sum = '0;
        assign sum = new_sum;
      end

      if (COUNT_BITS > 0) begin : activation
        hwf_threshold #(
            .FOLDS(FOLDS),
            .X_BITS(SUM_BITS),
            .COUNT_BITS(COUNT_BITS),
            .STEPS(STEPS),
            .DESCENDING(DESCENDING),
            .BASE(BASE),
            .Y_BITS(Y_BITS),
            .LOAD(LOAD_THRESHOLDS < 0 ? -1 : LOAD_THRESHOLDS + p * LANE_SPAN),
            .FILE({THRESHOLDS, 8'(48 + p / 100), 8'(48 + p / 10 % 10), 8'(48 + p % 10)})
        ) threshold (
            .clk,
            .en,
            .next_fold(fold),
            .x(sum),
            .y(m_data[p*Y_BITS+:Y_BITS]),
            .load,
            .stored(thresholds_stored[16*p+:16])
        );
      end else begin : raw
        assign thresholds_stored[16*p+:16] = '0;
        assign m_data[p*Y_BITS+:Y_BITS] = sum[Y_BITS-1:0];
      end

`ifndef SYNTHESIS
      // Two numbers of one sign have a sum of that sign, and the addend is not cut.
      logic fits;
      assign fits = (((kept_sum ^ new_sum) & (added ^ new_sum)) >> (SUM_BITS - 1)) == '0 &&
          (ADDEND_BITS <= SUM_BITS || $signed(addend) == ADDEND_BITS'($signed(added)));
      always_ff @(posedge clk)
        if (filled[STAGES] && !rst)
          the_sum_fits_its_accumulator :
          assert (fits);
`endif
    end

    if (BEATS > 1) begin : accumulating
      assign completes = filled[STAGES] && closing[STAGES];
      always_ff @(posedge clk) begin
        if (en && filled[STAGES]) opening <= closing[STAGES];
        if (rst) opening <= 1'b1;
      end
    end else begin : direct
      assign completes = filled[STAGES-1];
      assign opening   = 1'b1;
      logic unused;
      assign unused = &{1'b0, closing};
    end

    if (COUNT_BITS > 0) begin : activated
      logic [COUNT_BITS-1:0] counting;
      always_ff @(posedge clk) begin
        if (en) counting <= COUNT_BITS'({counting, complete});
        if (rst) counting <= '0;
      end
      assign m_valid = counting[COUNT_BITS-1];
    end else begin : unactivated
      assign m_valid = complete;
    end
  endgenerate

`ifndef SYNTHESIS
  a_stalled_result_is_held :
  assert property (@(posedge clk) disable iff (rst) m_valid && !m_ready |=> m_valid && $stable(m_data));
`endif
endmodule
