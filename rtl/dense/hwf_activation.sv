// The activations of a layer's lanes: each element of a beat through thresholds of its own (hwf_threshold), or, with
// COUNT_BITS 0, as it is.
//
// A vector comes in FOLDS beats. All registers move when `en` is high. Latency COUNT_BITS cycles; a beat a cycle.
//
// PE         lanes
// X_BITS, Y_BITS   bits of an element, before and behind; without an activation Y_BITS is at most X_BITS
// COUNT_BITS, STEPS, DESCENDING, BASE   see hwf_threshold; COUNT_BITS 0: no activation
// FILE       start of the names of the threshold images; {FILE, three digits of the lane} is hwf_threshold's FILE
// LOAD       where the memories begin on `load`, those of lane p behind those of lane p - 1 (hwf_threshold); -1: constants
// s_comes    a beat is in s_data after the next clock edge, if `en`
// m_valid    a beat is in m_data
module hwf_activation #(
    parameter int FOLDS      = 1,
    parameter int PE         = 1,
    parameter int X_BITS     = 8,
    parameter int COUNT_BITS = 0,
    parameter int STEPS      = 0,
    parameter int DESCENDING = 0,
    parameter int BASE       = 0,
    parameter int Y_BITS     = 8,
    parameter int LOAD       = -1,
    parameter FILE = ""
) (
    input  logic                 clk,
    input  logic                 rst,
    input  logic                 en,
    input  logic                 s_comes,
    input  logic [PE*X_BITS-1:0] s_data,
    output logic                 m_valid,
    output logic [PE*Y_BITS-1:0] m_data,
    input  logic [         41:0] load,
    output logic [         15:0] stored
);
  localparam int FOLD_BITS = FOLDS > 1 ? $clog2(FOLDS) : 1;
  // Addresses on `load` of a lane: see hwf_threshold.
  localparam int SPAN = 1 << ($clog2(FOLDS) + $clog2((X_BITS + DESCENDING + 15) / 16) + COUNT_BITS);

  generate
    if (COUNT_BITS == 0 && Y_BITS > X_BITS) begin : illegal_1
      $error("hwf_activation: without an activation Y_BITS is at most X_BITS.");
    end
  endgenerate

  logic complete;  // a beat is in s_data
  always_ff @(posedge clk) begin
    if (en) complete <= s_comes;
    if (rst) complete <= 1'b0;
  end

  generate
    if (COUNT_BITS > 0) begin : activated
      logic [FOLD_BITS-1:0] fold;  // of the next beat: its thresholds are asked for a cycle early
      logic [COUNT_BITS-1:0] counting;
      always_ff @(posedge clk) begin
        if (en) counting <= COUNT_BITS'({counting, complete});
        if (en && s_comes) fold <= fold == FOLD_BITS'(FOLDS - 1) ? '0 : fold + 1'b1;
        if (rst) begin
          counting <= '0;
          fold <= '0;
        end
      end
      assign m_valid = counting[COUNT_BITS-1];

      logic [16*PE-1:0] of_lane;
      always_comb begin
        stored = '0;
        for (int p = 0; p < PE; p++) stored |= of_lane[16*p+:16];
      end
      for (genvar p = 0; p < PE; p++) begin : lane
        hwf_threshold #(
            .FOLDS(FOLDS),
            .X_BITS(X_BITS),
            .COUNT_BITS(COUNT_BITS),
            .STEPS(STEPS),
            .DESCENDING(DESCENDING),
            .BASE(BASE),
            .Y_BITS(Y_BITS),
            .LOAD(LOAD < 0 ? -1 : LOAD + p * SPAN),
            .FILE({FILE, 8'(48 + p / 100), 8'(48 + p / 10 % 10), 8'(48 + p % 10)})
        ) threshold (
            .clk,
            .en,
            .next_fold(fold),
            .x(s_data[p*X_BITS+:X_BITS]),
            .y(m_data[p*Y_BITS+:Y_BITS]),
            .load,
            .stored(of_lane[16*p+:16])
        );
      end
    end else begin : raw
      logic unused;
      assign unused  = &{1'b0, s_data, load};
      assign m_valid = complete;
      assign stored  = '0;
      for (genvar p = 0; p < PE; p++) begin : lane
        assign m_data[p*Y_BITS+:Y_BITS] = s_data[p*X_BITS+:Y_BITS];
      end
    end
  endgenerate
endmodule
