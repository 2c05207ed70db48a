// The settings and counters of docs/neuron.md, 4 bytes each: in registers, since the core uses them all at once.
//
// A setting is written in one cycle; `read` follows `index` in the same cycle, sign-extended. Settings of a feature that
// the core was built without are zero and ignore what is written. Counters and the tick are zero after reset.
//
// TRACE_BITS .. COUNTERS  as of the core
module hwf_settings #(
    parameter int WEIGHT_BITS = 8,
    parameter int STATE_BITS = 16,
    parameter int TRACE_BITS = 8,
    parameter int LEARNING = 1,
    parameter int ADAPTATION = 1,
    parameter int NORMALISATION = 1,
    parameter int COUNTERS = 1
) (
    input  logic                          clk,
    input  logic                          rst,
    input  logic                          write,
    input  logic        [            4:0] index,
    // verilator lint_off UNUSEDSIGNAL
    input  logic        [           31:0] written,           // what is outside a setting's width is cut off
    // verilator lint_on UNUSEDSIGNAL
    output logic        [           31:0] read,
    // to the core
    output logic                          normalise,         // 1 was written to setting 15
    output logic                          learn,
    output logic        [            3:0] weight_shift,
    output logic        [            3:0] rule,
    output logic signed [           15:0] potentiation,
    output logic signed [           15:0] depression,
    output logic        [           15:0] pre_decay,
    output logic        [           15:0] post_decay,
    output logic        [ TRACE_BITS-1:0] pre_step,
    output logic        [ TRACE_BITS-1:0] post_step,
    output logic signed [WEIGHT_BITS-1:0] weight_min,
    output logic signed [WEIGHT_BITS-1:0] weight_max,
    output logic        [           15:0] adaptation_decay,
    output logic        [ STATE_BITS-2:0] adaptation_step,
    output logic        [           19:0] target,
    // what is counted
    output logic        [           31:0] tick,
    input  logic                          tick_ends,
    input  logic                          tick_runs,
    input  logic                          spike,
    input  logic                          source_spike,
    input  logic        [            7:0] saturated
);
  localparam logic [4:0] TICK = 0, LEARN = 1, SHIFT = 2, RULE = 3, POTENTIATION = 4, DEPRESSION = 5, PRE_DECAY = 6,
      POST_DECAY = 7, PRE_STEP = 8, POST_STEP = 9, WEIGHT_MIN = 10, WEIGHT_MAX = 11, ADAPTATION_DECAY = 12,
      ADAPTATION_STEP = 13, TARGET = 14, NORMALISE = 15, SPIKES = 16, EVENTS = 17, SATURATIONS = 18, BUSY_CYCLES = 19;

  always_ff @(posedge clk) begin
    if (write && index == SHIFT) weight_shift <= written[3:0];
    if (write && index == TICK) tick <= written;
    else if (tick_ends) tick <= tick + 1'b1;
    if (rst) tick <= '0;
  end

  generate
    if (LEARNING != 0) begin : learns
      always_ff @(posedge clk)
        if (write) case (index)
          LEARN: learn <= written[0];
          POTENTIATION: potentiation <= written[15:0];
          DEPRESSION: depression <= written[15:0];
          PRE_DECAY: pre_decay <= written[15:0];
          POST_DECAY: post_decay <= written[15:0];
          PRE_STEP: pre_step <= written[TRACE_BITS-1:0];
          POST_STEP: post_step <= written[TRACE_BITS-1:0];
          default: ;
        endcase
    end else begin : learns_nothing
      assign learn = 1'b0;
      assign potentiation = '0;
      assign depression = '0;
      assign pre_decay = '0;
      assign post_decay = '0;
      assign pre_step = '0;
      assign post_step = '0;
    end

    if (LEARNING != 0 || NORMALISATION != 0) begin : changes
      always_ff @(posedge clk)
        if (write) case (index)
          RULE: rule <= written[3:0];
          WEIGHT_MIN: weight_min <= written[WEIGHT_BITS-1:0];
          WEIGHT_MAX: weight_max <= written[WEIGHT_BITS-1:0];
          default: ;
        endcase
    end else begin : changes_nothing
      assign rule = '0;
      assign weight_min = '0;
      assign weight_max = '0;
    end

    if (ADAPTATION != 0) begin : adapts
      always_ff @(posedge clk)
        if (write) case (index)
          ADAPTATION_DECAY: adaptation_decay <= written[15:0];
          ADAPTATION_STEP: adaptation_step <= written[STATE_BITS-2:0];
          default: ;
        endcase
    end else begin : does_not_adapt
      assign adaptation_decay = '0;
      assign adaptation_step  = '0;
    end

    if (NORMALISATION != 0) begin : normalises
      assign normalise = write && index == NORMALISE && written[0];
      always_ff @(posedge clk) if (write && index == TARGET) target <= written[19:0];
    end else begin : does_not_normalise
      assign normalise = 1'b0;
      assign target = '0;
    end
  endgenerate

  logic [31:0] spikes, events, saturations, busy_cycles;
  generate
    if (COUNTERS != 0) begin : counts
      always_ff @(posedge clk) begin
        if (write && index == SPIKES) spikes <= written;
        else spikes <= spikes + 32'(spike);
        if (write && index == EVENTS) events <= written;
        else events <= events + 32'(source_spike);
        if (write && index == SATURATIONS) saturations <= written;
        else saturations <= saturations + 32'(saturated);
        if (write && index == BUSY_CYCLES) busy_cycles <= written;
        else busy_cycles <= busy_cycles + 32'(tick_runs);
        if (rst) begin
          spikes <= '0;
          events <= '0;
          saturations <= '0;
          busy_cycles <= '0;
        end
      end
    end else begin : counts_nothing
      logic unused;
      assign unused = &{1'b0, tick_runs, spike, source_spike, saturated};
      assign spikes = '0;
      assign events = '0;
      assign saturations = '0;
      assign busy_cycles = '0;
    end
  endgenerate

  always_comb
    case (index)
      TICK: read = tick;
      LEARN: read = 32'(learn);
      SHIFT: read = 32'(weight_shift);
      RULE: read = 32'(rule);
      POTENTIATION: read = 32'(potentiation);
      DEPRESSION: read = 32'(depression);
      PRE_DECAY: read = 32'(pre_decay);
      POST_DECAY: read = 32'(post_decay);
      PRE_STEP: read = 32'(pre_step);
      POST_STEP: read = 32'(post_step);
      WEIGHT_MIN: read = 32'(weight_min);
      WEIGHT_MAX: read = 32'(weight_max);
      ADAPTATION_DECAY: read = 32'(adaptation_decay);
      ADAPTATION_STEP: read = 32'(adaptation_step);
      TARGET: read = 32'(target);
      SPIKES: read = spikes;
      EVENTS: read = events;
      SATURATIONS: read = saturations;
      BUSY_CYCLES: read = busy_cycles;
      default: read = '0;
    endcase

`ifndef SYNTHESIS
  nothing_is_written_during_a_tick :
  assert property (@(posedge clk) disable iff (rst) write |-> !tick_runs && !tick_ends);
`endif
endmodule
