// What a frame's time says: its gap since the identifier's last frame, and its age since the last trusted one.
//
//     in microseconds    gap >= 500, 1200, 3000, 8000
//     in 64ths of the period, against thresholds that the profile brings    gap >= 4, 16, 32, 48, 96
//                                                                          age >= 16, 32, 48, 60, 68, 96, 192
//     patience = min(age / period, some number from 64 on), a bit at a time: the remainder is doubled, and 128 periods taken off
//     it where it is positive, else put back to it (division without restoring)
//
// Time since a frame that never was is longer than all. From `start` on it asks for the words 2 to 31 and 60 to 63 of the
// identifier's block (hwflow/apps/can_ids/profile_image.py), one a cycle; `done` is high in the cycle after the last came,
// and all but `patience` is known; that 21 cycles later. What it gives holds until the next start,
// which begins anew whatever was under way.
module hwf_can_times (
    input  logic        clk,
    input  logic        start,
    input  logic [46:0] now,        // microseconds
    output logic [ 5:0] offset,     // the word that is asked for
    input  logic [15:0] word,       // that was asked for in the cycle before
    output logic        done,
    output logic        seen,       // the identifier had a frame before
    output logic [ 3:0] dlc,        // its usual length
    output logic [ 3:0] gap,        // the lowest level in bit 0
    output logic [ 4:0] gap_share,
    output logic [ 6:0] age_share,
    output logic [ 6:0] patience
);
  localparam logic [5:0] TIMES = 2, THRESHOLDS = 6, PERIOD = 30, DLC = 33;  // THRESHOLDS .. DLC: in the order of asking

  // asked: the number of the word that is asked for; came: that of the word that is here.
  logic asking, here;
  logic [5:0] asked, came;
  logic [1:0] part;  // of the three words of a number, lowest first
  assign offset = asked < PERIOD ? asked + TIMES : asked + 6'd30;

  logic trusted;  // there was a trusted frame
  logic [47:0] since_last, since_trusted;  // gap and age; shifted round by a word at each comparison. Later: the remainder
  logic borrow, borrow_age;
  logic [7:0] late, late_age;  // at the eight thresholds, the lowest in bit 0
  logic [47:0] periods;  // 128 of them, less than 2^41; shifted round too

  // now - word, a word at a time; the highest word has the mark that there was a frame in its top bit.
  logic [15:0] now_part, time_part, difference;
  logic below;
  always_comb
    case (part)
      2'd0: now_part = now[15:0];
      2'd1: now_part = now[31:16];
      default: now_part = {1'b0, now[46:32]};
    endcase
  assign time_part = {word[15] && part != 2'd2, word[14:0]};
  assign {below, difference} = {1'b0, now_part} - {1'b0, time_part} - {16'd0, part != 2'd0 && borrow};

  // gap < threshold and age < threshold so far.
  logic less, less_age;
  assign less = {1'b0, since_last[15:0]} < {1'b0, word} + {16'd0, part != 2'd0 && borrow};
  assign less_age = {1'b0, since_trusted[15:0]} < {1'b0, word} + {16'd0, part != 2'd0 && borrow_age};

  // The patience, in steps of three words.
  logic [2:0] steps;
  logic takes, top, carry, carries, positive;  // takes: off, or puts back
  logic [15:0] doubled, remainder;
  assign doubled = {since_trusted[14:0], part != '0 && top};
  assign {carries, remainder} = {1'b0, doubled} + {1'b0, periods[15:0] ^ {16{takes}}} + {16'd0, part == '0 ? takes : carry};
  assign positive = !remainder[15];

  always_ff @(posedge clk) begin
    here <= asking && !start;
    came <= asked;
    done <= here && came == DLC && !start;
    part <= (here ? came == DLC : steps == '0) || part == 2'd2 || start ? '0 : part + 1'b1;
    if (asking) begin
      asked  <= asked + 1'b1;
      asking <= asked != DLC;
    end
    if (here) begin
      if (came < 6'd3) begin
        since_last <= {difference, since_last[47:16]};
        borrow <= below;
        seen <= word[15];
      end else if (came < THRESHOLDS) begin
        since_trusted <= {difference, since_trusted[47:16]};
        borrow <= below;
        trusted <= word[15];
      end else if (came < PERIOD) begin
        since_last <= {since_last[15:0], since_last[47:16]};
        since_trusted <= {since_trusted[15:0], since_trusted[47:16]};
        borrow <= less;
        borrow_age <= less_age;
        if (part == 2'd2) begin
          late <= {!less || !seen, late[7:1]};
          late_age <= {!less_age || !trusted, late_age[7:1]};
        end
      end else if (came < DLC) periods <= {word, periods[47:16]};
      else begin
        dlc <= word[3:0];
        takes <= 1'b1;
        // Nothing tells more than 64 periods from 64.
        patience <= 7'd64;
        steps <= !trusted || since_trusted[47:41] != '0 ? 3'd0 : 3'd7;
      end
    end else if (steps != '0) begin
      since_trusted <= {remainder, since_trusted[47:16]};
      periods <= {periods[15:0], periods[47:16]};
      top <= since_trusted[15];
      carry <= carries;
      if (part == 2'd2) begin
        takes <= positive;
        steps <= steps == 3'd7 && positive ? '0 : steps - 1'b1;
        if (!(steps == 3'd7 && positive)) patience <= {patience[5:0], positive};
      end
    end
    if (start) begin
      asking <= 1'b1;
      asked  <= '0;
      steps  <= '0;
    end
  end

  logic [15:0] near;
  logic far;
  assign near = since_last[15:0];
  assign far = !seen || since_last[47:16] != '0;
  assign gap = {far || near >= 16'd8000, far || near >= 16'd3000, far || near >= 16'd1200, far || near >= 16'd500};
  assign gap_share = {late[6], late[3:0]};
  assign age_share = late_age[7:1];

  logic unused;
  assign unused = &{1'b0, late[7], late[5:4], late_age[0]};
endmodule
