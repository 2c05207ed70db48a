// The PLL of ECP5, EHXPLLL: clk_out is clk_in * FEEDBACK_DIVIDE * FEEDBACK_OUT_DIVIDE / (REFERENCE_DIVIDE * OUT_DIVIDE). locked, of no clock, is high
// when clk_out keeps that frequency. Legal frequencies are checked in hwflow/plls.py, dividers here.
//
// The four               1 to 128. The feedback is taken from CLKOP, of FEEDBACK_OUT_DIVIDE; the clock is CLKOS.
module hwf_pll_ecp5 #(
    parameter int REFERENCE_DIVIDE = 1,
    parameter int FEEDBACK_DIVIDE = 12,
    parameter int FEEDBACK_OUT_DIVIDE = 2,
    parameter int OUT_DIVIDE = 12
) (
    input  logic clk_in,
    output logic clk_out,
    output logic locked
);
  generate
    if (REFERENCE_DIVIDE < 1 || REFERENCE_DIVIDE > 128 || FEEDBACK_DIVIDE < 1 || FEEDBACK_DIVIDE > 128 || FEEDBACK_OUT_DIVIDE < 1 || FEEDBACK_OUT_DIVIDE > 128 || OUT_DIVIDE < 1 || OUT_DIVIDE > 128) begin : illegal
      $error("hwf_pll_ecp5: every divider is 1 to 128.");
    end
  endgenerate

`ifdef SYNTHESIS
  logic feedback;

  // Charge pump and filter as ecppll of Project Trellis sets them. A phase of divider - 1 is none.
  (* ICP_CURRENT = "12" *) (* LPF_RESISTOR = "8" *) (* MFG_ENABLE_FILTEROPAMP = "1" *) (* MFG_GMCREF_SEL = "2" *)
  EHXPLLL #(
      .CLKI_DIV(REFERENCE_DIVIDE),
      .CLKFB_DIV(FEEDBACK_DIVIDE),
      .FEEDBK_PATH("CLKOP"),
      .CLKOP_ENABLE("ENABLED"),
      .CLKOP_DIV(FEEDBACK_OUT_DIVIDE),
      .CLKOP_CPHASE(FEEDBACK_OUT_DIVIDE - 1),
      .CLKOS_ENABLE("ENABLED"),
      .CLKOS_DIV(OUT_DIVIDE),
      .CLKOS_CPHASE(OUT_DIVIDE - 1),
      .OUTDIVIDER_MUXA("DIVA"),
      .OUTDIVIDER_MUXB("DIVB"),
      .PLLRST_ENA("DISABLED"),
      .INTFB_WAKE("DISABLED"),
      .STDBY_ENABLE("DISABLED"),
      .DPHASE_SOURCE("DISABLED")
  ) pll (
      .CLKI(clk_in),
      .CLKFB(feedback),
      .CLKOP(feedback),
      .CLKOS(clk_out),
      .LOCK(locked),
      .RST(1'b0),
      .STDBY(1'b0),
      .PHASESEL0(1'b0),
      .PHASESEL1(1'b0),
      .PHASEDIR(1'b1),
      .PHASESTEP(1'b1),
      .PHASELOADREG(1'b1),
      .PLLWAKESYNC(1'b0),
      .ENCLKOP(1'b0),
      .ENCLKOS(1'b0)
  );
`else
  hwf_pll_model model (
      .clk_in,
      .clk_out,
      .locked
  );
`endif
endmodule
