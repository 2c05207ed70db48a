// One bank of weights: read_data is what lay at read_address in the cycle before.
//
// SINGLE_PORT 0: a write and a read in the same cycle, at two addresses. 1: the memory is that of the iCE40UP5K's SPRAM,
// words of 16 bits of which a byte can be written, at one address; a cycle that writes does not read.
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
    if (SINGLE_PORT != 0) begin : one_port
      localparam int WORDS = (DEPTH + 1) / 2;
      localparam int WORD = WORDS > 1 ? $clog2(WORDS) : 1;
      (* ram_style = "huge" *) logic [15:0] words[0:WORDS-1];
      logic [PLACE-1:0] address;
      logic [15:0] word;
      logic high;
      assign address   = write ? write_address : read_address;
      logic [WORD-1:0] at;
      assign at = WORD'(address >> 1);
      assign read_data = high ? word[8+:BITS] : word[0+:BITS];
      always_ff @(posedge clk) begin
        if (write) begin
          if (!address[0]) words[at][7:0] <= 8'(write_data);
          if (address[0]) words[at][15:8] <= 8'(write_data);
        end else begin
          word <= words[at];
          high <= address[0];
        end
      end
    end else begin : two_ports
      logic [BITS-1:0] words[0:DEPTH-1];
      always_ff @(posedge clk) begin
        if (write) words[write_address] <= write_data;
        read_data <= words[read_address];
      end
    end
  endgenerate
endmodule
