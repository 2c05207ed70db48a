// One unit: a neuron's step in each cycle (docs/neuron.md), and the memories of the neurons that it serves.
//
// Everything counts from the cycle in which a neuron's place is named, stage 0, with `step`:
//
//     stage 2     sum2, what arrived at it
//     stage 3     c = sat(fade(c) + sum 2^weight_shift)
//     stage 4     u = sat(fade(v) + c + bias)
//     stage 5     does it fire; `saturated`: the sums of c and of u that were clipped
//     stage 6     `fires6`; the new state is written
//
// While `closes` is high the state that is written is that of rest, but for the adaptation, which stays as it is if `resting` is too.
// With MODULATION, near6 says in stage 6 whether u > (threshold + h) / 2^near_shift, of a neuron that is not held.
//
// place0, place2, place6: the neuron's place in the stages of these numbers. Throughput: a neuron a cycle, no neuron twice
// within 7 cycles. Host access: as of hwf_fields.
//
// WORDS                   neurons of the unit
// STATE_BITS, ADAPTATION, MODULATION  as of the core
// SUM_BITS                of what arrives
// SHIFTER                 1: shifted by look-up tables, 0: by a multiplier
module hwf_neuron #(
    parameter int WORDS = 16,
    parameter int STATE_BITS = 16,
    parameter int SUM_BITS = 16,
    parameter int ADAPTATION = 1,
    parameter int MODULATION = 0,
    parameter int SHIFTER = 0,
    localparam int PLACE = WORDS > 1 ? $clog2(WORDS) : 1,
    localparam int S = STATE_BITS
) (
    input  logic                       clk,
    input  logic                       rst,
    input  logic                       step,
    input  logic        [   PLACE-1:0] place0,
    input  logic        [   PLACE-1:0] place2,
    input  logic        [   PLACE-1:0] place6,
    input  logic signed [SUM_BITS-1:0] sum2,
    input  logic        [         3:0] weight_shift,
    input  logic        [        15:0] adaptation_decay,
    input  logic        [       S-2:0] adaptation_step,
    input  logic                       closes,
    input  logic                       resting,
    input  logic        [         3:0] near_shift,
    output logic                       near6,
    output logic                       fires6,
    output logic        [         1:0] saturated,
    input  logic                       host_write,
    input  logic        [         3:0] host_field,
    input  logic        [        23:0] host_data,
    output logic        [        31:0] host_read
);
  localparam int WIDE = (SUM_BITS + 15 > S ? SUM_BITS + 15 : S) + 2;

  logic [6:1] steps;
  always_ff @(posedge clk) begin
    steps <= {steps[5:1], step};
    if (rst) steps <= '0;
  end

  logic signed [S-1:0] v1, c1, threshold3, bias3, reset3;
  logic [15:0] leak1, decay1;
  logic [7:0] refractory3, left3, left6;
  logic subtract3, held6;
  logic [S-2:0] h3, h6;
  logic signed [S-1:0] v6, c4, c5, c6;
  hwf_fields #(
      .WORDS(WORDS),
      .STATE_BITS(S),
      .ADAPTATION(ADAPTATION)
  ) fields (
      .step6(steps[6]),
      .*
  );

  // Stages 1 and 2: decays, and the shift.
  logic signed [S-1:0] faded_c2, faded_v2, faded_c3, faded_v3;
  logic signed [WIDE-1:0] current_sum;
  hwf_fade #(
      .BITS(S)
  ) fade_current (
      .clk,
      .q(c1),
      .d(decay1),
      .y(faded_c2)
  );
  hwf_fade #(
      .BITS(S)
  ) fade_membrane (
      .clk,
      .q(v1),
      .d(leak1),
      .y(faded_v2)
  );
  always_ff @(posedge clk) begin
    faded_c3 <= faded_c2;
    faded_v3 <= faded_v2;
  end

  // A unit by itself is that of a small part, which has few multipliers; where there are more, they shift.
  generate
    if (SHIFTER != 0) begin : shifts
      logic signed [SUM_BITS+14:0] arrived3;
      always_ff @(posedge clk) arrived3 <= (SUM_BITS + 15)'(sum2) <<< weight_shift;
      assign current_sum = WIDE'(faded_c3) + WIDE'(arrived3);
    end else begin : multiplies
      logic signed [16:0] power;
      assign power = 17'd1 << weight_shift;
      logic signed [SUM_BITS+16:0] product;
      always_ff @(posedge clk) product <= sum2 * power;
      assign current_sum = WIDE'(product) + WIDE'(faded_c3);
    end
  endgenerate

  // Stages 3 and 4: the current and the membrane. A sum fits if the bits above the sign are as the sign is.
  logic signed [S+1:0] membrane_sum;
  logic signed [S:0] pulled4, level4, level5;  // faded v + bias; threshold + h
  logic signed [S-1:0] u5, reset4, reset5;
  logic current_fits, membrane_fits, wide4, wide5, narrow5, subtract4, subtract5;
  logic [7:0] refractory4, refractory5, left4, left5;
  assign current_fits = current_sum[WIDE-1:S-1] == '0 || current_sum[WIDE-1:S-1] == '1;
  assign membrane_sum = (S + 2)'(pulled4) + (S + 2)'(c4);
  assign membrane_fits = membrane_sum[S+1:S-1] == '0 || membrane_sum[S+1:S-1] == '1;
  always_ff @(posedge clk) begin
    c4 <= current_fits ? current_sum[S-1:0] : {current_sum[WIDE-1], {(S - 1) {!current_sum[WIDE-1]}}};
    u5 <= membrane_fits ? membrane_sum[S-1:0] : {membrane_sum[S+1], {(S - 1) {!membrane_sum[S+1]}}};
    wide4 <= !current_fits;
    wide5 <= wide4;
    narrow5 <= !membrane_fits;
    pulled4 <= (S + 1)'(faded_v3) + (S + 1)'(bias3);
    level4 <= (S + 1)'(threshold3) + (S + 1)'($signed({1'b0, h3}));
    level5 <= level4;
    {reset5, reset4} <= {reset4, reset3};
    {subtract5, subtract4} <= {subtract4, subtract3};
    {refractory5, refractory4} <= {refractory4, refractory3};
    {left5, left4} <= {left4, left3};
  end

  // Stage 5: does it fire, that is, is the membrane above its level; what is above it is positive.
  logic signed [S+1:0] excess;
  logic held, fires;
  assign excess = (S + 2)'(u5) - (S + 2)'(level5);
  assign held = left5 != '0;
  assign fires = !held && !excess[S+1] && excess != '0;
  assign saturated = {steps[5] && wide5, steps[5] && narrow5 && !held};
  always_ff @(posedge clk) begin
    fires6 <= fires;
    held6  <= held && !closes;
    if (closes) v6 <= '0;
    else if (!fires) v6 <= u5;
    else if (!subtract5) v6 <= reset5;
    else v6 <= {1'b0, excess[S-2:0] | {(S - 1) {excess[S] || excess[S-1]}}};
    if (closes) left6 <= '0;
    else if (held) left6 <= left5 - 1'b1;
    else left6 <= fires ? refractory5 : '0;
    {c6, c5} <= {closes ? '0 : c5, c4};
  end

  generate
    if (MODULATION != 0) begin : modulated
      always_ff @(posedge clk) near6 <= !held && (S + 1)'(u5) > (level5 >>> near_shift);
    end else begin : not_modulated
      assign near6 = 1'b0;
      logic unused;
      assign unused = &{1'b0, near_shift};
    end
  endgenerate

  // The adaptation, which the comparison has used already.
  generate
    if (ADAPTATION != 0) begin : adapts
      logic [S-1:0] faded_h4, faded_h5, raised;
      hwf_fade #(
          .BITS(S)
      ) fade_adaptation (
          .clk,
          .q({1'b0, h3}),
          .d(adaptation_decay),
          .y(faded_h4)
      );
      assign raised = faded_h5 + {1'b0, adaptation_step};
      always_ff @(posedge clk) begin
        faded_h5 <= faded_h4;
        h6 <= !fires ? faded_h5[S-2:0] : raised[S-2:0] | {(S - 1) {raised[S-1]}};
      end
    end else begin : does_not_adapt
      assign h6 = '0;
      logic unused;
      assign unused = &{1'b0, adaptation_decay, adaptation_step};
    end
  endgenerate

`ifndef SYNTHESIS
  logic [6:1][PLACE-1:0] places;
  logic twice;
  always_ff @(posedge clk) places <= {places[5:1], place0};
  always_comb begin
    twice = 1'b0;
    for (int n = 1; n <= 6; n++) if (steps[n] && places[n] == place0) twice = step;
  end
  a_neuron_rests_until_it_is_written :
  assert property (@(posedge clk) disable iff (rst) !twice);
  a_step_keeps_its_place :
  assert property (@(posedge clk) disable iff (rst) !(steps[2] && place2 != places[2]) && !(steps[6] && place6 != places[6]));
  a_neuron_that_is_held_does_not_fire :
  assert property (@(posedge clk) disable iff (rst) steps[6] && held6 |-> !fires6);
`endif
endmodule
