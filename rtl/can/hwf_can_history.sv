// Bus load: whether at least so many frames, this one included, began in the last WINDOW microseconds.
//
//     bus       >= 12, 18, 24, 30, 36     all frames
//     unknown   >= 1, 3, 6, 12            frames of identifiers that the table does not hold
//
// Times of the last 64 frames of each kind lie in a ring: there are L frames in the window if and only if the one L - 1
// before this one lies in it. `done` is high from 30 cycles after `start` on, and what it gives holds until the next start,
// which begins anew whatever was looked up.
// `commit` adds the frame to the rings, in 4 cycles, or 7 for an unknown one; then the next start may come.
module hwf_can_history #(
    parameter int WINDOW = 10_000
) (
    input  logic        clk,
    input  logic        rst,
    input  logic        start,
    input  logic        commit,
    input  logic [46:0] now,      // microseconds; holds from start to the end of a commit
    input  logic        known,    // so does this
    output logic        done,
    output logic [ 4:0] bus,      // the lowest level in bit 0
    output logic [ 3:0] unknown
);
  localparam logic [3:0] LAST = 8;

  // The rings, of 4 words a frame, which begin anywhere, and how far they are filled: at most 63 frames.
  (* ram_style = "block" *) logic [15:0] memory[0:511];
  logic [15:0] word;
  logic [1:0][5:0] head, filled;

  // What is looked up: one of nine levels, a word a cycle.
  logic asking, here, storing, ring;
  logic [3:0] level;
  logic [1:0] part, part_here;
  logic [5:0] back;
  always_comb
    case (level)
      4'd0: back = 6'd11;
      4'd1: back = 6'd17;
      4'd2: back = 6'd23;
      4'd3: back = 6'd29;
      4'd4: back = 6'd35;
      4'd5: back = known ? 6'd1 : 6'd0;
      4'd6: back = known ? 6'd3 : 6'd2;
      4'd7: back = known ? 6'd6 : 6'd5;
      default: back = known ? 6'd12 : 6'd11;
    endcase

  logic [8:0] place;
  logic looked_up;
  logic [5:0] slot;
  assign looked_up = asking && level >= 4'd5;
  assign slot = head[storing?ring : looked_up] - (storing ? 6'd0 : back);
  assign place = {storing ? ring : looked_up, slot, part};

  function automatic logic [15:0] part_of(input logic [46:0] moment, input logic [1:0] which);
    case (which)
      2'd0: part_of = moment[15:0];
      2'd1: part_of = moment[31:16];
      default: part_of = {1'b0, moment[46:32]};
    endcase
  endfunction

  always_ff @(posedge clk)
    if (storing) memory[place] <= part_of(now, part);
    else word <= memory[place];

  // now - time, a word at a time: below WINDOW if the lowest is, and the others are nothing.
  logic [15:0] difference;
  logic below, borrow, near, there, self_here;
  logic [8:0] results;
  assign {below, difference} = {1'b0, part_of(now, part_here)} - {1'b0, word} - {16'd0, part_here != 2'd0 && borrow};
  assign bus = results[4:0];
  assign unknown = results[8:5];

  always_ff @(posedge clk) begin
    here <= asking;
    part_here <= part;
    there <= filled[looked_up] >= back;
    self_here <= back == '0;
    if (asking) begin
      part <= part == 2'd2 ? '0 : part + 1'b1;
      if (part == 2'd2) begin
        level  <= level + 1'b1;
        asking <= level != LAST;
      end
    end
    if (here) begin
      borrow <= below;
      near   <= part_here == 2'd0 ? int'(difference) < WINDOW : near && difference == '0;
      if (part_here == 2'd2) results <= {self_here || (there && near && difference == '0), results[8:1]};
    end
    done <= !asking && !here && !start;
    if (storing) begin
      part <= part == 2'd2 ? '0 : part + 1'b1;
      if (part == 2'd2) begin
        head[ring] <= head[ring] + 1'b1;
        if (filled[ring] != '1) filled[ring] <= filled[ring] + 1'b1;
        ring <= 1'b1;
        storing <= !ring && !known;
      end
    end
    if (commit) begin
      storing <= 1'b1;
      ring <= 1'b0;
      part <= '0;
    end
    if (start) begin
      asking <= 1'b1;
      level  <= '0;
      part   <= '0;
    end
    if (rst) begin
      storing <= 1'b0;
      filled <= '0;
    end
  end

`ifndef SYNTHESIS
  a_frame_is_not_looked_up_while_one_is_stored :
  assert property (@(posedge clk) disable iff (rst) !(start && storing));
  a_frame_is_stored_when_all_is_looked_up :
  assert property (@(posedge clk) disable iff (rst) commit |-> done);
`endif
endmodule
