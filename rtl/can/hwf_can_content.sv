// What a frame's payload says, byte by byte as it comes, against the identifier's last frame, its trusted one and its habits.
//
//     changed   bits that differ from the last frame; calm: slow ones of these
//     slow      slow bits that differ from the trusted frame; stuck: fast bits that do not
//     strange   still bits that are not what they always were
//     jump      bytes that differ more from the trusted frame than they ever did between two frames
//     likely    the frame continues the trusted one or the last one, as far as its content goes: see features.py
//
// Of an identifier that was never seen nothing differs. Five words a byte are asked for, one a cycle, of the words 32 to
// 59 of the identifier's block, as soon as the byte is `available`; `done` is high from 2 cycles after byte 7's last on.
// The results hold until the next start, which begins anew whatever was under way.
module hwf_can_content (
    input  logic       clk,
    input  logic       start,
    input  logic       seen,       // the identifier had a frame before
    input  logic       late_gap,   // half a period or more since the last frame
    input  logic       late_age,   // the same since the trusted one
    input  logic [6:0] patience,
    output logic [2:0] place,      // the byte that is to be worked on
    input  logic       available,
    input  logic [7:0] byte_data,  // that at `place` in the cycle before
    output logic [5:0] offset,     // the word that is asked for
    input  logic [15:0] word,      // that was asked for in the cycle before
    output logic       done,
    output logic [6:0] changed,
    output logic [6:0] slow,
    output logic [1:0] stuck,      // at most 3
    output logic [6:0] strange,
    output logic [3:0] jump,
    output logic       likely
);
  localparam logic [2:0] LAST = 0, TRUSTED = 1, STILL = 2, MOVING = 3, REACH = 4;

  logic working, asking, here;
  logic [2:0] asked, came;
  logic odd;  // the byte is in the low half of a word of two
  assign asking = working && available;
  always_comb
    case (asked)
      LAST: offset = {4'b1000, place[2:1]};
      TRUSTED: offset = {4'b1001, place[2:1]};
      STILL: offset = {3'b101, place};
      MOVING: offset = {3'b110, place};
      default: offset = {4'b1110, place[2:1]};
    endcase

  logic [7:0] mine, difference;
  assign mine = odd ? word[7:0] : word[15:8];
  assign difference = byte_data - mine;

  function automatic logic [3:0] ones(input logic [7:0] bits);
    ones = '0;
    for (int i = 0; i < 8; i++) ones = ones + {3'd0, bits[i]};
  endfunction

  // Bits that differ from the last and from the trusted frame, and by how much the byte does from the latter.
  logic [7:0] from_last, from_trusted, distance, first_bits, second_bits;
  logic [3:0] first_ones, second_ones, stuck_ones;
  assign first_bits = came == STILL ? (byte_data ^ word[7:0]) & word[15:8] : from_trusted & word[15:8];
  assign second_bits = came == STILL ? from_last : from_last & word[15:8];
  assign first_ones = ones(first_bits);
  assign second_ones = ones(second_bits);
  assign stuck_ones = ones(~from_trusted & word[7:0]);

  logic [6:0] calm;
  logic any_fast, last_moves, trusted_moves, still_moves;

  always_ff @(posedge clk) begin
    here <= asking && !start;
    came <= asked;
    odd  <= place[0];
    if (asking) begin
      asked <= asked == REACH ? LAST : asked + 1'b1;
      if (asked == REACH) begin
        place <= place + 1'b1;
        if (place == 3'd7) working <= 1'b0;
      end
    end
    if (here)
      case (came)
        LAST: from_last <= seen ? byte_data ^ mine : '0;
        TRUSTED: begin
          from_trusted <= seen ? byte_data ^ mine : '0;
          distance <= difference[7] ? -difference : difference;
        end
        STILL: begin
          strange <= strange + {3'd0, first_ones};
          changed <= changed + {3'd0, second_ones};
          if ((from_trusted & word[15:8]) != '0) still_moves <= 1'b1;
        end
        MOVING: begin
          slow <= slow + {3'd0, first_ones};
          calm <= calm + {3'd0, second_ones};
          if (seen && (stuck[1] || stuck_ones[3:1] != '0)) stuck <= 2'd2;
          else if (seen && stuck_ones[0]) stuck <= stuck + 1'b1;
          if (word[7:0] != '0) any_fast <= 1'b1;
          if ((from_last & word[7:0]) != '0) last_moves <= 1'b1;
          if ((from_trusted & word[7:0]) != '0) trusted_moves <= 1'b1;
        end
        default: if (seen && distance > mine) jump <= jump + 1'b1;
      endcase
    done <= !working && !here && !start;
    if (start) begin
      working <= 1'b1;
      asked <= LAST;
      place <= '0;
      {changed, slow, strange, calm, jump, stuck} <= '0;
      {any_fast, last_moves, trusted_moves, still_moves} <= '0;
    end
  end

  logic continues_trusted, continues_last;
  assign continues_trusted = late_age && {1'b0, slow} <= {1'b0, patience} + 8'd2 && {2'd0, jump, 1'b0} <= patience &&
      (trusted_moves || !any_fast) && !still_moves;
  assign continues_last = late_gap && calm <= 7'd2 && (last_moves || !any_fast);
  assign likely = !seen || continues_trusted || continues_last;
endmodule
