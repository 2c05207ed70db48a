// Memory of a unit: data = memory[address], read in the cycle before it is used.
//
// FIRST < 0: a constant, see hwf_rom. Else it starts with any content and is written, and read back, over `load` while its
// owner is in reset: a word of the memory in lanes of 16 bits, word w of lane l at FIRST + (l << clog2(DEPTH)) + w.
// Latency 1 cycle, one word a cycle, held while en is low; `stored` follows `load` by 1 cycle, and is zero for what is not
// here. A memory of one word needs no reading: its data is there at all times.
//
// WIDTH  bits of a word
// DEPTH  words
// FILE   memory image of a constant
// STYLE  for synthesis, where the words go: "block" (block RAM), "huge" (SPRAM, only with FIRST >= 0), or "auto"
// FIRST  its first address on `load`, a multiple of the addresses that it takes: DEPTH and the lanes, each rounded up to a
//        power of two
module hwf_memory #(
    parameter int WIDTH = 8,
    parameter int DEPTH = 1,
    parameter FILE = "",
    parameter STYLE = "auto",
    parameter int FIRST = -1,
    localparam int ADDRESS_BITS = DEPTH > 1 ? $clog2(DEPTH) : 1
) (
    input  logic                    clk,
    input  logic                    en,
    input  logic [ADDRESS_BITS-1:0] address,
    output logic [       WIDTH-1:0] data,
    input  logic [            41:0] load,     // access, write, address (24 bits), value (16 bits)
    output logic [            15:0] stored
);
  generate
    if (FIRST < 0) begin : constant
      logic unused;
      assign unused = &{1'b0, load};
      assign stored = '0;
      hwf_rom #(
          .WIDTH(WIDTH),
          .DEPTH(DEPTH),
          .FILE (FILE),
          .STYLE(STYLE)
      ) rom (
          .clk,
          .en,
          .address,
          .data
      );
    end else begin : written
      localparam int LANES = (WIDTH + 15) / 16;
      localparam int WORD = $clog2(DEPTH);
      localparam int SPAN = WORD + $clog2(LANES);
      logic write, here;
      logic [23:0] at, lane_of, place_of;
      logic unused;
      assign write = load[40];
      assign at = load[39:16];
      assign here = load[41] && (at >> SPAN) == 24'(FIRST >> SPAN);
      assign lane_of = (at >> WORD) & 24'((1 << $clog2(LANES)) - 1);
      assign place_of = at & 24'((1 << WORD) - 1);
      assign unused = &{1'b0, load, place_of, en, address};

      logic [ADDRESS_BITS-1:0] place;
      logic [16*LANES-1:0] asked;
      assign place = here ? ADDRESS_BITS'(place_of) : address;
      for (genvar l = 0; l < LANES; l++) begin : lane
        localparam int BITS = l == LANES - 1 ? WIDTH - 16 * l : 16;
        logic [BITS-1:0] word;
        logic mine, told;
        assign mine = here && lane_of == 24'(l) && place_of < 24'(DEPTH);
        always_ff @(posedge clk) told <= mine && !write;
        if (DEPTH == 1) begin : alone
          always_ff @(posedge clk) if (mine && write) word <= load[BITS-1:0];
        end else begin : several
          (* ram_style = STYLE *) logic [BITS-1:0] memory[0:DEPTH-1];
          always_ff @(posedge clk)
            if (mine && write) memory[place] <= load[BITS-1:0];
            else if (en || here) word <= memory[place];
        end
        assign data[16*l+:BITS] = word;
        assign asked[16*l+:16] = told ? 16'(word) : '0;
      end
      always_comb begin
        stored = '0;
        for (int l = 0; l < LANES; l++) stored |= asked[16*l+:16];
      end

`ifndef SYNTHESIS
      if (DEPTH < (1 << ADDRESS_BITS)) begin : partial
        address_lies_in_the_memory :
        assert property (@(posedge clk) !en || here || int'(address) < DEPTH);
      end
`endif
    end
    if (FIRST >= 0 && FIRST % (1 << ($clog2(DEPTH) + $clog2((WIDTH + 15) / 16))) != 0) begin : illegal_first
      $error("hwf_memory: FIRST is a multiple of the addresses that the memory takes.");
    end
  endgenerate
endmodule
