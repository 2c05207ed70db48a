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

  // The window that begins `steps` bits later: what is not in the window follows from it.
  function automatic logic [KEPT-1:0] later(input logic [KEPT-1:0] from, input int steps);
    logic [KEPT-1:0] window;
    window = from;
    for (int n = 0; n < steps; n++) window = {window[KEPT-31] ^ window[KEPT-28], window[KEPT-1:1]};
    return window;
  endfunction

  // The first one.
  function automatic logic [KEPT-1:0] first();
    logic [KEPT-1:0] window;
    window = '0;
    for (int n = 0; n < KEPT; n++)
      window = {n < 31 ? 1'(SEED >> n) : window[KEPT-31] ^ window[KEPT-28], window[KEPT-1:1]};
    return window;
  endfunction
  localparam logic [KEPT-1:0] FIRST = first();

  logic [KEPT-1:0] window, row, next_row;
  assign next_row = later(row, PE);
  always_ff @(posedge clk) begin
    if (next) window <= last_slot ? FIRST : last_beat ? next_row : later(window, SIMD);
    if (rst) window <= FIRST;
  end

  generate
    if (BEATS > 1) begin : rows_of_several
      always_ff @(posedge clk) begin
        if (next && last_beat) row <= last_slot ? FIRST : next_row;
        if (rst) row <= FIRST;
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
