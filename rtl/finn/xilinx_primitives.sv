// The primitives of Xilinx that FINN's RTL instantiates, by their ports (UG953, UG974) and without a body: for counting.
(* blackbox *)
module DSP48E1 #(
    parameter ACASCREG = 0, ADREG = 0, ALUMODEREG = 0, AREG = 0, AUTORESET_PATDET = 0, A_INPUT = 0, BCASCREG =
        0, BREG = 0, B_INPUT = 0, CARRYINREG = 0, CARRYINSELREG = 0, CREG = 0, DREG = 0, INMODEREG = 0, MREG =
        0, OPMODEREG = 0, PREG = 0, SEL_MASK = 0, SEL_PATTERN = 0, USE_DPORT = 0, USE_MULT = 0,
        USE_PATTERN_DETECT = 0, USE_SIMD = 0, MASK = 0, PATTERN = 0, IS_ALUMODE_INVERTED = 0,
        IS_CARRYIN_INVERTED = 0, IS_CLK_INVERTED = 0, IS_INMODE_INVERTED = 0, IS_OPMODE_INVERTED = 0
) (
    output wire [29:0] ACOUT,
    output wire [17:0] BCOUT,
    output wire CARRYCASCOUT, MULTSIGNOUT, OVERFLOW, PATTERNBDETECT, PATTERNDETECT, UNDERFLOW,
    output wire [3:0] CARRYOUT,
    output wire [47:0] P, PCOUT,
    input wire [29:0] A, ACIN,
    input wire [3:0] ALUMODE,
    input wire [17:0] B, BCIN,
    input wire [47:0] C, PCIN,
    input wire CARRYCASCIN, CARRYIN, CEA1, CEA2, CEAD, CEALUMODE, CEB1, CEB2, CEC, CECARRYIN, CECTRL, CED,
        CEINMODE, CEM, CEP, CLK, MULTSIGNIN, RSTA, RSTALLCARRYIN, RSTALUMODE, RSTB, RSTC, RSTCTRL, RSTD,
        RSTINMODE, RSTM, RSTP,
    input wire [2:0] CARRYINSEL,
    input wire [24:0] D,
    input wire [4:0] INMODE,
    input wire [6:0] OPMODE
);
endmodule
(* blackbox *)
module DSP48E2 #(
    parameter ACASCREG = 0, ADREG = 0, ALUMODEREG = 0, AMULTSEL = 0, AREG = 0, AUTORESET_PATDET = 0,
        AUTORESET_PRIORITY = 0, A_INPUT = 0, BCASCREG = 0, BMULTSEL = 0, BREG = 0, B_INPUT = 0, CARRYINREG = 0,
        CARRYINSELREG = 0, CREG = 0, DREG = 0, INMODEREG = 0, IS_ALUMODE_INVERTED = 0, IS_CARRYIN_INVERTED = 0,
        IS_CLK_INVERTED = 0, IS_INMODE_INVERTED = 0, IS_OPMODE_INVERTED = 0, IS_RSTALLCARRYIN_INVERTED = 0,
        IS_RSTALUMODE_INVERTED = 0, IS_RSTA_INVERTED = 0, IS_RSTB_INVERTED = 0, IS_RSTCTRL_INVERTED = 0,
        IS_RSTC_INVERTED = 0, IS_RSTD_INVERTED = 0, IS_RSTINMODE_INVERTED = 0, IS_RSTM_INVERTED = 0,
        IS_RSTP_INVERTED = 0, MASK = 0, MREG = 0, OPMODEREG = 0, PATTERN = 0, PREADDINSEL = 0, PREG = 0, RND =
        0, SEL_MASK = 0, SEL_PATTERN = 0, USE_MULT = 0, USE_PATTERN_DETECT = 0, USE_SIMD = 0, USE_WIDEXOR = 0,
        XORSIMD = 0
) (
    output wire [29:0] ACOUT,
    output wire [17:0] BCOUT,
    output wire CARRYCASCOUT, MULTSIGNOUT, OVERFLOW, PATTERNBDETECT, PATTERNDETECT, UNDERFLOW,
    output wire [3:0] CARRYOUT,
    output wire [47:0] P, PCOUT,
    output wire [7:0] XOROUT,
    input wire [29:0] A, ACIN,
    input wire [3:0] ALUMODE,
    input wire [17:0] B, BCIN,
    input wire [47:0] C, PCIN,
    input wire CARRYCASCIN, CARRYIN, CEA1, CEA2, CEAD, CEALUMODE, CEB1, CEB2, CEC, CECARRYIN, CECTRL, CED,
        CEINMODE, CEM, CEP, CLK, MULTSIGNIN, RSTA, RSTALLCARRYIN, RSTALUMODE, RSTB, RSTC, RSTCTRL, RSTD,
        RSTINMODE, RSTM, RSTP,
    input wire [2:0] CARRYINSEL,
    input wire [26:0] D,
    input wire [4:0] INMODE,
    input wire [8:0] OPMODE
);
endmodule
(* blackbox *)
module LUT6_2 #(
    parameter INIT = 0
) (
    output wire O6, O5,
    input wire I0, I1, I2, I3, I4, I5
);
endmodule
