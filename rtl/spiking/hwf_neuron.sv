// The neurons of one lane: their parameters, their state, and one step of a neuron in each cycle (docs/neuron.md).
//
// Everything counts from the cycle in which `place` names a word, stage 0:
//
//     row     a[place] += weight: `row` in stage 0, `weight` in stage 2; the sum is written in stage 3
//     sweep   a step of the neuron: `sweep` in stage 0; its current is written, and a cleared, in stage 3, the rest in stage 5;
//             `fires` in stage 5, `saturated` (sums of current and of membrane that were clipped) in stage 4
//     host    `host_read` is field `host_field` once place has not changed for 4 cycles; host_write writes it
//
// The same place must not come twice within 4 cycles.
//
// WORDS        neurons of a lane
// ADAPTATION   0: without the adaptive threshold; then h reads as zero
module hwf_neuron #(
    parameter int WORDS = 16,
    parameter int STATE_BITS = 16,
    parameter int WEIGHT_BITS = 8,
    parameter int SUM_BITS = 16,
    parameter int ADAPTATION = 1,
    localparam int PLACE = WORDS > 1 ? $clog2(WORDS) : 1,
    localparam int DATA = STATE_BITS > 16 ? STATE_BITS : 16
) (
    input  logic                          clk,
    input  logic                          rst,
    input  logic        [      PLACE-1:0] place,
    input  logic                          row,
    input  logic signed [WEIGHT_BITS-1:0] weight,
    input  logic                          sweep,
    input  logic                          clear,             // stage 0: a[place] = 0 and no step
    input  logic        [            3:0] weight_shift,
    input  logic        [           15:0] adaptation_decay,
    input  logic        [ STATE_BITS-2:0] adaptation_step,
    output logic                          fires,
    output logic        [            1:0] saturated,
    input  logic                          host_write,
    input  logic        [            3:0] host_field,
    input  logic        [       DATA-1:0] host_data,
    output logic        [           31:0] host_read
);
  localparam int S = STATE_BITS, WIDE = (SUM_BITS + 15 > S ? SUM_BITS + 15 : S) + 1;
  localparam logic [3:0] MEMBRANE = 0, CURRENT = 1, ADAPTED = 2, LEFT = 3, THRESHOLD = 8, LEAK = 9, DECAY = 10, BIAS = 11,
      RESET = 12, REFRACTORY = 13, SUBTRACT = 14;

  logic [PLACE-1:0] place1, place2, place3, place4, place5;
  logic [3:1] rows;
  logic [3:1] clears;
  logic [5:1] sweeps;
  always_ff @(posedge clk) begin
    {place5, place4, place3, place2, place1} <= {place4, place3, place2, place1, place};
    rows   <= {rows[2:1], row};
    clears <= {clears[2:1], clear || sweep};
    sweeps <= {sweeps[4:1], sweep};
    if (rst) begin
      rows   <= '0;
      clears <= '0;
      sweeps <= '0;
    end
  end

  // What a neuron is: a memory for each field, read at the stage before the one that needs it. Host writes come alone.
  function automatic logic writes(input logic [3:0] field);
    writes = host_write && host_field == field;
  endfunction

  logic signed [S-1:0] v1, c1, bias3, threshold3, reset4;
  logic [15:0] leak1, decay1;
  logic [7:0] left4, refractory4, refractory_next;
  logic subtract4;
  logic signed [S-1:0] c3, v5;
  logic [7:0] left5;
  logic keep5;  // the membrane is held

  hwf_ram #(
      .DEPTH(WORDS),
      .WIDTH(S)
  ) membranes (
      .clk,
      .write((sweeps[5] && !keep5) || writes(MEMBRANE)),
      .write_address(sweeps[5] ? place5 : place),
      .write_data(sweeps[5] ? v5 : host_data[S-1:0]),
      .read_address(place),
      .read_data(v1)
  );
  hwf_ram #(
      .DEPTH(WORDS),
      .WIDTH(S)
  ) currents (
      .clk,
      .write(sweeps[3] || writes(CURRENT)),
      .write_address(sweeps[3] ? place3 : place),
      .write_data(sweeps[3] ? c3 : host_data[S-1:0]),
      .read_address(place),
      .read_data(c1)
  );
  hwf_ram #(
      .DEPTH(WORDS),
      .WIDTH(8)
  ) lefts (
      .clk,
      .write(sweeps[5] || writes(LEFT)),
      .write_address(sweeps[5] ? place5 : place),
      .write_data(sweeps[5] ? left5 : host_data[7:0]),
      .read_address(place3),
      .read_data(left4)
  );
  hwf_pair_ram #(
      .DEPTH(WORDS),
      .HIGH (16),
      .LOW  (16)
  ) decays (
      .clk,
      .write_high(writes(LEAK)),
      .write_low(writes(DECAY)),
      .write_address(place),
      .write_data_high(host_data[15:0]),
      .write_data_low(host_data[15:0]),
      .read_address(place),
      .high(leak1),
      .low(decay1)
  );
  hwf_pair_ram #(
      .DEPTH(WORDS),
      .HIGH (S),
      .LOW  (S)
  ) levels (
      .clk,
      .write_high(writes(BIAS)),
      .write_low(writes(THRESHOLD)),
      .write_address(place),
      .write_data_high(host_data[S-1:0]),
      .write_data_low(host_data[S-1:0]),
      .read_address(place2),
      .high(bias3),
      .low(threshold3)
  );
  hwf_pair_ram #(
      .DEPTH(WORDS),
      .HIGH (S),
      .LOW  (8)
  ) resets (
      .clk,
      .write_high(writes(RESET)),
      .write_low(writes(REFRACTORY)),
      .write_address(place),
      .write_data_high(host_data[S-1:0]),
      .write_data_low(host_data[7:0]),
      .read_address(place3),
      .high(reset4),
      .low(refractory4)
  );
  hwf_ram #(
      .DEPTH(WORDS),
      .WIDTH(1)
  ) subtracts (
      .clk,
      .write(writes(SUBTRACT)),
      .write_address(place),
      .write_data(host_data[0]),
      .read_address(place3),
      .read_data(subtract4)
  );

  // Stages 1 to 3: what arrived.
  logic signed [SUM_BITS-1:0] a1, a2, a3;
  hwf_ram #(
      .DEPTH(WORDS),
      .WIDTH(SUM_BITS)
  ) sums (
      .clk,
      .write(rows[3] || clears[3]),
      .write_address(place3),
      .write_data(clears[3] ? '0 : a3),
      .read_address(place),
      .read_data(a1)
  );
  always_ff @(posedge clk) begin
    a2 <= a1;
    a3 <= a2 + SUM_BITS'(weight);
  end

  // Stages 1 and 2: decays. Stage 3: the current. Stage 4: the membrane's sum.
  logic signed [S-1:0] faded_c2, faded_v2, faded_v3;
  logic [15:0] power;
  assign power = 16'd1 << weight_shift;
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

  // A sum fits if all bits above the sign are as the sign.
  logic signed [WIDE-1:0] current_sum3;
  logic signed [S+1:0] membrane_sum;
  logic current_fits, membrane_fits;
  logic signed [S-1:0] u4;
  assign current_fits  = current_sum3[WIDE-1:S-1] == '0 || current_sum3[WIDE-1:S-1] == '1;
  assign c3 = current_fits ? current_sum3[S-1:0] : {current_sum3[WIDE-1], {(S - 1) {!current_sum3[WIDE-1]}}};
  assign membrane_sum  = (S + 2)'(faded_v3) + (S + 2)'(c3) + (S + 2)'(bias3);
  assign membrane_fits = membrane_sum[S+1:S-1] == '0 || membrane_sum[S+1:S-1] == '1;

  logic signed [S:0] level4;  // threshold + h
  logic wide4, clipped4;
  logic [S-2:0] h3;
  always_ff @(posedge clk) begin
    // A shift as a product with a power of two: a multiplier and its adder, not a shifter.
    current_sum3 <= a2 * $signed({2'b0, power}) + WIDE'(faded_c2);
    faded_v3 <= faded_v2;
    u4 <= membrane_fits ? membrane_sum[S-1:0] : {membrane_sum[S+1], {(S - 1) {!membrane_sum[S+1]}}};
    clipped4 <= !membrane_fits;
    wide4 <= !current_fits;
    level4 <= (S + 1)'(threshold3) + (S + 1)'($signed({1'b0, h3}));
  end

  // Stage 4: does it fire.
  logic signed [S+1:0] excess;
  logic held, fires4;
  assign excess = (S + 2)'(u4) - (S + 2)'(level4);
  assign held = left4 != '0;
  assign fires4 = !held && !excess[S+1] && excess != '0;
  assign saturated = {sweeps[4] && wide4, sweeps[4] && clipped4 && !held};
  always_comb begin
    refractory_next = '0;
    if (held) refractory_next = left4 - 1'b1;
    else if (fires4) refractory_next = refractory4;
  end
  always_ff @(posedge clk) begin
    keep5 <= held;
    left5 <= refractory_next;
    fires <= fires4;
    v5 <= u4;
    // What is above the threshold is positive.
    if (fires4) v5 <= !subtract4 ? reset4 : excess[S] || excess[S-1] ? {1'b0, {(S - 1) {1'b1}}} : excess[S-1:0];
  end

  // The adaptation h: read with the membrane, raised in stage 4, written in stage 5.
  logic signed [S-1:0] adapted;
  generate
    if (ADAPTATION != 0) begin : adapts
      logic [S-2:0] h1, h2, h5;
      logic [S-1:0] faded_h2, faded_h3, faded_h4;
      hwf_ram #(
          .DEPTH(WORDS),
          .WIDTH(S - 1)
      ) adaptations (
          .clk,
          .write(sweeps[5] || writes(ADAPTED)),
          .write_address(sweeps[5] ? place5 : place),
          .write_data(sweeps[5] ? h5 : host_data[S-2:0]),
          .read_address(place),
          .read_data(h1)
      );
      hwf_fade #(
          .BITS(S)
      ) fade_adaptation (
          .clk,
          .q({1'b0, h1}),
          .d(adaptation_decay),
          .y(faded_h2)
      );
      logic [S-1:0] raised;
      assign raised = {1'b0, faded_h4[S-2:0]} + {1'b0, adaptation_step};
      always_ff @(posedge clk) begin
        h2 <= h1;
        h3 <= h2;
        faded_h3 <= faded_h2;
        faded_h4 <= faded_h3;
        h5 <= !fires4 ? faded_h4[S-2:0] : raised[S-1] ? '1 : raised[S-2:0];
      end
      assign adapted = {1'b0, h1};
      logic unused;
      assign unused = &{1'b0, faded_h4[S-1]};
    end else begin : does_not_adapt
      assign h3 = '0;
      assign adapted = '0;
      logic unused;
      assign unused = &{1'b0, adaptation_decay, adaptation_step};
    end
  endgenerate

  always_comb
    case (host_field)
      MEMBRANE:   host_read = 32'(v1);
      CURRENT:    host_read = 32'(c1);
      ADAPTED:    host_read = 32'(adapted);
      LEFT:       host_read = 32'(left4);
      THRESHOLD:  host_read = 32'(threshold3);
      LEAK:       host_read = 32'(leak1);
      DECAY:      host_read = 32'(decay1);
      BIAS:       host_read = 32'(bias3);
      RESET:      host_read = 32'(reset4);
      REFRACTORY: host_read = 32'(refractory4);
      SUBTRACT:   host_read = 32'(subtract4);
      default:    host_read = '0;
    endcase
endmodule
