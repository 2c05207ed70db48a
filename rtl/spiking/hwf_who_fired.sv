// Who fired in this tick and in the one before, in words of LANES neurons: two halves of a memory that change places.
//
// step6 gives, by fires6, whether the UNITS neurons of step `index6` fire, a word's in cycles in a row. In the cycle of its last
// step `whole6` is high, with the word, word6, and its place, place6. `fired_before` is the word, of the tick before, that
// read_word named in the cycle before. After `finish` the tick before is this one. `write` sets a neuron of the tick before
// to host_bit: that of host_lane in the word `word`, which fired_before is; read_word is `word` then. With `forget` high during the
// steps, nobody is kept as having fired.
//
// NEURONS, LANES  of the core; UNITS  neurons that step in a cycle
module hwf_who_fired #(
    parameter int NEURONS = 16,
    parameter int LANES = 4,
    parameter int UNITS = 2,
    localparam int ROWS = NEURONS / LANES,
    localparam int WORD = ROWS > 1 ? $clog2(ROWS) : 1,
    localparam int STEP = NEURONS / UNITS > 1 ? $clog2(NEURONS / UNITS) : 1
) (
    input  logic             clk,
    input  logic             rst,
    input  logic             finish,
    input  logic             forget,
    input  logic             step6,
    input  logic [ STEP-1:0] index6,
    input  logic [UNITS-1:0] fires6,
    output logic             whole6,
    output logic [ WORD-1:0] place6,
    output logic [LANES-1:0] word6,
    input  logic [ WORD-1:0] read_word,
    output logic [LANES-1:0] fired_before,
    input  logic             write,
    input  logic [ WORD-1:0] word,
    input  logic [LANES-1:0] host_lane,
    input  logic             host_bit
);
  localparam int PARTS = LANES / UNITS, PART = PARTS > 1 ? $clog2(PARTS) : 1;
  logic newest;  // the half of the tick before
  generate
    if (PARTS > 1) begin : parts
      logic [LANES-UNITS-1:0] known;
      always_ff @(posedge clk) known <= word6[LANES-1:UNITS];
      assign word6  = {fires6, known};
      assign whole6 = step6 && index6[PART-1:0] == '1;
    end else begin : one_part
      assign word6  = fires6;
      assign whole6 = step6;
    end
  endgenerate
  assign place6 = WORD'(index6 / STEP'(PARTS));
  hwf_ram #(
      .DEPTH(2 << WORD),
      .WIDTH(LANES)
  ) kept (
      .clk,
      .write(whole6 || write),
      .write_address(whole6 ? {!newest, place6} : {newest, word}),
      .write_data(whole6 ? word6 & {LANES{!forget}} : host_bit ? fired_before | host_lane : fired_before & ~host_lane),
      .read_address({newest ^ finish, read_word}),
      .read_data(fired_before)
  );
  // As the memory does, it outlives a reset: who fired is still so.
  always_ff @(posedge clk) if (finish) newest <= !newest;

`ifndef SYNTHESIS
  a_host_writes_between_ticks :
  assert property (@(posedge clk) disable iff (rst) write |-> !step6 && !finish);
`endif
endmodule
