// One bank of weights: read_data is what lay at read_address in the cycle before.
//
// SINGLE_PORT 0: a write and a read in the same cycle, at two addresses, which differ. 1: the memory is that of the
// iCE40UP5K's SPRAM, words of 16 bits of which a byte can be written, at one address; a cycle that writes does not read.
//
// DEPTH, BITS  weights, and bits of each (at most 8 in the single port)
module hwf_bank #(
    parameter int DEPTH = 64,
    parameter int BITS = 8,
    parameter int SINGLE_PORT = 0,
    localparam int PLACE = DEPTH > 1 ? $clog2(DEPTH) : 1
) (
    input  logic             clk,
    input  logic             write,
    input  logic [PLACE-1:0] write_address,
    input  logic [ BITS-1:0] write_data,
    input  logic [PLACE-1:0] read_address,
    output logic [ BITS-1:0] read_data
);
  generate
    if (SINGLE_PORT != 0 && BITS > 8) begin : bad_bits
      $error("hwf_bank: with SINGLE_PORT, BITS is at most 8.");
    end
    if (SINGLE_PORT != 0) begin : one_port
      localparam int WORDS = (DEPTH + 1) / 2, WORD = WORDS > 1 ? $clog2(WORDS) : 1;
      (* ram_style = "huge" *) logic [15:0] memory[0:WORDS-1];
      logic [PLACE-1:0] address;
      logic [WORD-1:0] place;
      logic [15:0] word;
      logic high;
      assign address   = write ? write_address : read_address;
      assign place     = WORD'(address >> 1);
      assign read_data = high ? word[8+:BITS] : word[0+:BITS];
      always_ff @(posedge clk)
        if (write) begin
          if (!address[0]) memory[place][7:0] <= 8'(write_data);
          if (address[0]) memory[place][15:8] <= 8'(write_data);
        end else begin
          word <= memory[place];
          high <= address[0];
        end
      if (BITS < 8) begin : narrow
        logic unused;
        assign unused = &{1'b0, word};
      end
    end else begin : two_ports
      (* ram_style = "block" *) logic [BITS-1:0] memory[0:DEPTH-1];
      logic collides;
      assign collides = write_address == read_address;
      always_ff @(posedge clk) begin
        if (write) memory[write_address] <= write_data;
        // A word that is being written is never made use of: saying so spares the logic that would keep the old one.
        read_data <= (write && collides) ? 'x : memory[read_address];
      end
    end
  endgenerate

`ifndef SYNTHESIS
  a_weight_is_written_inside :
  assert property (@(posedge clk) write |-> int'(write_address) < DEPTH);
`endif
endmodule
