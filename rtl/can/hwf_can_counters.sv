// 32 counts of 32 bits in one memory; each wraps. An event waits in `pending` until its count was raised, at most 96 cycles;
// the same one must not come twice before that. At reset all are cleared, in 32 cycles.
//
// `count` is the count at `address` from 2 cycles after `hold` rose or the address changed, as long as `held`; meanwhile
// events wait.
module hwf_can_counters (
    input  logic        clk,
    input  logic        rst,
    input  logic [31:0] events,
    input  logic        hold,
    output logic        held,
    input  logic [ 4:0] address,
    output logic [31:0] count
);
  localparam logic [1:0] CLEAR = 0, LOOK = 1, RAISE = 2, HELD = 3;

  logic [31:0] memory[0:31];
  logic [1:0] state;
  logic [4:0] place, read_place;
  logic [31:0] pending;
  logic raises;
  assign held = state == HELD;
  assign read_place = held ? address : place;
  assign raises = state == RAISE;

  always_ff @(posedge clk) begin
    if (state == CLEAR || raises) memory[place] <= state == CLEAR ? '0 : count + 1'b1;
    // What is being written is never read: saying so spares the logic that would keep the old word.
    count <= (state == CLEAR || raises) && read_place == place ? 'x : memory[read_place];
  end

  always_ff @(posedge clk) begin
    pending <= (raises ? pending & ~(32'd1 << place) : pending) | events;
    case (state)
      CLEAR: begin
        place <= place + 1'b1;
        if (place == '1) state <= LOOK;
      end
      LOOK:
      if (hold) state <= HELD;
      else if (pending[place]) state <= RAISE;
      else place <= place + 1'b1;
      RAISE: begin
        place <= place + 1'b1;
        state <= LOOK;
      end
      default: if (!hold) state <= LOOK;  // HELD
    endcase
    if (rst) begin
      state <= CLEAR;
      place <= '0;
      pending <= '0;
    end
  end

`ifndef SYNTHESIS
  an_event_is_counted_before_it_comes_again :
  assert property (@(posedge clk) disable iff (rst)
    (events & pending) == '0 || (raises && (events & pending) == 32'd1 << place));
`endif
endmodule
