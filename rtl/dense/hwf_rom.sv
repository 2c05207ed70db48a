// Read-only memory: data = memory[address], read in the cycle before it is used.
//
// Latency 1 cycle, one word a cycle, held while en is low. The register stands behind the memory, as block RAM has it;
// where a memory is shallow enough for look-up tables it stands before, so that the tables merge with the logic that
// follows. A memory of one word is a constant.
//
// WIDTH  bits of a word
// DEPTH  words
// FILE   hexadecimal memory image, one word a line
// STYLE  for synthesis, where the words go: "block" (block RAM), or "auto"
module hwf_rom #(
    parameter int WIDTH = 8,
    parameter int DEPTH = 1,
    parameter FILE = "",
    // verilator lint_off UNUSEDPARAM
    parameter STYLE = "auto",  // for attributes only
    // verilator lint_on UNUSEDPARAM
    localparam int ADDRESS_BITS = DEPTH > 1 ? $clog2(DEPTH) : 1
) (
    input  logic                    clk,
    input  logic                    en,
    input  logic [ADDRESS_BITS-1:0] address,
    output logic [WIDTH-1:0]        data
);
  generate
    if (DEPTH > 16) begin : deep
      hwf_deep_rom #(
          .WIDTH(WIDTH),
          .DEPTH(DEPTH),
          .FILE (FILE),
          .STYLE(STYLE)
      ) rom (
          .*
      );
    end else begin : shallow
      (* rom_style = STYLE *) logic [WIDTH-1:0] memory[0:DEPTH-1];
      logic [ADDRESS_BITS-1:0] current;
      initial $readmemh(FILE, memory);
      assign data = memory[current];
      if (DEPTH == 1) begin : constant
        logic unused;
        assign unused = &{1'b0, clk, en, address};
        assign current = '0;
      end else begin : words
        always_ff @(posedge clk) if (en) current <= address;
      end
    end
  endgenerate

`ifndef SYNTHESIS
  generate
    if (DEPTH < (1 << ADDRESS_BITS)) begin : partial
      address_lies_in_the_memory :
      assert property (@(posedge clk) !en || int'(address) < DEPTH);
    end
  endgenerate
`endif
endmodule
