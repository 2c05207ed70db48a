// A frame as 128 bits, those of hwflow/apps/can_ids/features.py in the order of its FEATURE_NAMES, from what the receiver
// says of the frame while it comes; bit for bit what that gives for the frames so far that were accepted.
//
// The identifier is looked up when it is complete (3 * (log2(IDENTIFIERS) + 1) cycles), then what the times say (36), then
// the payload's bytes as they come (5 each, absent ones too); bus load beside it. m_valid rises 9 cycles after payload_end,
// or as much later as bytes were left to do. The word waits until it is taken, at the latest by the next frame's.
//
// State changes only when a frame is `accepted` that had a payload_end: within 15 cycles from then, or from the word's
// being given. A frame may begin 16 cycles after that. After `failed`, or without payload_end, nothing has happened.
// A `dlc` above 8 is worked as 8. As long as `enable` is low nothing is looked at and the history is forgotten; the state in
// the table is the host's to clear, with the words that it writes (hwflow/apps/can_ids/profile_image.py).
//
// IDENTIFIERS  of the table: a power of two, 64 words of 16 bits each
// SINGLE_PORT  see hwf_can_tables
module hwf_can_features #(
    parameter int IDENTIFIERS = 256,
    parameter int SINGLE_PORT = 0,
    localparam int PLACE = $clog2(IDENTIFIERS)
) (
    input  logic             clk,
    input  logic             rst,
    // the table, for the host: see hwf_can_tables
    input  logic             enable,
    input  logic [  PLACE:0] count,         // identifiers in it, while enabled
    input  logic             host_valid,
    output logic             host_ready,
    input  logic             host_write,
    input  logic [PLACE+5:0] host_address,
    input  logic [     15:0] host_data,
    output logic [     15:0] host_read,
    // the receiver
    input  logic [     46:0] now,           // microseconds since power-up
    input  logic             started,
    input  logic             id_valid,
    input  logic             extended,
    input  logic [     28:0] identifier,    // holds until the next `started`
    input  logic [      3:0] dlc,           // from the first byte on, and at payload_end
    input  logic             byte_valid,
    input  logic [      2:0] byte_index,
    input  logic [      7:0] byte_data,
    input  logic             payload_end,
    input  logic             accepted,
    input  logic             failed,        // or passed over
    // the frame
    output logic             followed,      // between id_valid and its end, unless it began before `enable`
    output logic [     46:0] time_stamp,    // from `started` on
    output logic [     29:0] key,           // the identifier; bit 29: it has 29 bits
    output logic             known,         // with m_valid
    output logic             m_valid,
    input  logic             m_ready,
    output logic [    127:0] m_data         // holds until the next `started`
);
  localparam logic [2:0] IDLE = 0, SEARCH = 1, TIMES = 2, CONTENT = 3, GIVE = 4, HELD = 5, COMMIT = 6;
  localparam logic [3:0] TRUSTED = 7, LAST = 13;  // of the words that are stored
  logic [2:0] phase;
  logic [63:0] payload;  // byte 0 highest
  logic [3:0] arrived, length;
  logic ended, good, over;  // payload_end came; the frame was accepted; it failed

  logic begins, found, known_at;
  assign followed = phase != IDLE;
  assign begins = phase == IDLE && id_valid && enable;
  assign key = {extended, identifier};

  // The search.
  logic search_done, high;
  logic [PLACE-1:0] entry, index;
  logic [15:0] word;
  hwf_can_search #(
      .IDENTIFIERS(IDENTIFIERS)
  ) search (
      .clk,
      .start(begins),
      .key,
      .count,
      .entry,
      .high,
      .word,
      .done (search_done),
      .found,
      .index
  );
  assign known_at = phase == SEARCH && search_done;

  // The times.
  logic times_done, seen;
  logic [5:0] times_offset, content_offset;
  logic [3:0] usual, gap;
  logic [4:0] gap_share;
  logic [6:0] age_share, patience;
  hwf_can_times times (
      .clk,
      .start (known_at && found),
      .now   (time_stamp),
      .offset(times_offset),
      .word,
      .done  (times_done),
      .seen,
      .dlc   (usual),
      .gap,
      .gap_share,
      .age_share,
      .patience
  );

  // The payload.
  logic content_done, likely, available;
  logic [2:0] place;
  logic [7:0] worked;
  logic [6:0] changed, slow, strange;
  logic [1:0] stuck;
  logic [3:0] jump;
  logic [15:0] payload_word;  // for whichever works on it
  assign available = phase == CONTENT && ({1'b0, place} < arrived || ended);
  always_ff @(posedge clk) worked <= place[0] ? payload_word[7:0] : payload_word[15:8];
  hwf_can_content content (
      .clk,
      .start(phase == TIMES && times_done),
      .seen,
      .late_gap(gap_share[2]),
      .late_age(age_share[1]),
      .patience,
      .place,
      .available,
      .byte_data(worked),
      .offset(content_offset),
      .word,
      .done(content_done),
      .changed,
      .slow,
      .stuck,
      .strange,
      .jump,
      .likely
  );

  // Bus load.
  logic history_done, commits;
  logic [4:0] bus;
  logic [3:0] unknown;
  hwf_can_history history (
      .clk,
      .rst(rst || !enable),
      .start(known_at),
      .commit(commits),
      .now(time_stamp),
      .known,
      .done(history_done),
      .bus,
      .unknown
  );

  // The table, and the words that an accepted frame leaves in it: last time and payload, then, if it is trusted, the same
  // as the trusted one's.
  logic [3:0] stored;
  logic [5:0] store_offset, offset;
  logic [15:0] store_data;
  logic [1:0] pair;
  assign pair = stored < TRUSTED ? stored[1:0] - 2'd3 : stored[1:0] - 2'd2;
  assign payload_word = payload[{2'd3-(phase == COMMIT ? pair : place[2:1]), 4'b0000}+:16];
  always_comb
    if (stored < 4'd3) store_offset = {2'b00, stored} + 6'd2;
    else if (stored < TRUSTED) store_offset = {4'b1000, pair};
    else if (stored < 4'd10) store_offset = {2'b00, stored} - 6'd2;
    else store_offset = {4'b1001, pair};
  always_comb
    case (stored)
      4'd0, 4'd7: store_data = time_stamp[15:0];
      4'd1, 4'd8: store_data = time_stamp[31:16];
      4'd2, 4'd9: store_data = {1'b1, time_stamp[46:32]};
      default: store_data = payload_word;
    endcase

  always_comb
    case (phase)
      SEARCH: offset = {5'd0, high};
      TIMES: offset = times_offset;
      CONTENT: offset = content_offset;
      default: offset = store_offset;
    endcase
  hwf_can_tables #(
      .IDENTIFIERS(IDENTIFIERS),
      .SINGLE_PORT(SINGLE_PORT)
  ) tables (
      .clk,
      .used(phase == SEARCH || phase == TIMES || phase == CONTENT || phase == COMMIT),
      .write(phase == COMMIT && known),
      .address({phase == SEARCH ? entry : index, offset}),
      .write_data(store_data),
      .host_valid,
      .host_ready,
      .host_write,
      .host_address,
      .host_data,
      .read_data(word)
  );
  assign host_read = word;

  // The word.
  logic [10:0] base;
  logic usual_length, trusted;
  assign trusted = known && usual_length && likely;
  assign usual_length = length == usual;
  assign base = key[29] ? key[28:18] : key[10:0];
  always_comb begin
    for (int i = 0; i < 11; i++) m_data[i] = base[10-i];
    m_data[11] = key[29];
    for (int i = 0; i < 4; i++) m_data[12+i] = length[3-i];
    for (int i = 0; i < 64; i++) m_data[16+i] = payload[63-i];
    m_data[118:80] = {
      trusted,
      {jump >= 4'd3, jump >= 4'd2, jump != '0},
      {strange >= 7'd8, strange >= 7'd4, strange >= 7'd2, strange != '0},
      {stuck[1], stuck != '0},
      {slow >= 7'd16, slow >= 7'd8, slow >= 7'd5, slow >= 7'd3, slow >= 7'd2, slow != '0},
      {changed >= 7'd24, changed >= 7'd12, changed >= 7'd6, changed >= 7'd3, changed != '0},
      age_share,
      gap_share,
      gap,
      usual_length,
      1'b1
    };
    if (!known) m_data[118:80] = '0;
    m_data[127:119] = {unknown, bus};
  end

  logic ready, ends;
  assign ready   = ended && history_done && (content_done || !known);
  assign ends    = good || accepted;
  assign commits = phase == HELD && ends;

  always_ff @(posedge clk) begin
    if (started) time_stamp <= now;
    if (begins) begin
      payload <= '0;
      arrived <= '0;
    end
    if (phase != IDLE && !ended) begin
      if (byte_valid) begin
        payload[{3'd7-byte_index, 3'b000}+:8] <= byte_data;
        arrived <= {1'b0, byte_index} + 1'b1;
      end
      if (payload_end) length <= dlc[3] ? 4'd8 : dlc;
    end
    if (m_ready) m_valid <= 1'b0;

    case (phase)
      IDLE: if (begins) phase <= SEARCH;
      SEARCH:
      if (search_done) begin
        known <= found;
        phase <= found ? TIMES : CONTENT;
      end
      TIMES: if (times_done) phase <= CONTENT;
      CONTENT: if (ready) phase <= GIVE;
      GIVE: begin
        m_valid <= 1'b1;
        phase   <= HELD;
      end
      HELD:
      if (ends) phase <= COMMIT;
      else if (over || failed) phase <= IDLE;
      default: if (stored == (trusted ? LAST : TRUSTED - 4'd1)) phase <= IDLE;  // COMMIT
    endcase
    stored <= phase == COMMIT ? stored + 1'b1 : '0;

    if (phase != IDLE && payload_end) ended <= 1'b1;
    good <= good || accepted;
    over <= over || failed;
    if (!ended && (accepted || failed)) phase <= IDLE;  // it had no payload_end: a frame of another kind, or none
    if (begins || phase == IDLE) begin
      ended <= 1'b0;
      good  <= 1'b0;
      over  <= 1'b0;
    end
    if (rst || !enable) begin
      phase <= IDLE;
      m_valid <= 1'b0;
    end
  end

`ifndef SYNTHESIS
  a_frame_begins_when_the_last_is_done :
  assert property (@(posedge clk) disable iff (rst) enable && (started || id_valid) |-> phase == IDLE);
  a_word_is_taken_before_the_next :
  assert property (@(posedge clk) disable iff (rst) phase == GIVE |-> !m_valid || m_ready);
  a_stalled_word_is_held :
  assert property (@(posedge clk) disable iff (rst || !enable) m_valid && !m_ready |=> m_valid && $stable(m_data));
  time_does_not_run_backwards :
  assert property (@(posedge clk) disable iff (rst) now >= $past(now));
`endif
endmodule
