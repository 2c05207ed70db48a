// Simulation only: hands each word of `data` that passes while `valid` to the C++ around the model.
//
// WIDTH  bits of data
// TAP    the number by which the C++ tells taps apart
module hwf_tap #(
    parameter int WIDTH = 8,
    parameter int TAP   = 0
) (
    input logic             clk,
    input logic             valid,
    input logic [WIDTH-1:0] data
);
  localparam int WORDS = (WIDTH + 31) / 32;

  import "DPI-C" function void hwf_tap_word(
    input int tap,
    input int word
  );

  logic [WORDS*32-1:0] padded;
  assign padded = (WORDS * 32)'(data);

  always_ff @(posedge clk) if (valid) for (int i = 0; i < WORDS; i++) hwf_tap_word(TAP, padded[i*32+:32]);
endmodule
