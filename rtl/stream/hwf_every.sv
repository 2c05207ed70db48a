// Marks every COUNT-th of the cycles in which `beat` is high: `last` is high with the COUNT-th, the 2 COUNT-th ...
//
// Latency 0: last goes with its beat.
//
// COUNT  beats of a vector, say
module hwf_every #(
    parameter int COUNT = 4
) (
    input  logic clk,
    input  logic rst,
    input  logic beat,
    output logic last
);
  generate
    if (COUNT < 1) begin : bad_count
      $error("hwf_every: COUNT is at least 1.");
    end

    if (COUNT > 1) begin : counted
      localparam int BITS = $clog2(COUNT);
      logic [BITS-1:0] done;
      assign last = beat && done == BITS'(COUNT - 1);
      always_ff @(posedge clk) begin
        if (beat) done <= last ? '0 : done + 1'b1;
        if (rst) done <= '0;
      end
    end else begin : each
      logic unused;
      assign unused = &{1'b0, clk, rst};
      assign last = beat;
    end
  endgenerate
endmodule
