// The PLL of AMD's 7 series, MMCME2: clk_out is clk_in * MULTIPLY / (DIVIDE * OUT_DIVIDE). locked, of no clock, is high
// when clk_out keeps that frequency. Legal frequencies are checked in hwflow/plls.py, dividers here.
//
// PERIOD_PS            period of clk_in in picoseconds
// DIVIDE, MULTIPLY     1 to 106, 2 to 64
// OUT_DIVIDE           1 to 128
module hwf_pll_xc7 #(
    parameter int PERIOD_PS = 10000,
    parameter int DIVIDE = 1,
    parameter int MULTIPLY = 10,
    parameter int OUT_DIVIDE = 10
) (
    input  logic clk_in,
    output logic clk_out,
    output logic locked
);
  generate
    if (PERIOD_PS < 1 || DIVIDE < 1 || DIVIDE > 106 || MULTIPLY < 2 || MULTIPLY > 64 || OUT_DIVIDE < 1 || OUT_DIVIDE > 128) begin : illegal
      $error("hwf_pll_xc7: DIVIDE is 1 to 106, MULTIPLY 2 to 64, OUT_DIVIDE 1 to 128.");
    end
  endgenerate

`ifdef SYNTHESIS
  logic feedback, made;

  MMCME2_BASE #(
      .CLKIN1_PERIOD(PERIOD_PS / 1000.0),
      .DIVCLK_DIVIDE(DIVIDE),
      .CLKFBOUT_MULT_F(MULTIPLY * 1.0),
      .CLKOUT0_DIVIDE_F(OUT_DIVIDE * 1.0)
  ) pll (
      .CLKIN1(clk_in),
      .CLKFBIN(feedback),
      .CLKFBOUT(feedback),
      .CLKOUT0(made),
      .LOCKED(locked),
      .PWRDWN(1'b0),
      .RST(1'b0)
  );

  BUFG global_clock (
      .I(made),
      .O(clk_out)
  );
`else
  hwf_pll_model model (
      .clk_in,
      .clk_out,
      .locked
  );
`endif
endmodule
