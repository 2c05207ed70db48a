// Stands for the core in the tests of the device: every axon number that is set comes back, in the next tick, as a spike
// of the neuron of that number; a value that is written is kept; how often it was put to rest is counted. How long anything takes is a matter of chance. `worth` are the values of
// the axons of the latest tick in all.
module hwf_spiking #(
    parameter int AXONS = 8,
    parameter int NEURONS = 8,
    // verilator lint_off UNUSEDPARAM
    parameter int LANES = 2,
    parameter int WEIGHT_BITS = 8,
    parameter int STATE_BITS = 16,
    parameter int TRACE_BITS = 8,
    parameter int LEARNING = 1,
    parameter int SYNAPSE_MASK = 1,
    parameter int ADAPTATION = 1,
    parameter int NORMALISATION = 1,
    parameter int COUNTERS = 1,
    parameter int SINGLE_PORT = 0,
    parameter int STOCHASTIC = 0,
    parameter int MODULATION = 0,
    parameter int GRADED = 0,
    parameter int BLOCKS = 0,
    parameter logic [511:0] PLACES = '0,
    parameter int ENTRIES = 0,
    parameter int STORED = 0,
    parameter int FAN_IN = 0
    // verilator lint_on UNUSEDPARAM
) (
    input  logic                          clk,
    input  logic                          rst,
    input  logic                          axon_valid,
    input  logic        [           13:0] axon,
    input  logic        [            7:0] axon_value,
    output logic                          axon_ready,
    input  logic                          clear_axons,
    input  logic                          tick,
    input  logic                          to_rest,
    input  logic                          normalise,
    input  logic                          normalise_one,
    input  logic        [           13:0] normalise_neuron,
    output logic                          busy,
    output logic                          spike_valid,
    output logic        [           13:0] spike,
    // verilator lint_off UNUSEDSIGNAL
    input  hwf_core::settings_t           settings,
    // verilator lint_on UNUSEDSIGNAL
    output logic                          event_valid,
    output logic        [            7:0] saturations,
    input  logic                          host_valid,
    output logic                          host_ready,
    input  logic                          host_write,
    input  logic        [            2:0] host_region,
    // verilator lint_off UNUSEDSIGNAL
    input  logic        [           13:0] host_row,
    input  logic        [           13:0] host_column,
    // verilator lint_on UNUSEDSIGNAL
    input  logic        [           31:0] host_wdata,
    output logic        [           31:0] host_rdata
);
  logic [31:0] values[0:131071];
  logic [16:0] place;
  assign place = {host_region, host_row[6:0], host_column[6:0]};

  logic [AXONS-1:0] set;
  logic [13:0] neuron;
  logic running, normalising, resting, lucky, clearing;
  logic [31:0] rested;
  logic [15:0] chance;  // of a linear feedback shift register
  logic [31:0] normalised;
  logic [14:0] normalised_last;  // the neuron alone, and behind it whether there was one
  logic [31:0] summed, worth;
  assign lucky = chance[0];
  assign axon_ready = !busy && !clearing && chance[2];
  assign busy = running || normalising || resting;
  assign spike_valid = running && lucky && 32'(neuron) < AXONS && set[32'(neuron)%AXONS];
  assign spike = neuron;
  assign event_valid = spike_valid;
  assign saturations = spike_valid ? 8'd2 : 8'd0;
  assign host_ready = host_valid && !busy && chance[1:0] == '0;
  assign host_rdata = values[place];

  always_ff @(posedge clk) begin
    chance <= {chance[14:0], chance[15] ^ chance[13] ^ chance[12] ^ chance[10]};
    clearing <= clear_axons;
    if (axon_valid && axon_ready && 32'(axon) < AXONS) set[32'(axon)%AXONS] <= 1'b1;
    if (axon_valid && axon_ready && 32'(axon) < AXONS) summed <= summed + 32'(axon_value);
    if (tick) begin
      worth   <= summed;
      summed  <= '0;
      running <= 1'b1;
      neuron  <= '0;
    end
    if (running && lucky) begin
      neuron <= neuron + 1'b1;
      if (32'(neuron) == NEURONS) begin
        running <= 1'b0;
        set <= '0;
      end
    end
    if (normalise) normalising <= 1'b1;
    else if (lucky && chance[5:3] == '0) normalising <= 1'b0;
    if (normalise) normalised <= normalised + 1'b1;
    if (normalise) normalised_last <= {normalise_neuron, normalise_one};
    if (to_rest) begin
      resting <= 1'b1;
      rested  <= rested + 1'b1;
    end else if (lucky && chance[5:4] == '0) resting <= 1'b0;
    if (clear_axons) set <= '0;
    if (host_ready && host_write) values[place] <= host_wdata;
    if (rst) begin
      set <= '0;
      summed <= '0;
      running <= 1'b0;
      normalising <= 1'b0;
      normalised <= '0;
      resting <= 1'b0;
      rested <= '0;
      chance <= 16'hACE1;
      clearing <= 1'b0;
    end
  end
endmodule
