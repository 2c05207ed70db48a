// Sends frames: 0x00 | COBS( header (7) payload (n) crc (4) ) | 0x00 from a memory of kept replies (docs/link.md).
//
// The memory has a slot of 256 bytes for each reply, with a long and a short place:
//     long    header at 249..255, payload (up to 240 bytes) from 0
//     short   header at 241..247, payload (up to 1 byte) at 240
// so a payload's index is its address, and a header stands before it, counted modulo 256. The header's last byte is n.
// A frame is read three times: for its checksum, for the distance to the next zero, and to be sent. Behind its opening
// 0x00 a cycle for each byte; then a byte in 3 cycles at most, but for a cycle a byte before each code byte: a block RAM is
// slow, so its output is registered.
//
// REPLIES   slots: 2, 4, 8 or 16
// start     for one cycle, while not busy: send the reply of slot `slot`, `short_place`; `sending` keeps the slot
// write...  a byte into {slot, address}; never into the slot that is being sent
module hwf_frame_tx #(
    parameter int REPLIES = 8
) (
    input  logic                       clk,
    input  logic                       rst,
    input  logic                       start,
    input  logic [$clog2(REPLIES)-1:0] slot,
    input  logic                       short_place,
    output logic                       busy,
    output logic [$clog2(REPLIES)-1:0] sending,
    input  logic                       write,
    input  logic [$clog2(REPLIES)+7:0] write_address,
    input  logic [                7:0] write_data,
    output logic                       m_valid,
    input  logic                       m_ready,
    output logic [                7:0] m_data
);
  localparam logic [2:0] IDLE = 0, OPEN = 1, MEASURE = 2, CHECKSUM = 3, SCAN = 4, CODE = 5, COPY = 6, CLOSE = 7;
  localparam logic [7:0] FIRST = 8'd249;  // index of the header's first byte; payload 0, its end n, then the checksum

  generate
    if (REPLIES != 1 << $clog2(REPLIES) || REPLIES < 2 || REPLIES > 16) begin : illegal_replies
      $error("hwf_frame_tx: REPLIES is 2, 4, 8 or 16.");
    end
  endgenerate

  logic [2:0] state;
  logic in_short, read, fetched;  // `read`, `fetched`: `raw`, `stored` is a byte of the walk that index is on
  logic [7:0] index, there, here, length;  // index: what is read next; there, here: what is on `raw`, on `stored`
  logic [7:0] count;  // bytes between here and the next zero, or the end
  logic [31:0] crc;
  logic [7:0] raw, stored, sum, value;  // sum: a byte of the checksum
  // Since n is at most 240, no index before the payload's end comes near these values.
  logic [7:0] behind;  // the payload, of what is on `raw`: 0 to 3 checksum, 4 the end
  logic in_checksum, at_end, accepted, collision;

  assign busy = state != IDLE;
  assign accepted = m_valid && m_ready;

  assign m_valid = state == OPEN || state == CODE || state == CLOSE || (state == COPY && fetched && count != '0);
  always_comb
    case (state)
      CODE: m_data = count + 8'd1;
      COPY: m_data = value;
      default: m_data = '0;
    endcase

  logic [7:0] memory[0:256*REPLIES-1];
  logic [7:0] place;
  assign place = in_short ? {5'b11110, index[2:0]} : index;
  always_ff @(posedge clk) begin
    if (write) memory[write_address] <= write_data;
    // What is being written is never read: saying so spares the logic that would keep the old byte.
    raw <= (write && collision) ? 'x : memory[{sending, place}];
    there <= index;
    behind <= index - length;
    stored <= raw;
    here <= there;
    in_checksum <= behind[7:2] == '0;
    at_end <= behind == 8'd4;
    sum <= crc[{behind[1:0], 3'b0}+:8];
  end
  assign value = in_checksum ? sum : stored;
  assign collision = write_address == {sending, place};

  hwf_crc32 checksum (
      .clk,
      .restart(state == OPEN),
      .valid(state == CHECKSUM && fetched && !in_checksum),
      .data(stored),
      .crc
  );

  always_ff @(posedge clk) begin
    {read, fetched} <= {1'b1, read};  // unless the index jumps
    case (state)
      IDLE:
      if (start) begin
        state <= OPEN;
        sending <= slot;
        in_short <= short_place;
      end
      OPEN:
      if (accepted) begin
        state <= MEASURE;
        index <= FIRST + 8'd6;
        {read, fetched} <= 2'b00;
      end
      MEASURE:
      if (fetched) begin
        state <= CHECKSUM;
        length <= stored;
        index <= FIRST;
        {read, fetched} <= 2'b00;
      end
      CHECKSUM: begin
        index <= index + 1'b1;
        if (fetched && in_checksum) begin
          state <= SCAN;
          index <= FIRST;
          count <= '0;
          {read, fetched} <= 2'b00;
        end
      end
      SCAN: begin
        index <= index + 1'b1;
        if (fetched && (at_end || value == '0)) begin
          state <= CODE;
          index <= here - count;
          {read, fetched} <= 2'b00;
        end else if (fetched) begin
          count <= count + 1'b1;
        end
      end
      CODE: if (accepted) state <= COPY;
      COPY:
      if (fetched && count == '0) begin
        state <= at_end ? CLOSE : SCAN;
        index <= index + 1'b1;  // behind the zero
        {read, fetched} <= 2'b00;
      end else if (accepted) begin
        index <= index + 1'b1;
        count <= count - 1'b1;
        {read, fetched} <= 2'b00;
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
  the_slot_that_is_sent_is_not_written :
  assert property (@(posedge clk) disable iff (rst) busy && write |-> write_address[$clog2(REPLIES)+7:8] != sending);
`endif
endmodule
