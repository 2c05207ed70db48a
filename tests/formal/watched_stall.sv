// Whether a word that is offered and not taken stays as it is until it is taken.
module watched_stall #(
    parameter int WIDTH = 1
) (
    input logic clk,
    input logic rst,
    input logic valid,
    input logic ready,
    input logic [WIDTH-1:0] data,
    output logic stays
);
  logic stalled;
  logic [WIDTH-1:0] was;
  assign stays = !stalled || (valid && data == was);
  always_ff @(posedge clk) begin
    stalled <= valid && !ready;
    was <= data;
    if (rst) stalled <= 1'b0;
  end
endmodule
