// The memory of profile and state: a block of 64 words of 16 bits for each identifier, in one memory with one port.
//
// `read_data` is the word at the address that was given in the cycle before, unless that cycle wrote. Who works on a
// frame goes first (`used`); the host has the cycles in which `host_ready` is high, and its word a cycle later.
// hwflow/apps/can_ids/profile_image.py says what lies where in a block.
//
// IDENTIFIERS  blocks: a power of two, 2 to 1024
// SINGLE_PORT  1: the memory is SPRAM of the iCE40UP5K, which starts empty; 0: block RAM
module hwf_can_tables #(
    parameter int IDENTIFIERS = 256,
    parameter int SINGLE_PORT = 0,
    localparam int PLACE = $clog2(IDENTIFIERS) + 6
) (
    input  logic             clk,
    input  logic             used,
    input  logic             write,
    input  logic [PLACE-1:0] address,
    input  logic [     15:0] write_data,
    input  logic             host_valid,
    output logic             host_ready,
    input  logic             host_write,
    input  logic [PLACE-1:0] host_address,
    input  logic [     15:0] host_data,
    output logic [     15:0] read_data
);
  generate
    if (IDENTIFIERS < 2 || IDENTIFIERS > 1024 || IDENTIFIERS != 2 ** (PLACE - 6)) begin : bad_size
      $error("hwf_can_tables: IDENTIFIERS is a power of two, 2 to 1024.");
    end
  endgenerate

  logic writes;
  logic [PLACE-1:0] place;
  logic [15:0] written;
  assign host_ready = !used;
  assign writes = used ? write : host_valid && host_write;
  assign place = used ? address : host_address;
  assign written = used ? write_data : host_data;

  generate
    if (SINGLE_PORT != 0) begin : one_port
      (* ram_style = "huge" *) logic [15:0] memory[0:64*IDENTIFIERS-1];
      always_ff @(posedge clk)
        if (writes) memory[place] <= written;
        else read_data <= memory[place];
    end else begin : in_blocks
      (* ram_style = "block" *) logic [15:0] memory[0:64*IDENTIFIERS-1];
      always_ff @(posedge clk)
        if (writes) memory[place] <= written;
        else read_data <= memory[place];
    end
  endgenerate
endmodule
