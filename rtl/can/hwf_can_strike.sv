// An active error flag: six dominant bits from the next bit on, after `strike`, which comes while a frame is open.
//
// `can_tx` is registered and high, recessive, otherwise. It is low for six bits and no longer, whatever comes meanwhile.
module hwf_can_strike (
    input  logic clk,
    input  logic rst,
    input  logic bit_start,
    input  logic strike,
    output logic can_tx
);
  logic wanted;
  logic [2:0] left;  // bits, the one that lasts included
  logic dominant;
  initial dominant = 1'b0;
  assign can_tx = !dominant;

  always_ff @(posedge clk) begin
    if (bit_start) begin
      if (wanted) left <= 3'd6;
      else if (left != '0) left <= left - 1'b1;
      dominant <= wanted || left > 3'd1;
    end
    wanted <= (wanted && !bit_start) || (strike && !dominant && !wanted);
    if (rst) begin
      wanted <= 1'b0;
      left <= '0;
      dominant <= 1'b0;
    end
  end
endmodule
