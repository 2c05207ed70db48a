// A layer of tables, one for each edge: y[r] = sum over c of table[r][c][x[c]], and, if COUNT_BITS > 0, a threshold
// activation of every sum.
//
// PE rows and SIMD columns of edges are looked up at a time, so a vector takes FOLDS * BEATS cycles, FOLDS =
// ceil(ROWS / PE), BEATS = ceil(COLUMNS / SIMD): see hwf_slots. The next vector follows without a gap.
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
// THRESHOLDS start of the names of the threshold images (hwf_activation)
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

  // The inputs of the slot that was taken, and which it is.
  logic [SLOT_BITS-1:0] slot, looked_up;
  logic slot_taken, last_slot, last_beat;
  logic [SIMD*X_BITS-1:0] x;
  always_ff @(posedge clk) if (en) looked_up <= slot;
  hwf_slots #(
      .FOLDS(FOLDS),
      .BEATS(BEATS),
      .WIDTH(SIMD * X_BITS)
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

  logic [PE*ADDEND_BITS-1:0] addends;
  generate
    for (genvar p = 0; p < PE; p++) begin : lane
      logic [SIMD*ENTRY_BITS-1:0] terms;
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

  logic [15:0] nothing;
  logic unused;
  assign unused = &{1'b0, nothing, last_slot};
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
  a_stalled_result_is_held :
  assert property (@(posedge clk) disable iff (rst) m_valid && !m_ready |=> m_valid && $stable(m_data));
`endif
endmodule
