// A function of one integer for each element: y[c] = table[c][x[c]].
//
// A vector of ROWS elements comes in FOLDS = ceil(ROWS / PE) beats, one a cycle. Latency of a beat: 1 cycle.
// One combinational path: m_ready to s_ready.
//
// ROWS, PE   elements of a vector, elements of a beat (those beyond ROWS mean nothing)
// X_BITS     bits of an element, 1 to 16; its bits, as they are, address the table
// Y_BITS     bits of an entry
// OWN        1: each channel has a table of its own; 0: all have the same
// TABLES     start of the names of the memory images, {TABLES, three digits of the lane, ".hex"}: word {fold, x}, or, unless OWN,
//            one for all lanes, "000": word x
// STYLE      for synthesis, where the tables go: "block" (block RAM), or "auto"
module hwf_table #(
    parameter int ROWS   = 4,
    parameter int PE     = 1,
    parameter int X_BITS = 4,
    parameter int Y_BITS = 4,
    parameter int OWN    = 0,
    parameter TABLES = "",
    parameter STYLE = "auto"
) (
    input  logic                 clk,
    input  logic                 rst,
    input  logic                 s_valid,
    output logic                 s_ready,
    input  logic [PE*X_BITS-1:0] s_data,
    output logic                 m_valid,
    input  logic                 m_ready,
    output logic [PE*Y_BITS-1:0] m_data
);
  localparam int FOLDS = (ROWS + PE - 1) / PE;
  localparam int WORDS = OWN != 0 ? FOLDS : 1;  // tables of a lane
  localparam int ADDRESS_BITS = $clog2(WORDS) + X_BITS;

  generate
    if (PE < 1 || PE > ROWS || PE > 999) begin : illegal_1
      $error("hwf_table: PE is 1 to ROWS, and at most 999.");
    end
    if (X_BITS < 1 || X_BITS > 16 || Y_BITS < 1) begin : illegal_2
      $error("hwf_table: X_BITS is 1 to 16, and Y_BITS at least 1.");
    end
  endgenerate

  logic en;
  assign en = m_ready || !m_valid;
  assign s_ready = en;

  always_ff @(posedge clk) begin
    if (en) m_valid <= s_valid;
    if (rst) m_valid <= 1'b0;
  end

  generate
    if (WORDS > 1) begin : turns
      localparam int FOLD_BITS = $clog2(WORDS);
      logic [FOLD_BITS-1:0] fold;
      always_ff @(posedge clk) begin
        if (en && s_valid) fold <= fold == FOLD_BITS'(WORDS - 1) ? '0 : fold + 1'b1;
        if (rst) fold <= '0;
      end
    end

    for (genvar p = 0; p < PE; p++) begin : lane
      localparam int NAME = OWN != 0 ? p : 0;
      logic [ADDRESS_BITS-1:0] address;
      if (WORDS > 1) begin : own
        assign address = {turns.fold, s_data[p*X_BITS+:X_BITS]};
      end else begin : one
        assign address = s_data[p*X_BITS+:X_BITS];
      end
      hwf_rom #(
          .WIDTH(Y_BITS),
          .DEPTH(WORDS << X_BITS),
          .FILE ({TABLES, 8'(48 + NAME / 100), 8'(48 + NAME / 10 % 10), 8'(48 + NAME % 10), ".hex"}),
          .STYLE(STYLE)
      ) entries (
          .clk,
          .en,
          .address,
          .data(m_data[p*Y_BITS+:Y_BITS])
      );
    end
  endgenerate

`ifndef SYNTHESIS
  a_stalled_entry_is_held :
  assert property (@(posedge clk) disable iff (rst) m_valid && !m_ready |=> m_valid && $stable(m_data));
`endif
endmodule
