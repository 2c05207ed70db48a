// Takes the stuff bits out of the part of a CAN frame that has them: after five equal bits comes one of the other level.
//
// The bit that `restart` comes with is SOF, dominant. From the next sample on each bit is either `taken`, in the same cycle, or
// a stuff bit, or a sixth equal bit: an error.
module hwf_can_destuff (
    input  logic clk,
    input  logic restart,  // with bit_sample
    input  logic bit_sample,
    input  logic bit_level,
    output logic taken,
    output logic error
);
  logic [2:0] equal;  // bits of level `last` in a row, 1 to 5
  logic last, stuff;
  assign stuff = equal == 3'd5;
  assign taken = bit_sample && !stuff;
  assign error = bit_sample && stuff && bit_level == last;

  always_ff @(posedge clk) begin
    if (restart) begin
      equal <= 3'd1;
      last  <= 1'b0;
    end else if (bit_sample) begin
      equal <= bit_level == last && !stuff ? equal + 3'd1 : 3'd1;
      last  <= bit_level;
    end
  end
endmodule
