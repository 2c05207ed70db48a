// Read-only memory whose register stands behind it, as block RAM has it: data = memory[address] of the cycle before.
//
// A module of its own, so that synthesis can be told to map it apart from the logic that follows. Latency 1 cycle, one word a
// cycle, held while en is low.
//
// WIDTH  bits of a word
// DEPTH  words, at least 2
// FILE   hexadecimal memory image, one word a line
// STYLE  for synthesis, where the words go: "block" (block RAM), or "auto"
module hwf_deep_rom #(
    parameter int WIDTH = 8,
    parameter int DEPTH = 32,
    parameter FILE = "",
    // verilator lint_off UNUSEDPARAM
    parameter STYLE = "auto",  // for attributes only
    // verilator lint_on UNUSEDPARAM
    localparam int ADDRESS_BITS = $clog2(DEPTH)
) (
    input  logic                    clk,
    input  logic                    en,
    input  logic [ADDRESS_BITS-1:0] address,
    output logic [       WIDTH-1:0] data
);
  (* rom_style = STYLE *) logic [WIDTH-1:0] memory[0:DEPTH-1];
  initial $readmemh(FILE, memory);
  always_ff @(posedge clk) if (en) data <= memory[address];
endmodule
