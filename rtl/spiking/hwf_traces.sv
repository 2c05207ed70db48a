// The traces x of the sources and y of the neurons (docs/neuron.md), and how they are raised at the end of a tick.
//
// x1 is the word `index` of LANES sources, y1 the word `word` of LANES neurons, of the cycle before. `raise` raises x of the
// word of its cycle, by spike1 of the next one, a bit or with GRADED a value a lane; they are written 3 cycles after `raise`. raise5 names neurons whose y is
// raised by fires6 in the next cycle: those of the units' step5, UNITS a cycle; they are written 3 cycles after raise5.
// y6 are the traces of the neurons of step5 in the cycle after raise5, before they are raised. While `ends`, they are all raised
// to zero. While `told`, every trace is raised to the host's; the host writes one lane, to an index or word that has been the same
// for 4 cycles. A reset changes nothing: what was named is still written.
//
// AXONS .. GRADED  as of the core; UNITS  neurons that step in a cycle
module hwf_traces #(
    parameter int AXONS = 8,
    parameter int NEURONS = 8,
    parameter int LANES = 4,
    parameter int UNITS = 2,
    parameter int TRACE_BITS = 8,
    parameter int GRADED = 0,
    localparam int VALUE = GRADED != 0 ? 8 : 1,
    localparam int WORDS = (AXONS + NEURONS) / LANES,
    localparam int INDEX = WORDS > 1 ? $clog2(WORDS) : 1,
    localparam int ROWS = NEURONS / LANES,
    localparam int WORD = ROWS > 1 ? $clog2(ROWS) : 1,
    localparam int STEP = NEURONS / UNITS > 1 ? $clog2(NEURONS / UNITS) : 1
) (
    input  logic                             clk,
    input  logic                             rst,
    input  logic                             rectangular,
    input  logic                             nearest,
    input  logic [     15:0]                 pre_decay,
    input  logic [     15:0]                 post_decay,
    input  logic [TRACE_BITS-1:0]            pre_step,
    input  logic [TRACE_BITS-1:0]            post_step,
    input  logic [INDEX-1:0]                 index,
    input  logic                             raise,
    input  logic [LANES-1:0][     VALUE-1:0] spike1,
    output logic [LANES-1:0][TRACE_BITS-1:0] x1,
    input  logic [ WORD-1:0]                 word,
    input  logic                             raise5,
    input  logic [ STEP-1:0]                 step5,
    input  logic [UNITS-1:0]                 fires6,
    output logic [LANES-1:0][TRACE_BITS-1:0] y1,
    output logic [UNITS-1:0][TRACE_BITS-1:0] y6,
    input  logic                             ends,
    input  logic                             told,       // by the host
    input  logic                             write_x,
    input  logic                             write_y,
    input  logic [LANES-1:0]                 host_lane,
    input  logic [TRACE_BITS-1:0]            host_data
);
  localparam int PARTS = LANES / UNITS, PART = PARTS > 1 ? $clog2(PARTS) : 1;
  localparam int LANE = LANES > 1 ? $clog2(LANES) : 1;

  logic set;  // whatever they are
  assign set = told || ends;
  logic [3:1] x_raises;
  logic [3:1][INDEX-1:0] x_words;
  logic [8:6] y_raises;
  logic [8:6][WORD-1:0] y_words;
  logic [8:6][PART-1:0] parts;
  logic [WORD-1:0] y_word;
  assign y_word = raise5 ? WORD'(step5 / STEP'(PARTS)) : word;
  always_ff @(posedge clk) begin
    x_raises <= {x_raises[2:1], raise};
    x_words  <= {x_words[2:1], index};
    y_raises <= {y_raises[7:6], raise5};
    y_words  <= {y_words[7:6], y_word};
    parts    <= {parts[7:6], PART'(PARTS > 1 ? step5 : '0)};
  end

  logic [UNITS-1:0][TRACE_BITS-1:0] y8;
  generate
    for (genvar l = 0; l < LANES; l++) begin : lane
      logic [TRACE_BITS-1:0] x3;
      logic [VALUE-1:0] raising;
      if (GRADED != 0) begin : graded
        assign raising = spike1[l] | 8'(set);
      end else begin : plain
        assign raising = spike1[l] || set;
      end
      hwf_ram #(
          .DEPTH(WORDS),
          .WIDTH(TRACE_BITS)
      ) xs (
          .clk,
          .write(x_raises[3] || (write_x && host_lane[l])),
          .write_address(x_words[3]),
          .write_data(x3),
          .read_address(index),
          .read_data(x1[l])
      );
      hwf_trace #(
          .BITS  (TRACE_BITS),
          .GRADED(GRADED)
      ) raise_x (
          .clk,
          .rectangular,
          .nearest(nearest || set),
          .decay(pre_decay),
          .step(told ? host_data : ends ? '0 : pre_step),
          .q1(x1[l]),
          .spike1(raising),
          .raised3(x3)
      );
      logic mine;
      assign mine = PARTS == 1 || parts[8] == PART'(l / UNITS);
      hwf_ram #(
          .DEPTH(ROWS),
          .WIDTH(TRACE_BITS)
      ) ys (
          .clk,
          .write((y_raises[8] && mine) || (write_y && host_lane[l])),
          .write_address(y_words[8]),
          .write_data(y8[l%UNITS]),
          .read_address(y_word),
          .read_data(y1[l])
      );
    end
    for (genvar k = 0; k < UNITS; k++) begin : unit
      logic [LANE-1:0] source;
      assign source = PARTS > 1 ? LANE'(32'(parts[6]) * UNITS + k) : LANE'(k);
      assign y6[k]  = y1[source];
      hwf_trace #(
          .BITS(TRACE_BITS)
      ) raise_y (
          .clk,
          .rectangular,
          .nearest(nearest || set),
          .decay(post_decay),
          .step(told ? host_data : ends ? '0 : post_step),
          .q1(y6[k]),
          .spike1(fires6[k] || set),
          .raised3(y8[k])
      );
    end
  endgenerate

`ifndef SYNTHESIS
  a_host_writes_no_trace_while_one_is_raised :
  assert property (@(posedge clk) disable iff (rst) write_x || write_y |-> x_raises == '0 && y_raises == '0);
`endif
endmodule
