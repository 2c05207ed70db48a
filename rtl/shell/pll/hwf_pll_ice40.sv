// The PLL of iCE40, SB_PLL40: clk_out is clk_in * (DIVF + 1) / ((DIVR + 1) * 2^DIVQ). locked, of no clock, is high
// when clk_out keeps that frequency. Legal frequencies are checked in hwflow/plls.py, dividers here.
//
// PAD                  1: clk_in is the package pin that is the PLL's own, 0: any net
// DIVR, DIVF, DIVQ     0 to 15, 0 to 127, 1 to 6
// FILTER_RANGE         1 to 6, by the frequency of the phase detector
module hwf_pll_ice40 #(
    parameter int PAD = 0,
    parameter int DIVR = 0,
    parameter int DIVF = 63,
    parameter int DIVQ = 4,
    parameter int FILTER_RANGE = 1
) (
    input  logic clk_in,
    output logic clk_out,
    output logic locked
);
  generate
    if (PAD < 0 || PAD > 1 || DIVR < 0 || DIVR > 15 || DIVF < 0 || DIVF > 127 || DIVQ < 1 || DIVQ > 6 || FILTER_RANGE < 1 || FILTER_RANGE > 6) begin : illegal
      $error("hwf_pll_ice40: PAD is 0 or 1, DIVR 0 to 15, DIVF 0 to 127, DIVQ 1 to 6, FILTER_RANGE 1 to 6.");
    end
  endgenerate

`ifdef SYNTHESIS
  generate
    if (PAD == 1) begin : pad
      SB_PLL40_PAD #(
          .FEEDBACK_PATH("SIMPLE"),
          .DIVR(4'(DIVR)),
          .DIVF(7'(DIVF)),
          .DIVQ(3'(DIVQ)),
          .FILTER_RANGE(3'(FILTER_RANGE))
      ) pll (
          .PACKAGEPIN(clk_in),
          .PLLOUTGLOBAL(clk_out),
          .LOCK(locked),
          .RESETB(1'b1),
          .BYPASS(1'b0)
      );
    end else begin : core
      SB_PLL40_CORE #(
          .FEEDBACK_PATH("SIMPLE"),
          .DIVR(4'(DIVR)),
          .DIVF(7'(DIVF)),
          .DIVQ(3'(DIVQ)),
          .FILTER_RANGE(3'(FILTER_RANGE))
      ) pll (
          .REFERENCECLK(clk_in),
          .PLLOUTGLOBAL(clk_out),
          .LOCK(locked),
          .RESETB(1'b1),
          .BYPASS(1'b0)
      );
    end
  endgenerate
`else
  hwf_pll_model model (
      .clk_in,
      .clk_out,
      .locked
  );
`endif
endmodule
