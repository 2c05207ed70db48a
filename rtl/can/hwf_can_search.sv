// Where an identifier lies in the sorted table: index of the entry that equals `key`, if it is `found`.
//
// The first `count` entries ascend. A comparison takes 3 cycles, so `done` is high 3 * (log2(IDENTIFIERS) + 1) + 1 cycles
// after `start`; then `found` and `index` hold until the next start,
// which begins anew whatever was under way.
//
// IDENTIFIERS  entries, a power of two
module hwf_can_search #(
    parameter int IDENTIFIERS = 256,
    localparam int PLACE = $clog2(IDENTIFIERS)
) (
    input  logic             clk,
    input  logic             start,
    input  logic [     29:0] key,    // of `start` on
    input  logic [  PLACE:0] count,
    output logic [PLACE-1:0] entry,  // the word that is asked for: of this entry
    output logic             high,   // its bits 29 to 16, else 15 to 0
    input  logic [     15:0] word,   // that was asked for in the cycle before
    output logic             done,
    output logic             found,
    output logic [PLACE-1:0] index
);
  localparam logic [1:0] LOW = 0, HIGH = 1, DECIDE = 2, IDLE = 3;

  // Which bit of the index is tried: none at first, for entry 0, then from the highest down.
  logic [1:0] state;
  logic [PLACE-1:0] tried;
  logic [PLACE-1:0] bit_of;
  logic low_less, low_same;
  logic [15:0] high_key;
  assign high_key = {2'b00, key[29:16]};
  assign tried = index | bit_of;
  assign entry = tried;
  assign high = state == HIGH;

  // Entry <= key, and entry = key.
  logic up_to, same;
  assign same = word == high_key && low_same;
  assign up_to = word < high_key || (word == high_key && (low_less || low_same));

  always_ff @(posedge clk) begin
    done <= 1'b0;
    case (state)
      LOW:  state <= HIGH;
      HIGH: begin
        low_less <= word < key[15:0];
        low_same <= word == key[15:0];
        state <= DECIDE;
      end
      DECIDE: begin
        if ({1'b0, tried} < count && up_to) begin
          index <= tried;
          found <= same;
        end
        bit_of <= bit_of == '0 ? {1'b1, {(PLACE - 1) {1'b0}}} : bit_of >> 1;
        done   <= bit_of[0];
        state  <= bit_of[0] ? IDLE : LOW;
      end
      default: state <= IDLE;
    endcase
    if (start) begin
      state  <= LOW;
      bit_of <= '0;
      index  <= '0;
      found  <= 1'b0;
      done   <= 1'b0;
    end
  end
endmodule
