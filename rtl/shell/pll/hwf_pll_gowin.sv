// The PLL of Gowin's parts, rPLL: clk_out is clk_in * (FBDIV_SEL + 1) / (IDIV_SEL + 1). locked, of no clock, is high
// when clk_out keeps that frequency. Legal frequencies are checked in hwflow/plls.py, dividers here.
//
// REFERENCE_MHZ        frequency of clk_in, as a text
// IDIV_SEL, FBDIV_SEL  0 to 63
// ODIV_SEL             2, 4, 8, or a multiple of 16 to 128
module hwf_pll_gowin #(
    parameter REFERENCE_MHZ = "27",
    parameter int IDIV_SEL = 0,
    parameter int FBDIV_SEL = 1,
    parameter int ODIV_SEL = 16
) (
    input  logic clk_in,
    output logic clk_out,
    output logic locked
);
  generate
    if (REFERENCE_MHZ == "" || IDIV_SEL < 0 || IDIV_SEL > 63 || FBDIV_SEL < 0 || FBDIV_SEL > 63 || !(ODIV_SEL == 2 || ODIV_SEL == 4 || ODIV_SEL == 8 || (ODIV_SEL % 16 == 0 && ODIV_SEL >= 16 && ODIV_SEL <= 128))) begin : illegal
      $error("hwf_pll_gowin: IDIV_SEL and FBDIV_SEL are 0 to 63, ODIV_SEL is 2, 4, 8 or a multiple of 16 to 128.");
    end
  endgenerate

`ifdef SYNTHESIS
  rPLL #(
      .FCLKIN(REFERENCE_MHZ),
      .IDIV_SEL(IDIV_SEL),
      .FBDIV_SEL(FBDIV_SEL),
      .ODIV_SEL(ODIV_SEL)
  ) pll (
      .CLKIN(clk_in),
      .CLKOUT(clk_out),
      .LOCK(locked),
      .RESET(1'b0),
      .RESET_P(1'b0),
      .CLKFB(1'b0),
      .FBDSEL(6'b0),
      .IDSEL(6'b0),
      .ODSEL(6'b0),
      .PSDA(4'b0),
      .DUTYDA(4'b0),
      .FDLY(4'b0)
  );
`else
  hwf_pll_model model (
      .clk_in,
      .clk_out,
      .locked
  );
`endif
endmodule
