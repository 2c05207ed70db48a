// A word of a memory: what was put there last, once it is known, and what a reading that asked for it has to give a cycle later.
module watched_word #(
    parameter int WIDTH = 1
) (
    input logic clk,
    input logic begun,
    input logic put,
    input logic [WIDTH-1:0] data,
    input logic ask,
    output logic known,
    output logic [WIDTH-1:0] value,
    output logic asked,
    output logic [WIDTH-1:0] wanted
);
  always_ff @(posedge clk) begin
    if (put) begin
      known <= 1'b1;
      value <= data;
    end
    asked  <= known && ask;
    wanted <= value;
    if (!begun) begin
      known <= 1'b0;
      asked <= 1'b0;
    end
  end
endmodule
