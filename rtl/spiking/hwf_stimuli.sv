// Reads stimuli from bytes (docs/neuron.md, STREAM): sets the axons that have a spike, and then says that a tick is whole.
//
// A tick is a byte n and then: n <= 251 or n = 253, n axon numbers (1 byte each for AXONS <= 256, else 2); n = 254, 2 bytes: so many
// ticks without a spike; n = 255, a bit for each axon. With GRADED n = 253 is no list: 2 bytes, k, then k bytes, the values of the first
// axons, 0 for none. n = 252 is no tick, but an order: a byte, of which the lowest bits are its flags. Numbers >= AXONS are left to the core, which ignores them. axon_value is 1 but of the axons of a tick of values.
// Throughput: a byte a cycle; a byte of bits takes 8. s_ready follows axon_ready in the same cycle.
//
// waiting   high while a tick, or what is `ordered`, is to be carried out; no byte is taken meanwhile
// start     for one cycle, while `waiting`: it is being carried out; the spikes set so far were its
//
// AXONS     1 to 16383
// GRADED    0 or 1, as of the core
module hwf_stimuli #(
    parameter int AXONS = 8,
    parameter int GRADED = 0
) (
    input  logic        clk,
    input  logic        rst,
    input  logic        s_valid,
    output logic        s_ready,
    input  logic [ 7:0] s_data,
    output logic        axon_valid,
    input  logic        axon_ready,
    output logic [13:0] axon,
    output logic [ 7:0] axon_value,
    output logic        waiting,
    output logic        ordered,
    output logic [ 2:0] flags,
    input  logic        start
);
  localparam logic [2:0] COUNT = 0, LOW = 1, NUMBER = 2, REPEAT_LOW = 3, REPEAT_HIGH = 4, BITS = 5, TICKS = 6,
      VALUES = 7;
  localparam logic [7:0] ORDER = 8'd252, GRADES = 8'd253, REPEAT = 8'd254, BITMAP = 8'd255;
  localparam logic [15:0] LAST_BIT = 16'((AXONS + 7) / 8 * 8 - 1);
  localparam logic [2:0] FIRST_BYTE = AXONS > 256 ? LOW : NUMBER;  // of an axon's number

  generate
    if (AXONS < 1 || AXONS > 16383) begin : bad_size
      $error("hwf_stimuli: AXONS is 1 to 16383.");
    end
  endgenerate

  logic [2:0] state;
  // Of numbers, values and ticks, how many are left, inverted; of bits, the axon. So it only ever counts up. Of an order its byte, inverted.
  logic [15:0] place;
  logic taken, last, whole_byte, passed, too_high;
  assign taken = s_valid && s_ready;
  assign last = place == 16'hFFFE;
  assign whole_byte = place[2:0] == '1;
  assign passed = !axon_valid || axon_ready;  // of bits: that of `place`

  // The axon of a bit or of a list.
  logic [13:0] named;
  generate
    if (AXONS > 256) begin : wide
      logic [7:0] low;
      assign named = state == BITS ? place[13:0] : {s_data[5:0], low};
      assign too_high = s_data[7:6] != '0;
      always_ff @(posedge clk) if (state == LOW) low <= s_data;
    end else begin : narrow
      assign named = {6'd0, state == BITS ? place[7:0] : s_data};
      assign too_high = 1'b0;
    end
  endgenerate

  // With values: `grades` while their number, k, is read, and the axon of the next one, which stops at 2^NUMBER_BITS, none.
  logic grades, some;
  generate
    if (GRADED != 0) begin : graded
      localparam int NUMBER_BITS = AXONS > 1 ? $clog2(AXONS) : 1;
      logic [NUMBER_BITS:0] number;
      assign axon = state == VALUES ? 14'(number) : named;
      assign axon_value = state == VALUES ? s_data : 8'd1;
      assign some = s_data != '0 && !number[NUMBER_BITS];
      always_ff @(posedge clk) begin
        if (state == COUNT) grades <= s_data == GRADES;
        if (state != VALUES) number <= '0;
        else if (taken && !number[NUMBER_BITS]) number <= number + 1'b1;
      end
    end else begin : plain
      assign axon = named;
      assign axon_value = 8'd1;
      assign {grades, some} = '0;
    end
  endgenerate

  always_comb begin
    axon_valid = 1'b0;
    s_ready = 1'b1;
    case (state)
      NUMBER: begin
        axon_valid = s_valid && !too_high;
        s_ready = passed;
      end
      BITS: begin
        axon_valid = s_valid && s_data[place[2:0]];
        s_ready = passed && whole_byte;
      end
      TICKS: s_ready = 1'b0;
      VALUES:
      if (GRADED != 0) begin
        axon_valid = s_valid && some;
        s_ready = passed;
      end
      default: ;
    endcase
  end
  assign waiting = state == TICKS;
  assign flags   = ~place[2:0];

  always_ff @(posedge clk) begin
    if (state == COUNT) ordered <= s_data == ORDER;
    case (state)
      COUNT:
      if (taken) begin
        place <= {8'hFF, ~s_data};
        state <= FIRST_BYTE;
        if (s_data == '0) begin
          place <= 16'hFFFE;
          state <= TICKS;
        end
        if (s_data == ORDER || s_data == REPEAT || (GRADED != 0 && s_data == GRADES)) state <= REPEAT_LOW;
        if (s_data == BITMAP) begin
          place <= '0;
          state <= BITS;
        end
      end
      LOW: if (taken) state <= NUMBER;
      NUMBER:
      if (taken) begin
        place <= place + 1'b1;
        state <= FIRST_BYTE;
        if (last) begin
          place <= place;
          state <= TICKS;
        end
      end
      REPEAT_LOW:
      if (taken) begin
        place[7:0] <= ~s_data;
        state <= ordered ? TICKS : REPEAT_HIGH;
      end
      REPEAT_HIGH:
      if (taken) begin
        place[15:8] <= ~s_data;
        state <= (s_data == '0 && place[7:0] == '1) ? COUNT : TICKS;
        if (grades && s_data == '0 && place[7:0] == '1) begin  // a tick without values
          place <= 16'hFFFE;
          state <= TICKS;
        end else if (grades) state <= VALUES;
      end
      BITS:
      if (s_valid && passed) begin
        place <= place + 1'b1;
        if (place == LAST_BIT) begin
          place <= 16'hFFFE;
          state <= TICKS;
        end
      end
      VALUES:
      if (GRADED != 0 && taken) begin
        place <= place + 1'b1;
        if (last) begin
          place <= place;
          state <= TICKS;
        end
      end
      default:  // TICKS
      if (start) begin
        place <= place + 1'b1;
        if (last || ordered) state <= COUNT;
      end
    endcase
    if (rst) state <= COUNT;
  end

`ifndef SYNTHESIS
  only_a_waiting_tick_is_started :
  assert property (@(posedge clk) disable iff (rst) start |-> waiting);
  something_is_left_while_it_waits :
  assert property (@(posedge clk) disable iff (rst) (waiting && !ordered) || state == NUMBER || state == VALUES |-> place != '1);
  an_axon_waits_for_the_core :
  assert property (@(posedge clk) disable iff (rst) axon_valid && !axon_ready |=> axon_valid && $stable(axon));
`endif
endmodule
