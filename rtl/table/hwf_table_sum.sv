// A layer of tables, one for each edge: y[r] = sum over c of table[r][c][x[c]], and, if COUNT_BITS > 0, a threshold
// activation of every sum.
//
// PE rows and SIMD columns of edges are looked up at a time, so a vector takes FOLDS * BEATS cycles, FOLDS =
// ceil(ROWS / PE), BEATS = ceil(COLUMNS / SIMD). The first pass over a vector takes it from the stream and keeps it; the
// other passes, one for each fold, take it from the buffer. The next vector follows without a gap.
// Latency of a result, from the beat that completes it: 2 + STAGES of hwf_sum + (BEATS > 1) + COUNT_BITS cycles.
// One combinational path: m_ready to s_ready.
//
// s_data     BEATS beats a vector, SIMD elements of X_BITS each; what is beyond COLUMNS must find zeros in its tables
// m_data     FOLDS beats a vector, PE elements of Y_BITS each; elements beyond ROWS mean nothing
// X_BITS     bits of an element, 1 to 16; its bits, as they are, address the tables
// ENTRY_BITS bits of an entry, two's complement
// LEVELS     see hwf_sum
// SUM_BITS   bits of the sum, two's complement; holds every sum
// COUNT_BITS, STEPS, DESCENDING, BASE   see hwf_threshold; COUNT_BITS 0: no activation, y is the sum
// TABLES     start of the names of the memory images, {TABLES, four digits of the column of a beat, ".hex"}: word
//            {fold, beat, x}, the entry of lane p in bits p*ENTRY_BITS and up
// STYLE      for synthesis, where the tables go: "block" (block RAM), or "auto"
// THRESHOLDS start of the names of the threshold images, as in hwf_dense
module hwf_table_sum #(
    parameter int ROWS       = 4,
    parameter int COLUMNS    = 4,
    parameter int PE         = 1,
    parameter int SIMD       = 1,
    parameter int X_BITS     = 4,
    parameter int ENTRY_BITS = 4,
    parameter int LEVELS     = 2,
    parameter int SUM_BITS   = 8,
    parameter int COUNT_BITS = 0,
    parameter int STEPS      = 0,
    parameter int DESCENDING = 0,
    parameter int BASE       = 0,
    parameter int Y_BITS     = 8,
    parameter TABLES = "",
    parameter STYLE = "auto",
    parameter THRESHOLDS = ""
) (
    input  logic                   clk,
    input  logic                   rst,
    input  logic                   s_valid,
    output logic                   s_ready,
    input  logic [SIMD*X_BITS-1:0] s_data,
    output logic                   m_valid,
    input  logic                   m_ready,
    output logic [  PE*Y_BITS-1:0] m_data
);
  localparam int FOLDS = (ROWS + PE - 1) / PE;
  localparam int BEATS = (COLUMNS + SIMD - 1) / SIMD;
  localparam int SLOTS = FOLDS * BEATS;
  localparam int STAGES = 1 + ($clog2(SIMD) + LEVELS - 1) / LEVELS;
  localparam int ADDEND_BITS = ENTRY_BITS + $clog2(SIMD);
  localparam int FOLD_BITS = FOLDS > 1 ? $clog2(FOLDS) : 1;
  localparam int BEAT_BITS = BEATS > 1 ? $clog2(BEATS) : 1;
  localparam int SLOT_BITS = SLOTS > 1 ? $clog2(SLOTS) : 1;
  localparam int ADDRESS_BITS = $clog2(SLOTS) + X_BITS;

  generate
    if (PE < 1 || PE > ROWS) begin : illegal_1
      $error("hwf_table_sum: PE is 1 to ROWS.");
    end
    if (SIMD < 1 || SIMD > COLUMNS || SIMD > 9999) begin : illegal_2
      $error("hwf_table_sum: SIMD is 1 to COLUMNS, and at most 9999.");
    end
    if (X_BITS < 1 || X_BITS > 16 || ENTRY_BITS < 1) begin : illegal_3
      $error("hwf_table_sum: X_BITS is 1 to 16, and ENTRY_BITS at least 1.");
    end
    if (COUNT_BITS == 0 && Y_BITS > SUM_BITS) begin : illegal_4
      $error("hwf_table_sum: without an activation Y_BITS is at most SUM_BITS.");
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

  // The inputs of the slot, from the stream or from the buffer.
  logic [SIMD*X_BITS-1:0] x;
  logic [SLOT_BITS-1:0] looked_up;
  always_ff @(posedge clk) if (en) looked_up <= slot;
  generate
    if (FOLDS == 1) begin : streamed
      always_ff @(posedge clk) if (en) x <= s_data;
    end else begin : kept
      logic [SIMD*X_BITS-1:0] buffer[0:BEATS-1];
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

  // The entries of all lanes, column by column of the beat.
  logic [SIMD*PE*ENTRY_BITS-1:0] entries;
  generate
    for (genvar s = 0; s < SIMD; s++) begin : column
      logic [ADDRESS_BITS-1:0] address;
      if (SLOTS > 1) begin : several
        assign address = {looked_up, x[s*X_BITS+:X_BITS]};
      end else begin : one
        logic unused;
        assign unused  = &{1'b0, looked_up};
        assign address = x[s*X_BITS+:X_BITS];
      end
      hwf_rom #(
          .WIDTH(PE * ENTRY_BITS),
          .DEPTH(SLOTS << X_BITS),
          .FILE ({TABLES, 8'(48 + s / 1000), 8'(48 + s / 100 % 10), 8'(48 + s / 10 % 10), 8'(48 + s % 10), ".hex"}),
          .STYLE(STYLE)
      ) tables (
          .clk,
          .en,
          .address,
          .data(entries[s*PE*ENTRY_BITS+:PE*ENTRY_BITS])
      );
    end
  endgenerate

  // What each pipeline stage holds: bit 0 inputs, bit 1 entries, bit 1 + i the sums' register i.
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
      logic [SIMD*ENTRY_BITS-1:0] terms;
      logic [ADDEND_BITS-1:0] addend;
      logic [SUM_BITS-1:0] sum, kept_sum, added, new_sum;
      for (genvar s = 0; s < SIMD; s++) begin : term
        assign terms[s*ENTRY_BITS+:ENTRY_BITS] = entries[(s*PE+p)*ENTRY_BITS+:ENTRY_BITS];
      end
      hwf_sum #(
          .TERMS (SIMD),
          .X_BITS(ENTRY_BITS),
          .LEVELS(LEVELS)
      ) tree (
          .clk,
          .en,
          .x(terms),
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
        logic [15:0] nothing;
        logic unused;
        assign unused = &{1'b0, nothing};
        hwf_threshold #(
            .FOLDS(FOLDS),
            .X_BITS(SUM_BITS),
            .COUNT_BITS(COUNT_BITS),
            .STEPS(STEPS),
            .DESCENDING(DESCENDING),
            .BASE(BASE),
            .Y_BITS(Y_BITS),
            .FILE({THRESHOLDS, 8'(48 + p / 100), 8'(48 + p / 10 % 10), 8'(48 + p % 10)})
        ) threshold (
            .clk,
            .en,
            .next_fold(fold),
            .x(sum),
            .y(m_data[p*Y_BITS+:Y_BITS]),
            .load('0),
            .stored(nothing)
        );
      end else begin : raw
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
