// Receives frames: 0x00 | COBS( body ) | 0x00, body = header (7) payload (n) crc (4), n the header's last byte (docs/link.md).
//
// A frame that is right goes into the next of the buffers, which are one memory, and waits there until it is released.
// Any other is dropped and counted by a pulse. The bytes of the oldest frame are read in order from m_data, at most one a
// cycle; how many there are its reader knows from the header. m_valid falls with `release_frame`.
// Latency: m_valid is high 4 cycles after the closing 0x00: a block RAM is slow, so its output is registered.
//
// FRAMES  buffers of 256 bytes: 2, 4, 8 or 16
module hwf_frame_rx #(
    parameter int FRAMES = 8
) (
    input  logic       clk,
    input  logic       rst,
    input  logic       s_valid,        // a byte came; there is no s_ready
    input  logic [7:0] s_data,
    output logic       m_valid,
    input  logic       m_ready,
    output logic [7:0] m_data,
    input  logic       release_frame,  // for one cycle: the oldest frame is not needed any more
    output logic       good,           // for one cycle each: a frame was accepted
    output logic       bad_crc,        // the checksum was wrong
    output logic       bad_length,     // too short, too long, not as long as it says, or cut within a COBS block
    output logic       overrun         // every buffer was full when it came
);
  localparam logic [31:0] RESIDUE = 32'h2144DF1C;  // checksum of bytes and their checksum
  localparam logic [7:0] LONGEST = 8'd251;
  localparam logic [7:0] OVERHEAD = 8'd11;  // header and checksum
  localparam int PLACE = $clog2(FRAMES);

  generate
    if (FRAMES != 1 << PLACE || FRAMES < 2 || FRAMES > 16) begin : illegal_frames
      $error("hwf_frame_rx: FRAMES is 2, 4, 8 or 16.");
    end
  endgenerate

  // COBS: a code byte of value c stands before c - 1 bytes that are not zero; then comes a zero, unless the frame ends.
  logic [7:0] left;  // bytes before the next code byte
  logic in_frame, zero, delimiter, code, put;
  assign delimiter = s_valid && s_data == '0;
  assign code = s_valid && !delimiter && left == '0;
  assign zero = code && in_frame;
  assign put = s_valid && !delimiter && (!code || in_frame);

  always_ff @(posedge clk) begin
    if (delimiter) left <= '0;
    else if (s_valid) left <= (left == '0 ? s_data : left) - 1'b1;
    if (delimiter) in_frame <= 1'b0;
    else if (s_valid) in_frame <= 1'b1;
    if (rst) begin
      left   <= '0;
      in_frame <= 1'b0;
    end
  end

  // The frame so far: its bytes go to the buffer that is being filled, and beyond the longest nowhere.
  logic [7:0] length, said;
  logic too_long;
  logic [7:0] value;
  logic [31:0] crc;
  logic ends, fits;
  assign value = zero ? '0 : s_data;
  assign ends = delimiter && in_frame;
  assign fits = left == '0 && !too_long && length == said + OVERHEAD && said <= LONGEST - OVERHEAD;

  always_ff @(posedge clk) begin
    if (delimiter) length <= '0;
    else if (put && !too_long) length <= length + 1'b1;
    if (delimiter) too_long <= 1'b0;
    else if (put && length == LONGEST) too_long <= 1'b1;
    if (put && length == 8'd6) said <= value;
    if (rst) begin
      length   <= '0;
      too_long <= 1'b0;
    end
  end

  hwf_crc32 checksum (
      .clk,
      .restart(delimiter || rst),
      .valid(put),
      .data(value),
      .crc
  );

  // The buffers in turn: `filling` is written, `reading` is read, `waiting` frames are in them.
  logic [PLACE-1:0] filling, reading;
  logic [PLACE:0] waiting;
  logic room;  // as it was when the frame began
  logic accept;
  assign accept = ends && fits && crc == RESIDUE && room;

  always_ff @(posedge clk) begin
    good <= accept;
    bad_length <= ends && !fits;
    bad_crc <= ends && fits && crc != RESIDUE;
    overrun <= ends && fits && crc == RESIDUE && !room;
    if (!in_frame) room <= !waiting[PLACE];
    if (accept) filling <= filling + 1'b1;
    if (release_frame) reading <= reading + 1'b1;
    if (accept != release_frame) waiting <= accept ? waiting + 1'b1 : waiting - 1'b1;
    if (rst) begin
      good <= 1'b0;
      bad_length <= 1'b0;
      bad_crc <= 1'b0;
      overrun <= 1'b0;
      filling <= '0;
      reading <= '0;
      waiting <= '0;
    end
  end

  logic [7:0] memory[0:256*FRAMES-1];
  logic [7:0] read_address, stored;
  logic fetch, fetched, pass, collision;
  assign collision = {filling, length} == {reading, read_address};
  assign pass = m_ready || !m_valid;
  assign fetch = waiting != '0 && (pass || !fetched);
  always_ff @(posedge clk) begin
    if (put && room) memory[{filling, length}] <= value;
    // What is being written is never read: saying so spares the logic that would keep the old byte.
    if (fetch) stored <= (put && room && collision) ? 'x : memory[{reading, read_address}];
    if (pass) m_data <= stored;
    if (fetch) read_address <= read_address + 1'b1;
    if (fetch || pass) fetched <= fetch;
    if (pass) m_valid <= fetched;
    if (rst || release_frame) begin
      read_address <= '0;
      fetched <= 1'b0;
      m_valid <= 1'b0;
    end
  end

`ifndef SYNTHESIS
  a_byte_is_held_until_it_is_read :
  assert property (@(posedge clk) disable iff (rst || release_frame) m_valid && !m_ready |=> m_valid && $stable(m_data));
  a_byte_is_not_read_while_it_is_written :
  assert property (@(posedge clk) disable iff (rst) put && room && fetch |-> !collision);
  only_a_waiting_frame_is_released :
  assert property (@(posedge clk) disable iff (rst) release_frame |-> waiting != '0);
  no_more_frames_wait_than_there_are_buffers :
  assert property (@(posedge clk) disable iff (rst) 32'(waiting) <= FRAMES);
`endif
endmodule
