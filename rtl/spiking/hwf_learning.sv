// What learns: the traces, which synapses are plastic, the change of LANES weights a cycle, the factor of a normalisation.
//
// Everything counts from the cycle, stage 0, that names a word of weights or of traces (hwf_sequence). Of a row or column,
// `beat`, weight1 is there in stage 1, weight2, which is it or else zero, in stage 2, and what it becomes, weight3, in
// stage 3. A row, of a source with a spike, is depressed by the traces y of its neurons, of `word`; a column, of a neuron that
// fired, is potentiated by the traces x of its sources, of `index`. In a normalisation the first walk over a column, without
// `scales`, adds it up, `divide` makes the factor of that (hwf_normaliser), and a second walk, with `scales` high from two
// cycles before it on, applies it.
// hwf_traces says how `raise` and sweep5 raise the traces, and how the host writes them; hwf_weights of which place
// plastic1 is. While the core is not busy, weight3 is what the host writes, if it is a weight.
//
// With `modulated` a column changes by column_gain, and no row changes; `closes` ends a presentation, and the traces with it, if the
// tick learns or the state is `resting`. y6 is as of hwf_traces.
//
// With STOCHASTIC the draws are those of hwf_random: `visited` is the number of the source of a row, or of the neuron of a
// column, and `finish` ends the tick.
//
// STORED as of hwf_weights; AXONS .. GRADED  as of the core; UNITS  neurons that step in a cycle
module hwf_learning #(
    parameter int AXONS = 8,
    parameter int NEURONS = 8,
    parameter int LANES = 4,
    parameter int UNITS = 2,
    parameter int WEIGHT_BITS = 8,
    parameter int TRACE_BITS = 8,
    parameter int SYNAPSE_MASK = 1,
    parameter int NORMALISATION = 1,
    parameter int STOCHASTIC = 0,
    parameter int GRADED = 0,
    parameter int STORED = (AXONS + NEURONS) / LANES * (NEURONS / LANES),
    localparam int VALUE = GRADED != 0 ? 8 : 1,
    localparam int ROWS = NEURONS / LANES,
    localparam int WORDS = AXONS / LANES + ROWS,
    localparam int INDEX = WORDS > 1 ? $clog2(WORDS) : 1,
    localparam int WORD = ROWS > 1 ? $clog2(ROWS) : 1,
    localparam int STEP = NEURONS / UNITS > 1 ? $clog2(NEURONS / UNITS) : 1,
    localparam int HIGH = WORDS * ROWS > 1 ? $clog2(WORDS * ROWS) : 1,
    localparam int TURN = LANES > 1 ? $clog2(LANES) : 1
) (
    input  logic                              clk,
    input  logic                              rst,
    input  hwf_core::learning_t               settings,       // which stay while the core is busy
    // what is named in this cycle
    input  logic                              beat,
    input  logic                              column,
    input  logic                              raise,
    input  logic                              from_axon,      // the source
    input  logic                              scales,
    input  logic [INDEX-1:0]                  index,
    input  logic [ WORD-1:0]                  word,
    input  logic [ HIGH-1:0]                  high,
    input  logic [ TURN-1:0]                  turn,
    input  logic                              there,          // as of the sequence
    input  logic                              may_change,
    input  logic [     13:0]                  visited,
    input  logic                              finish,
    // the third factor
    input  logic                              modulated,
    input  logic                              closes,
    input  logic                              resting,
    input  logic [     16:0]                  column_gain,    // from the first beat of a column until the second cycle after its last
    output logic [UNITS-1:0][ TRACE_BITS-1:0] y6,
    // weights, and who has a spike, axons with its value: the axons, or neurons, of the word named in the cycle before
    input  logic [LANES-1:0][WEIGHT_BITS-1:0] weight1,
    output logic [LANES-1:0][WEIGHT_BITS-1:0] weight2,
    output logic [LANES-1:0][WEIGHT_BITS-1:0] weight3,
    input  logic [LANES-1:0][      VALUE-1:0] axon_bits,
    input  logic [LANES-1:0]                  fired_before,
    // which neurons fire
    input  logic                              sweep5,
    input  logic [ STEP-1:0]                  step5,
    input  logic [UNITS-1:0]                  fires6,
    // normalisation
    input  logic                              restart,
    input  logic                              divide,
    // host
    input  logic                              told,           // the core is not busy
    input  logic                              host_weight,    // what the host names is a weight
    input  logic                              write_plastic,
    input  logic                              write_x,
    input  logic                              write_y,
    input  logic                              write_low,      // of the state of the draws
    input  logic                              write_high,
    input  logic [ TURN-1:0]                  host_lane,
    // verilator lint_off UNUSEDSIGNAL
    input  logic [     31:0]                  host_data,      // what is outside a value's width is cut off
    // verilator lint_on UNUSEDSIGNAL
    output logic [     62:0]                  random,
    output logic [LANES-1:0]                  plastic1,
    output logic [LANES-1:0][ TRACE_BITS-1:0] x1,
    output logic [LANES-1:0][ TRACE_BITS-1:0] y1
);
  logic [2:1] beats, columns, axon_sides, scale;
  always_ff @(posedge clk) begin
    beats <= {beats[1], beat};
    columns <= {columns[1], column};
    axon_sides <= {axon_sides[1], from_axon};
    scale <= {scale[1], NORMALISATION != 0 && scales};
  end

  // Which synapses are plastic.
  logic [LANES-1:0] mask1, mask2, plastic2;
  logic may_change1;
  generate
    if (SYNAPSE_MASK != 0) begin : mask
      hwf_weights #(
          .SOURCES(AXONS + NEURONS),
          .ROWS(ROWS),
          .LANES(LANES),
          .BITS(1),
          .STORED(STORED)
      ) plastic (
          .clk,
          .column,
          .high,
          .turn,
          .there,
          .level('0),
          .itself(1'b0),
          .read1(mask1),
          .write3(write_plastic ? LANES'(1) << host_lane : '0),
          .data3({LANES{host_data[0]}})
      );
    end else begin : no_mask
      assign mask1 = '1;
      logic unused;
      assign unused = &{1'b0, high, turn, there, write_plastic};
    end
  endgenerate
  assign plastic1 = mask1 & {LANES{may_change1}};
  always_ff @(posedge clk) begin
    may_change1 <= may_change;
    mask2 <= plastic1;
  end
  assign plastic2 = mask2 & {LANES{axon_sides[2] ? settings.plastic_axons : settings.plastic_neurons}};

  logic [LANES-1:0][VALUE-1:0] spike1;
  generate
    if (GRADED != 0) begin : values
      for (genvar l = 0; l < LANES; l++) begin : lane
        assign spike1[l] = axon_sides[1] ? axon_bits[l] : 8'(fired_before[l]);
      end
    end else begin : spikes
      assign spike1 = axon_sides[1] ? axon_bits : fired_before;
    end
  endgenerate
  hwf_traces #(
      .AXONS(AXONS),
      .NEURONS(NEURONS),
      .LANES(LANES),
      .UNITS(UNITS),
      .TRACE_BITS(TRACE_BITS),
      .GRADED(GRADED)
  ) traces (
      .clk,
      .rst,
      .rectangular(settings.rectangular),
      .nearest(settings.nearest),
      .pre_decay(settings.pre_decay),
      .post_decay(settings.post_decay),
      .pre_step(settings.pre_step[TRACE_BITS-1:0]),
      .post_step(settings.post_step[TRACE_BITS-1:0]),
      .index,
      .raise,
      .spike1,
      .x1,
      .word,
      .raise5(sweep5 && (settings.learn || resting)),
      .step5,
      .fires6,
      .y1,
      .y6,
      .ends(closes),
      .told,
      .write_x,
      .write_y,
      .host_lane(LANES'(1) << host_lane),
      .host_data(host_data[TRACE_BITS-1:0])
  );

  // The change of the weights.
  logic by_x, written;
  logic [15:0] factor;
  logic signed [16:0] gain;
  logic signed [WEIGHT_BITS-1:0] weight_min;
  assign by_x = columns[1] || columns[2];
  assign written = told && host_weight;
  always_comb
    if (scale[2]) gain = {1'b0, factor};
    else if (modulated) gain = column_gain;
    else gain = 17'(by_x ? settings.potentiation : settings.depression);
  assign weight_min = written ? host_data[WEIGHT_BITS-1:0] : settings.weight_min[WEIGHT_BITS-1:0];
  logic [LANES-1:0][15:0] draw2;
  generate
    if (STOCHASTIC != 0) begin : drawing
      localparam int MOST = AXONS > NEURONS ? AXONS : NEURONS, NUMBER = MOST > 1 ? $clog2(MOST) : 1;
      localparam int DRAW_WORD = NUMBER > $clog2(LANES) ? NUMBER - $clog2(LANES) : 1;
      logic [DRAW_WORD-1:0] draw_word;
      assign draw_word = DRAW_WORD'(!column ? INDEX'(word) : from_axon ? index : index - INDEX'(AXONS / LANES));
      hwf_random #(
          .LANES (LANES),
          .NUMBER(NUMBER)
      ) draws (
          .clk,
          .column,
          .from_axon,
          .visited(visited[NUMBER-1:0]),
          .word(draw_word),
          .draw2,
          .advance(finish && settings.learn && settings.stochastic),
          .write_low,
          .write_high,
          .data(host_data),
          .state(random)
      );
    end else begin : not_drawing
      assign draw2  = '0;
      assign random = '0;
      logic unused;
      assign unused = &{1'b0, finish, write_low, write_high, from_axon};
    end
    for (genvar l = 0; l < LANES; l++) begin : lane
      hwf_plasticity #(
          .WEIGHT_BITS(WEIGHT_BITS),
          .TRACE_BITS (TRACE_BITS),
          .STOCHASTIC (STOCHASTIC)
      ) plasticity (
          .clk,
          .stochastic(settings.stochastic),
          .draw2(draw2[l]),
          .written,
          .scales(scale[2]),
          .rectangular(settings.rectangular),
          .gain,
          .weight_min,
          .weight_max(settings.weight_max[WEIGHT_BITS-1:0]),
          .trace1(by_x ? x1[l] : y1[l]),
          .weight1(weight1[l]),
          .beat1(beats[1]),
          .plastic2(plastic2[l]),
          .weight2(weight2[l]),
          .weight3(weight3[l])
      );
    end
    if (NORMALISATION != 0) begin : normalising
      hwf_normaliser #(
          .AXONS(AXONS),
          .LANES(LANES),
          .WEIGHT_BITS(WEIGHT_BITS)
      ) normaliser (
          .clk,
          .restart,
          .add(beats[2] && !scale[2]),
          .plastic(plastic2),
          .weight(weight2),
          .divide,
          .target(settings.target),
          .factor
      );
    end else begin : not_normalising
      assign factor = '0;
      logic unused;
      assign unused = &{1'b0, scales, beats, restart, divide};
    end
  endgenerate

  logic unused_settings;
  assign unused_settings = &{1'b0, settings, visited};
endmodule
