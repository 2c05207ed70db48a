// Weights of -1 and +1 that are generated and not stored: weight (row, column) is bit row + column of the sequence
// s[n] = s[n - 31] ^ s[n - 28] (x^31 + x^28 + 1, of period 2^31 - 1); 1 means +1 and 0 means -1.
//
// Slots come as in hwf_dense: BEATS of SIMD columns for each PE rows. The weights of a slot are a window of the sequence,
// PE + SIMD - 1 bits long, which goes on by SIMD within a row and by PE from its beginning to that of the next rows.
// Latency 1 cycle in which en is high: data is of the slot that was there when it was.
//
// PE, SIMD  rows and columns of a slot
// BEATS     slots of a row
// SEED      s[0] to s[30], s[0] in the lowest bit; not zero
// next      the slot is done;  last_beat, last_slot: it was the last of its rows, of the vector
// data      weight of row p and column i in bit p * SIMD + i
module hwf_signs #(
    parameter int PE    = 1,
    parameter int SIMD  = 1,
    parameter int BEATS = 2,
    parameter int SEED  = 1
) (
    input  logic               clk,
    input  logic               rst,
    input  logic               en,
    input  logic               next,
    input  logic               last_beat,
    input  logic               last_slot,
    output logic [PE*SIMD-1:0] data
);
  localparam int SPAN = PE + SIMD - 1;  // bits that a slot takes
  localparam int KEPT = SPAN > 31 ? SPAN : 31;  // of the sequence, all at once

  generate
    if (PE < 1 || SIMD < 1 || BEATS < 1) begin : illegal_1
      $error("hwf_signs: PE, SIMD and BEATS are at least 1.");
    end
    if (SEED < 1) begin : illegal_2
      $error("hwf_signs: SEED is 1 to 2^31 - 1.");
    end
  endgenerate

  // The first window, the current one, and that from which its rows began; and the last two with what follows them.
  logic [KEPT-1:0] first, window, row;
  logic [KEPT+SIMD-1:0] along;
  logic [KEPT+PE-1:0] down;
  always_comb begin
    first = '0;
    first[30:0] = 31'(SEED);
    for (int n = 31; n < KEPT; n++) first[n] = first[n-31] ^ first[n-28];
    along = {{SIMD{1'b0}}, window};
    for (int n = KEPT; n < KEPT + SIMD; n++) along[n] = along[n-31] ^ along[n-28];
    down = {{PE{1'b0}}, row};
    for (int n = KEPT; n < KEPT + PE; n++) down[n] = down[n-31] ^ down[n-28];
  end

  always_ff @(posedge clk) begin
    if (next) window <= last_slot ? first : last_beat ? down[KEPT+PE-1:PE] : along[KEPT+SIMD-1:SIMD];
    if (rst) window <= first;
  end

  generate
    if (BEATS > 1) begin : rows_of_several
      always_ff @(posedge clk) begin
        if (next && last_beat) row <= last_slot ? first : down[KEPT+PE-1:PE];
        if (rst) row <= first;
      end
    end else begin : rows_of_one
      assign row = window;
    end
  endgenerate

  logic [SPAN-1:0] current;
  always_ff @(posedge clk) if (en) current <= window[SPAN-1:0];
  generate
    for (genvar p = 0; p < PE; p++) begin : lane
      assign data[p*SIMD+:SIMD] = current[p+:SIMD];
    end
  endgenerate
endmodule
