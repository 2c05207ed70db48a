// Sends frames: 0x00 | COBS( header (7) payload (n) crc (4) ) | 0x00 from a memory of kept replies (docs/link.md).
//
// The memory has two halves of 256 bytes, each with a long and a short place:
//     long    header at 249..255, payload (up to 240 bytes) from 0
//     short   header at 241..247, payload (up to 1 byte) at 240
// so a payload's index is its address, and a header stands before it, counted modulo 256. The header's last byte is n.
// A frame is read three times: for its checksum, for the distance to the next zero, and to be sent. Before its first
// byte, two cycles for each byte; then as fast as m_ready allows, but for two cycles a byte before each code byte.
//
// start     for one cycle, while not busy: send the reply of half `half`, `short_place`; `sending` keeps the half
// write...  a byte into {half, address}; never into the half that is being sent
module hwf_frame_tx (
    input  logic       clk,
    input  logic       rst,
    input  logic       start,
    input  logic       half,
    input  logic       short_place,
    output logic       busy,
    output logic       sending,
    input  logic       write,
    input  logic [8:0] write_address,
    input  logic [7:0] write_data,
    output logic       m_valid,
    input  logic       m_ready,
    output logic [7:0] m_data
);
  localparam logic [2:0] IDLE = 0, OPEN = 1, MEASURE = 2, CHECKSUM = 3, SCAN = 4, CODE = 5, COPY = 6, CLOSE = 7;
  localparam logic [7:0] FIRST = 8'd249;  // index of the header's first byte; payload 0, its end n, then the checksum

  logic [2:0] state;
  logic in_short, fetched;  // `fetched`: the byte at index is on `stored`
  logic [7:0] index, length, count;  // count: bytes between here and the next zero, or the end
  logic [31:0] crc;
  logic [7:0] stored, value;
  logic [7:0] behind;  // index behind the payload: 0 to 3 checksum, 4 the end
  logic in_checksum, at_end, accepted, collision;

  // Since n is at most 240, no index before the payload's end comes near these values.
  assign behind = index - length;
  assign in_checksum = behind[7:2] == '0;
  assign at_end = behind == 8'd4;
  assign value = in_checksum ? crc[{behind[1:0], 3'b0}+:8] : stored;
  assign busy = state != IDLE;
  assign accepted = m_valid && m_ready;

  assign m_valid = state == OPEN || state == CODE || state == CLOSE || (state == COPY && fetched && count != '0);
  always_comb
    case (state)
      CODE: m_data = count + 8'd1;
      COPY: m_data = value;
      default: m_data = '0;
    endcase

  logic [7:0] memory[0:511];
  logic [7:0] place;
  assign place = in_short ? {5'b11110, index[2:0]} : index;
  always_ff @(posedge clk) begin
    if (write) memory[write_address] <= write_data;
    // What is being written is never read: saying so spares the logic that would keep the old byte.
    stored <= (write && collision) ? 'x : memory[{sending, place}];
  end
  assign collision = write_address == {sending, place};

  hwf_crc32 checksum (
      .clk,
      .restart(state == OPEN),
      .valid(state == CHECKSUM && fetched && !in_checksum),
      .data(stored),
      .crc
  );

  always_ff @(posedge clk) begin
    fetched <= 1'b1;  // unless the index changes
    case (state)
      IDLE:
      if (start) begin
        state <= OPEN;
        sending <= half;
        in_short <= short_place;
      end
      OPEN:
      if (accepted) begin
        state <= MEASURE;
        index <= FIRST + 8'd6;
        fetched <= 1'b0;
      end
      MEASURE:
      if (fetched) begin
        state <= CHECKSUM;
        length <= stored;
        index <= FIRST;
        fetched <= 1'b0;
      end
      CHECKSUM:
      if (fetched) begin
        if (in_checksum) begin
          state <= SCAN;
          index <= FIRST;
          count <= '0;
        end else begin
          index <= index + 1'b1;
        end
        fetched <= 1'b0;
      end
      SCAN:
      if (fetched) begin
        if (at_end || value == '0) begin
          state <= CODE;
          index <= index - count;
        end else begin
          index <= index + 1'b1;
          count <= count + 1'b1;
        end
        fetched <= 1'b0;
      end
      CODE: if (accepted) state <= COPY;
      COPY:
      if (count == '0) begin
        state <= at_end ? CLOSE : SCAN;
        index <= index + 1'b1;  // the zero
        fetched <= 1'b0;
      end else if (accepted) begin
        index <= index + 1'b1;
        count <= count - 1'b1;
        fetched <= 1'b0;
      end
      default: if (accepted) state <= IDLE;  // CLOSE
    endcase
    if (rst) state <= IDLE;
  end

`ifndef SYNTHESIS
  a_byte_is_held_until_it_is_taken :
  assert property (@(posedge clk) disable iff (rst) m_valid && !m_ready |=> m_valid && $stable(m_data));
  a_reply_starts_only_when_none_is_sent :
  assert property (@(posedge clk) disable iff (rst) start |-> !busy);
  the_half_that_is_sent_is_not_written :
  assert property (@(posedge clk) disable iff (rst) busy && write |-> write_address[8] != sending);
`endif
endmodule
