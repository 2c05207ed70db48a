// The axons that have a spike in the coming tick: a list, each once, and a bit for each; with GRADED their values, in place of the bit too.
//
// s takes an axon's number, and the value of its spike, not zero, in 2 cycles; a number beyond AXONS is dropped, and so is one that
// there is already. The list is read from its head by `take`: `axon` and `value`, 1 without GRADED, are there as long as `waiting` is
// high, and 2 cycles after a `take` they are the next one's; `restart` forgets the list. The bits are read by words of LANES: `bits` is
// the word at `place` of the cycle before, and `wipe` clears the word at `place` in the cycle after. `clear` forgets everything in
// AXONS / LANES cycles.
//
// AXONS, LANES, GRADED  of the core
module hwf_axons #(
    parameter int AXONS = 16,
    parameter int LANES = 2,
    parameter int GRADED = 0,
    localparam int VALUE = GRADED != 0 ? 8 : 1,
    localparam int WORDS = AXONS / LANES,
    localparam int PLACE = WORDS > 1 ? $clog2(WORDS) : 1,
    localparam int NUMBER = AXONS > 1 ? $clog2(AXONS) : 1
) (
    input  logic                         clk,
    input  logic                         rst,
    input  logic                         clear,
    input  logic                         s_valid,
    output logic                         s_ready,
    input  logic [      13:0]            s_data,
    input  logic [       7:0]            s_value,
    input  logic                         restart,
    input  logic                         take,
    output logic                         waiting,
    output logic [NUMBER-1:0]            axon,
    output logic [       7:0]            value,
    input  logic [ PLACE-1:0]            place,
    input  logic                         wipe,
    output logic [ LANES-1:0][VALUE-1:0] bits
);
  localparam int TURN = LANES > 1 ? $clog2(LANES) : 1;
  localparam logic [1:0] IDLE = 0, SET = 2, CLEAR = 3;

  generate
    if ((LANES & (LANES - 1)) != 0 || AXONS < 1 || AXONS > 16383 || AXONS % LANES != 0) begin : bad_sizes
      $error("hwf_axons: LANES is a power of two that divides AXONS, which are 1 to 16383.");
    end
  endgenerate

  logic [1:0] state;
  logic clearing;
  logic [NUMBER:0] count, head;
  logic [PLACE-1:0] sweep, word;
  logic known, beyond;
  logic [LANES-1:0][VALUE-1:0] mask, found, mine;
  assign clearing = state == CLEAR;
  assign word = PLACE'(s_data / 14'(LANES));
  assign beyond = 32'(s_data) >= AXONS;
  // The axon's own of the bits that a word has, and its value there.
  generate
    if (GRADED != 0) begin : graded
      for (genvar l = 0; l < LANES; l++) begin : lane
        assign mask[l] = LANES == 1 || TURN'(s_data) == TURN'(l) ? '1 : '0;
        assign mine[l] = mask[l] & s_value;
      end
    end else begin : plain
      if (LANES > 1) begin : some
        assign mask = LANES'(1) << s_data[TURN-1:0];
      end else begin : one
        assign mask = 1'b1;
      end
      assign mine = mask;
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
      .WIDTH(LANES * VALUE)
  ) set (
      .clk,
      .write(append || wipe1 || clearing),
      .write_address(clearing ? sweep : wipe1 ? place1 : word),
      .write_data(append ? found | mine : '0),
      .read_address(state == IDLE && s_valid ? word : place),
      .read_data(found)
  );
  assign bits = found;

  localparam int ENTRY = GRADED != 0 ? NUMBER + 8 : NUMBER;
  logic [ENTRY-1:0] first;
  hwf_ram #(
      .DEPTH(AXONS),
      .WIDTH(ENTRY)
  ) list (
      .clk,
      .write(append),
      .write_address(count[NUMBER-1:0]),
      .write_data(ENTRY'({s_value, NUMBER'(s_data)})),
      .read_address(head[NUMBER-1:0]),
      .read_data(first)
  );
  assign axon = first[NUMBER-1:0];
  generate
    if (GRADED != 0) begin : with_value
      assign value = first[NUMBER+:8];
    end else begin : without_value
      assign value = 8'd1;
    end
  endgenerate
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
  an_axon_that_is_set_has_a_value :
  assert property (@(posedge clk) disable iff (rst) append |-> s_value != '0);
`endif
endmodule
