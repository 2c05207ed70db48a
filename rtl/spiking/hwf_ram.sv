// A memory with one write port and one read port.
//
// read_data is what lay at read_address in the cycle before; of a word that was written in that same cycle it is undefined.
//
// DEPTH, WIDTH  words, and bits of a word
module hwf_ram #(
    parameter int DEPTH = 16,
    parameter int WIDTH = 8,
    localparam int PLACE = DEPTH > 1 ? $clog2(DEPTH) : 1
) (
    input  logic             clk,
    input  logic             write,
    input  logic [PLACE-1:0] write_address,
    input  logic [WIDTH-1:0] write_data,
    input  logic [PLACE-1:0] read_address,
    output logic [WIDTH-1:0] read_data
);
  logic [WIDTH-1:0] memory[0:DEPTH-1];
  logic collides;
  assign collides = write_address == read_address;
  always_ff @(posedge clk) begin
    if (write) memory[write_address] <= write_data;
    // Undefined, since memories differ in what they do: saying so spares the logic that would make them alike.
    read_data <= (write && collides) ? 'x : memory[read_address];
  end

`ifndef SYNTHESIS
  a_write_stays_inside :
  assert property (@(posedge clk) write |-> int'(write_address) < DEPTH);
`endif
endmodule
