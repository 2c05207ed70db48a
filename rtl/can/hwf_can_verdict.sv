// What becomes of a frame: its class when the net gives it, then how it ended; both together are an entry of the log.
//
// `strike` is high for one cycle where the class is one of `strike_mask` and comes while the frame is open. `latency`:
// clock cycles from payload_end to the class, at most 65535. `push` comes when class and end are known, for classes of
// `log_mask`; the results hold until the next payload_end.
module hwf_can_verdict (
    input  logic        clk,
    input  logic        rst,
    input  logic        payload_end,
    input  logic        frame_open,
    input  logic        accepted,
    input  logic        failed,
    input  logic [ 1:0] failure,
    input  logic        class_valid,
    input  logic [ 3:0] class_in,
    input  logic [15:0] strike_mask,  // a bit a class
    input  logic [15:0] log_mask,
    output logic        judged,       // for one cycle: the class is known
    output logic        strike,
    output logic        push,
    output logic        valid,        // the frame was accepted
    output logic        struck,
    output logic [ 1:0] kind,         // of failure, 0: none
    output logic [ 3:0] verdict,
    output logic [15:0] latency,      // while the class is not known: so far
    output logic [15:0] number        // of the push, modulo 2^16
);
  logic active, classed, ended;
  assign judged = active && class_valid && !classed;
  assign strike = judged && strike_mask[class_in] && frame_open && !ended;

  always_ff @(posedge clk) begin
    push <= 1'b0;
    if (!judged && !classed && latency != '1) latency <= latency + 1'b1;
    if (judged) begin
      classed <= 1'b1;
      verdict <= class_in;
    end
    if (strike) struck <= 1'b1;
    if (active && !ended && (accepted || failed)) begin
      ended <= 1'b1;
      valid <= accepted;
      kind  <= accepted ? 2'd0 : failure;
    end
    if (active && classed && ended) begin
      active <= 1'b0;
      push   <= log_mask[verdict];
    end
    if (push) number <= number + 1'b1;
    if (payload_end) begin
      active <= 1'b1;
      classed <= 1'b0;
      ended <= 1'b0;
      struck <= 1'b0;
      latency <= 16'd1;
    end
    if (rst) begin
      active <= 1'b0;
      push   <= 1'b0;
      number <= '0;
    end
  end

`ifndef SYNTHESIS
  a_frame_has_its_verdict_before_the_next :
  assert property (@(posedge clk) disable iff (rst) payload_end |-> !active);
`endif
endmodule
