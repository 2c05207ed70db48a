// A queue in which one word is watched from when it comes until it leaves: how many are inside, and how many of them ahead of it.
// `come`: how many come in this cycle; `watch`: one of these is watched from now on, if none is; `before`: how many come before it.
module watched_queue #(
    parameter int COUNT = 1
) (
    input logic clk,
    input logic rst,
    input logic [COUNT-1:0] come,
    input logic leave,
    input logic watch,
    input logic [COUNT-1:0] before,
    output logic watching,
    output logic [COUNT-1:0] ahead,
    output logic [COUNT-1:0] inside
);
  always_ff @(posedge clk) begin
    inside <= inside + come - COUNT'(leave);
    if (leave) begin
      ahead <= ahead - 1'b1;
      if (ahead == '0) watching <= 1'b0;
    end
    if (watch && !watching) begin
      watching <= 1'b1;
      ahead <= inside + before - COUNT'(leave);
    end
    if (rst) begin
      inside   <= '0;
      watching <= 1'b0;
    end
  end
endmodule
