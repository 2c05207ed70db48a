// Reads stimuli from bytes (docs/neuron.md, STREAM): sets the axons that have a spike, and then says that a tick is whole.
//
// A tick is a byte n and then: n <= 253, n axon numbers (1 byte each for AXONS <= 256, else 2); n = 254, 2 bytes: so many
// ticks without a spike; n = 255, a bit for each axon. Numbers >= AXONS are left to the core, which ignores them.
// Throughput: a byte a cycle; a byte of bits takes 8. s_ready follows axon_ready in the same cycle.
//
// waiting   high while a tick is to be carried out; no byte is taken meanwhile
// start     for one cycle, while `waiting`: it is being carried out; the spikes set so far were its
//
// AXONS     1 to 4096
module hwf_stimuli #(
    parameter int AXONS = 8
) (
    input  logic        clk,
    input  logic        rst,
    input  logic        s_valid,
    output logic        s_ready,
    input  logic [ 7:0] s_data,
    output logic        axon_valid,
    input  logic        axon_ready,
    output logic [11:0] axon,
    output logic        waiting,
    input  logic        start
);
  localparam logic [2:0] COUNT = 0, LOW = 1, NUMBER = 2, REPEAT_LOW = 3, REPEAT_HIGH = 4, BITS = 5, TICKS = 6;
  localparam logic [7:0] REPEAT = 8'd254, BITMAP = 8'd255;
  localparam logic [15:0] LAST_BIT = 16'((AXONS + 7) / 8 * 8 - 1);
  localparam logic [2:0] FIRST_BYTE = AXONS > 256 ? LOW : NUMBER;  // of an axon's number

  generate
    if (AXONS < 1 || AXONS > 4096) begin : bad_size
      $error("hwf_stimuli: AXONS is 1 to 4096.");
    end
  endgenerate

  logic [2:0] state;
  // Of numbers and ticks, how many are left, inverted; of bits, the axon. So it only ever counts up.
  logic [15:0] place;
  logic taken, last, whole_byte, passed, too_high;
  assign taken = s_valid && s_ready;
  assign last = place == 16'hFFFE;
  assign whole_byte = place[2:0] == '1;
  assign passed = !axon_valid || axon_ready;  // of bits: that of `place`

  generate
    if (AXONS > 256) begin : wide
      logic [7:0] low;
      assign axon = state == BITS ? place[11:0] : {s_data[3:0], low};
      assign too_high = s_data[7:4] != '0;
      always_ff @(posedge clk) if (state == LOW) low <= s_data;
    end else begin : narrow
      assign axon = {4'd0, state == BITS ? place[7:0] : s_data};
      assign too_high = 1'b0;
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
      default: ;
    endcase
  end
  assign waiting = state == TICKS;

  always_ff @(posedge clk) begin
    case (state)
      COUNT:
      if (taken) begin
        place <= {8'hFF, ~s_data};
        state <= FIRST_BYTE;
        if (s_data == '0) begin
          place <= 16'hFFFE;
          state <= TICKS;
        end
        if (s_data == REPEAT) state <= REPEAT_LOW;
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
        state <= REPEAT_HIGH;
      end
      REPEAT_HIGH:
      if (taken) begin
        place[15:8] <= ~s_data;
        state <= (s_data == '0 && place[7:0] == '1) ? COUNT : TICKS;
      end
      BITS:
      if (s_valid && passed) begin
        place <= place + 1'b1;
        if (place == LAST_BIT) begin
          place <= 16'hFFFE;
          state <= TICKS;
        end
      end
      default:  // TICKS
      if (start) begin
        place <= place + 1'b1;
        if (last) state <= COUNT;
      end
    endcase
    if (rst) state <= COUNT;
  end

`ifndef SYNTHESIS
  only_a_waiting_tick_is_started :
  assert property (@(posedge clk) disable iff (rst) start |-> waiting);
  something_is_left_while_it_waits :
  assert property (@(posedge clk) disable iff (rst) waiting || state == NUMBER |-> place != '1);
  an_axon_waits_for_the_core :
  assert property (@(posedge clk) disable iff (rst) axon_valid && !axon_ready |=> axon_valid && $stable(axon));
`endif
endmodule
