// Two values side by side in one block RAM, each with its own write: a block RAM is wide, and what is read together fills it.
//
// high and low are what lay at read_address in the cycle before.
//
// DEPTH, HIGH, LOW  words, and bits of each value
module hwf_pair_ram #(
    parameter int DEPTH = 16,
    parameter int HIGH = 16,
    parameter int LOW = 16,
    localparam int PLACE = DEPTH > 1 ? $clog2(DEPTH) : 1
) (
    input  logic             clk,
    input  logic             write_high,
    input  logic             write_low,
    input  logic [PLACE-1:0] write_address,
    input  logic [ HIGH-1:0] write_data_high,
    input  logic [  LOW-1:0] write_data_low,
    input  logic [PLACE-1:0] read_address,
    output logic [ HIGH-1:0] high,
    output logic [  LOW-1:0] low
);
  (* ram_style = "block" *) logic [HIGH+LOW-1:0] words[0:DEPTH-1];
  always_ff @(posedge clk) begin
    if (write_high) words[write_address][LOW+:HIGH] <= write_data_high;
    if (write_low) words[write_address][0+:LOW] <= write_data_low;
    {high, low} <= words[read_address];
  end

`ifndef SYNTHESIS
  a_writes_stay_inside :
  assert property (@(posedge clk) write_high || write_low |-> int'(write_address) < DEPTH);
`endif
endmodule
