// The axons that have a spike in the coming tick: a list, each once, and a bit for each.
//
// s takes an axon's number, in 2 cycles; a number beyond AXONS is dropped. The list is read from its head by `take`: `axon`
// is there as long as `waiting` is high, and 2 cycles after a `take` it is the next; `restart` forgets the list. The bits
// are read by words of LANES: `bits` is the word at `place` of the cycle before, and `wipe` clears the word at `place` in the
// cycle after. `clear` forgets everything in AXONS / LANES cycles.
//
// AXONS, LANES  of the core
module hwf_axons #(
    parameter int AXONS = 16,
    parameter int LANES = 2,
    localparam int WORDS = AXONS / LANES,
    localparam int PLACE = WORDS > 1 ? $clog2(WORDS) : 1,
    localparam int NUMBER = AXONS > 1 ? $clog2(AXONS) : 1
) (
    input  logic              clk,
    input  logic              rst,
    input  logic              clear,
    input  logic              s_valid,
    output logic              s_ready,
    input  logic [      11:0] s_data,
    input  logic              restart,
    input  logic              take,
    output logic              waiting,
    output logic [NUMBER-1:0] axon,
    input  logic [ PLACE-1:0] place,
    input  logic              wipe,
    output logic [ LANES-1:0] bits
);
  localparam int TURN = LANES > 1 ? $clog2(LANES) : 1;
  localparam logic [1:0] IDLE = 0, SET = 2, CLEAR = 3;

  generate
    if ((LANES & (LANES - 1)) != 0 || AXONS < 1 || AXONS > 4096 || AXONS % LANES != 0) begin : bad_sizes
      $error("hwf_axons: LANES is a power of two that divides AXONS, which are 1 to 4096.");
    end
  endgenerate

  logic [1:0] state;
  logic clearing;
  logic [NUMBER:0] count, head;
  logic [PLACE-1:0] sweep, word;
  logic known, beyond;
  logic [LANES-1:0] mask, found;
  assign clearing = state == CLEAR;
  assign word = PLACE'(s_data / 12'(LANES));
  assign beyond = 32'(s_data) >= AXONS;
  generate
    if (LANES > 1) begin : some
      assign mask = LANES'(1) << s_data[TURN-1:0];
    end else begin : one
      assign mask = 1'b1;
    end
  endgenerate
  assign known   = (found & mask) != '0;
  assign s_ready = state == SET || (state == IDLE && s_valid && beyond);

  logic append, wipe1;
  logic [PLACE-1:0] place1;
  always_ff @(posedge clk) begin
    wipe1  <= wipe;
    place1 <= place;
  end
  assign append = state == SET && !known;
  hwf_ram #(
      .DEPTH(WORDS),
      .WIDTH(LANES)
  ) set (
      .clk,
      .write(append || wipe1 || clearing),
      .write_address(clearing ? sweep : wipe1 ? place1 : word),
      .write_data(append ? found | mask : '0),
      .read_address(state == IDLE && s_valid ? word : place),
      .read_data(found)
  );
  assign bits = found;

  hwf_ram #(
      .DEPTH(AXONS),
      .WIDTH(NUMBER)
  ) list (
      .clk,
      .write(append),
      .write_address(count[NUMBER-1:0]),
      .write_data(NUMBER'(s_data)),
      .read_address(head[NUMBER-1:0]),
      .read_data(axon)
  );
  assign waiting = head != count;

  always_ff @(posedge clk) begin
    if (take) head <= head + 1'b1;
    if (append) count <= count + 1'b1;
    sweep <= sweep + 1'b1;
    case (state)
      IDLE: if (s_valid && !beyond) state <= SET;
      SET: state <= IDLE;
      default: if (32'(sweep) == WORDS - 1) state <= IDLE;
    endcase
    if (restart || clear) begin
      head  <= '0;
      count <= '0;
    end
    if (clear) begin
      state <= CLEAR;
      sweep <= '0;
    end
    if (rst) begin
      state <= CLEAR;
      sweep <= '0;
      head  <= '0;
      count <= '0;
    end
  end

`ifndef SYNTHESIS
  a_axon_is_taken_only_if_one_waits :
  assert property (@(posedge clk) disable iff (rst) take |-> waiting);
  an_axon_is_set_only_between_ticks :
  assert property (@(posedge clk) disable iff (rst) append |-> !wipe1 && !restart);
`endif
endmodule
