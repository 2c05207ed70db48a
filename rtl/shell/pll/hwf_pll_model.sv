// What a PLL is in simulation: the clock that is asked for is the one that the simulation makes, so clk_out is clk_in.
// locked rises with the 40th cycle, later than the reset of hwf_shell would end without it.
module hwf_pll_model (
    input  logic clk_in,
    output logic clk_out,
    output logic locked
);
  logic [5:0] waited;
  initial waited = '0;
  always_ff @(posedge clk_in) if (!locked) waited <= waited + 1'b1;
  assign locked  = waited == 6'd40;
  assign clk_out = clk_in;
endmodule
