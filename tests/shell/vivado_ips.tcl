# What AMD's product guides (PG082, PG201, PG021, PG247, PG164) say of the IP that hwflow's scripts use, as far as they use it.
#
# Of each: version; parameters; interface pins, as NAME KIND MODE CLOCK; pins, as NAME DIRECTION KIND.
set ips [dict create {*}{
  processing_system7 {5.5
    {PCW_USE_M_AXI_GP0 PCW_USE_S_AXI_HP0 PCW_USE_FABRIC_INTERRUPT PCW_IRQ_F2P_INTR PCW_EN_CLK0_PORT PCW_EN_RST0_PORT PCW_FPGA0_PERIPHERAL_FREQMHZ}
    {M_AXI_GP0 mm Master M_AXI_GP0_ACLK  S_AXI_HP0 mm Slave S_AXI_HP0_ACLK}
    {FCLK_CLK0 O clk  FCLK_RESET0_N O rst  M_AXI_GP0_ACLK I clk  S_AXI_HP0_ACLK I clk  IRQ_F2P I intr}}
  zynq_ultra_ps_e {3.5
    {PSU__USE__M_AXI_GP0 PSU__USE__M_AXI_GP1 PSU__USE__M_AXI_GP2 PSU__USE__S_AXI_GP2 PSU__USE__IRQ0 PSU__FPGA_PL0_ENABLE PSU__CRL_APB__PL0_REF_CTRL__FREQMHZ}
    {M_AXI_HPM0_FPD mm Master maxihpm0_fpd_aclk  S_AXI_HP0_FPD mm Slave saxihp0_fpd_aclk}
    {pl_clk0 O clk  pl_resetn0 O rst  maxihpm0_fpd_aclk I clk  saxihp0_fpd_aclk I clk  pl_ps_irq0 I intr}}
  axi_dma {7.1
    {c_include_sg c_sg_length_width c_addr_width c_m_axis_mm2s_tdata_width c_m_axi_mm2s_data_width c_s_axis_s2mm_tdata_width c_m_axi_s2mm_data_width}
    {S_AXI_LITE lite Slave s_axi_lite_aclk  M_AXI_MM2S mm Master m_axi_mm2s_aclk  M_AXI_S2MM mm Master m_axi_s2mm_aclk
     M_AXIS_MM2S axis Master m_axi_mm2s_aclk  S_AXIS_S2MM axis Slave m_axi_s2mm_aclk}
    {s_axi_lite_aclk I clk  m_axi_mm2s_aclk I clk  m_axi_s2mm_aclk I clk  axi_resetn I rst  mm2s_introut O intr  s2mm_introut O intr}}
  smartconnect {1.0 {NUM_SI NUM_MI} {} {aclk I clk  aresetn I rst}}
  proc_sys_reset {5.0 {} {} {slowest_sync_clk I clk  ext_reset_in I rst  interconnect_aresetn O rst  peripheral_aresetn O rst}}
  xlconcat {2.1 {NUM_PORTS} {} {dout O intr}}
}]
# Which parameters bring a pin of a processor into being.
set enabling {
  M_AXI_GP0 PCW_USE_M_AXI_GP0  M_AXI_GP0_ACLK PCW_USE_M_AXI_GP0  S_AXI_HP0 PCW_USE_S_AXI_HP0  S_AXI_HP0_ACLK PCW_USE_S_AXI_HP0
  FCLK_CLK0 PCW_EN_CLK0_PORT  FCLK_RESET0_N PCW_EN_RST0_PORT  IRQ_F2P PCW_IRQ_F2P_INTR
  M_AXI_HPM0_FPD PSU__USE__M_AXI_GP0  maxihpm0_fpd_aclk PSU__USE__M_AXI_GP0  S_AXI_HP0_FPD PSU__USE__S_AXI_GP2
  saxihp0_fpd_aclk PSU__USE__S_AXI_GP2  pl_clk0 PSU__FPGA_PL0_ENABLE  pl_ps_irq0 PSU__USE__IRQ0
}
