// Receiver of CAN 2.0A and B that only listens: it drives nothing, neither ACK nor error flags.
//
// For each frame `started` at the sample point of SOF, and then exactly one of: `accepted` (at the last but one bit of EOF, where
// a frame becomes valid for receivers), `failed` with the kind of failure (hwf_can), `passed_over`: a remote frame, where it
// becomes valid, or an FD frame, at its FDF bit. A reset drops the frame under way without a word. Bytes, `id_valid` and
// `payload_end` come as the bits do, before it is known how the frame ends; `payload_end` for data frames only.
// Whatever ended, the next frame begins after 11 recessive bits in a row, or after 10 with a dominant bit, as it does after the
// second bit of the intermission: that holds behind frames, error frames and overload frames alike. A dominant bit after 7 to 9
// of them is an overload flag.
// Latency: each output changes 1 cycle after the `bit_sample` of its bit, which is 3 cycles after the level is on the pin.
module hwf_can_rx (
    input  logic        clk,
    input  logic        rst,
    input  logic        can_rx,        // low is dominant
    input  logic [ 7:0] prescaler,     // bit timing: hwf_can_timing
    input  logic [ 7:0] seg1,
    input  logic [ 7:0] seg2,
    input  logic [ 7:0] sjw,
    output logic        bit_start,     // for one cycle: a bit begins
    output logic        bit_sample,    // for one cycle: the sample point, from which on bit_level is the bit
    output logic        bit_level,
    output logic        idle,          // 11 recessive bits were seen, and none but recessive ones since
    output logic        frame_open,    // between `started` and the end
    output logic        started,       // for one cycle each, from here on
    output logic        id_valid,      // the identifier is complete, and whether it is `extended`
    output logic        extended,      // holds until the next frame
    output logic [28:0] identifier,    // holds; a base identifier is in the lowest 11 bits, below zeros
    output logic [ 3:0] dlc,           // as sent, 0 to 15; more than 8 are 8 bytes; holds
    output logic        byte_valid,
    output logic [ 2:0] byte_index,
    output logic [ 7:0] byte_data,
    output logic        payload_end,   // the last bit of the payload, or of the DLC where there is none
    output logic        accepted,
    output logic        failed,
    output logic [ 1:0] failure,       // holds until the next failed frame
    output logic        passed_over,
    output logic        overload       // an overload flag began
);
  typedef enum logic [3:0] {
    OUTSIDE,
    BASE,           // the first 11 bits of the identifier
    SRR,            // of a base frame: RTR
    IDE,
    EXTENSION,      // 18 bits
    RTR,
    FDF,            // of an extended frame r1, of a base frame r0
    RESERVED,       // r0 of an extended frame
    LENGTH,         // DLC
    PAYLOAD,
    CHECKSUM,
    CRC_DELIMITER,
    ACK,
    ACK_DELIMITER,
    EOF
  } field_t;
  field_t field, field_next;

  logic line, hard;
  hwf_can_timing timing (.*);

  // The frame goes on by `step`: with each sample, but stuff bits. The CRC delimiter may still have a stuff bit before it.
  logic sof, stuffed, taken, stuff_error, step, level;
  assign level = bit_level;
  assign stuffed = field != OUTSIDE && field != ACK && field != ACK_DELIMITER && field != EOF;
  assign step = field != OUTSIDE && (stuffed ? taken : bit_sample);
  hwf_can_destuff destuff (.restart(sof), .error(stuff_error), .*);

  logic [14:0] crc;
  hwf_can_crc checksum (.clk, .restart(sof), .valid(taken && field != CRC_DELIMITER && stuffed), .data(level), .crc);

  // Recessive bits in a row behind a frame, 11 at most. An FD frame's data have edges between the samples, which break a row too.
  logic [3:0] high;
  logic skipping;
  assign idle = field == OUTSIDE && high == 4'd11;
  assign hard = field == OUTSIDE && (high >= 4'd9 || skipping);
  assign sof = field == OUTSIDE && high >= 4'd10 && bit_sample && !level;

  // What this bit does. `left`: bits that follow in the field.
  logic [5:0] left, left_next;
  logic [3:0] length, bytes;  // as they are with this bit
  logic last, remote, form_error, crc_error, fails, accepts, skips;
  assign last = left == '0;
  assign length = {dlc[2:0], level};
  assign bytes = length[3] ? 4'd8 : length;
  assign form_error = step && !level && (field == CRC_DELIMITER || field == ACK_DELIMITER || field == EOF);
  assign crc_error = step && field == ACK_DELIMITER && crc != '0;
  assign fails = (stuffed && stuff_error) || form_error || crc_error;
  assign accepts = step && field == EOF && last && level;
  assign skips = step && field == FDF && level;

  always_comb begin
    field_next = field;
    left_next = left - 6'd1;
    unique case (field)
      OUTSIDE: field_next = OUTSIDE;
      BASE: if (last) field_next = SRR;
      SRR: field_next = IDE;
      IDE: begin
        field_next = level ? EXTENSION : FDF;
        left_next = 6'd17;
      end
      EXTENSION: if (last) field_next = RTR;
      RTR: field_next = FDF;
      FDF: begin
        field_next = extended ? RESERVED : LENGTH;
        left_next = 6'd3;
      end
      RESERVED: begin
        field_next = LENGTH;
        left_next = 6'd3;
      end
      LENGTH:
      if (last) begin
        field_next = remote || bytes == '0 ? CHECKSUM : PAYLOAD;
        left_next = remote || bytes == '0 ? 6'd14 : {bytes[2:0], 3'd0} - 6'd1;
      end
      PAYLOAD:
      if (last) begin
        field_next = CHECKSUM;
        left_next = 6'd14;
      end
      CHECKSUM: if (last) field_next = CRC_DELIMITER;
      CRC_DELIMITER: field_next = ACK;
      ACK: field_next = ACK_DELIMITER;
      ACK_DELIMITER: begin
        field_next = EOF;
        left_next = 6'd5;
      end
      default: if (last) field_next = OUTSIDE;
    endcase
  end

  always_ff @(posedge clk) begin
    if (sof) begin
      field <= BASE;
      left <= 6'd10;
    end else if (step) begin
      field <= field_next;
      left <= left_next;
    end
    if (fails || skips) field <= OUTSIDE;

    if (accepts) high <= 4'd7;  // the ACK delimiter and six bits of EOF
    else if (fails || skips) high <= {3'd0, level};
    else if (skipping && !line && high < 4'd7) high <= '0;
    else if (bit_sample && field == OUTSIDE) begin
      if (!level) high <= '0;
      else if (high != 4'd11) high <= high + 4'd1;
    end
    skipping <= skips || (skipping && !sof && high != 4'd11);
    if (rst) begin
      field <= OUTSIDE;
      high <= '0;
      skipping <= 1'b0;
    end
  end

  // What is told of the frame.
  always_ff @(posedge clk) begin
    if (sof) begin
      identifier <= '0;
      extended <= 1'b0;
    end else if (step) begin
      if (field == BASE || field == EXTENSION) identifier <= {identifier[27:0], level};
      if (field == IDE) extended <= level;
      if (field == SRR || field == RTR) remote <= level;
      if (field == LENGTH) dlc <= length;
      if (field == PAYLOAD) byte_data <= {byte_data[6:0], level};
    end
    if (field == LENGTH) byte_index <= '1;  // so that the first is 0
    else if (step && field == PAYLOAD && left[2:0] == '0) byte_index <= byte_index + 3'd1;
    if (fails) failure <= stuffed && stuff_error ? hwf_can::STUFF : crc_error ? hwf_can::CRC : hwf_can::FORM;
  end

  assign frame_open = field != OUTSIDE;
  always_ff @(posedge clk) begin
    started <= sof;
    id_valid <= step && ((field == IDE && !level) || (field == EXTENSION && last));
    byte_valid <= step && field == PAYLOAD && left[2:0] == '0;
    payload_end <= step && last && (field == PAYLOAD || (field == LENGTH && bytes == '0 && !remote));
    accepted <= accepts && !remote;
    failed <= fails;
    passed_over <= skips || (accepts && remote);
    overload <= bit_sample && !level && field == OUTSIDE && high >= 4'd7 && high <= 4'd9;
    if (rst) begin
      started <= 1'b0;
      id_valid <= 1'b0;
      byte_valid <= 1'b0;
      payload_end <= 1'b0;
      accepted <= 1'b0;
      failed <= 1'b0;
      passed_over <= 1'b0;
      overload <= 1'b0;
    end
  end

`ifndef SYNTHESIS
  logic ends;
  assign ends = accepted || failed || passed_over;
  a_frame_ends_in_one_way :
  assert property (@(posedge clk) disable iff (rst) $onehot0({accepted, failed, passed_over}));
  an_open_frame_stays_open_until_it_ends :
  assert property (@(posedge clk) disable iff (rst) frame_open |=> frame_open != ends);
  what_ends_was_open :
  assert property (@(posedge clk) disable iff (rst) !frame_open |=> !ends && frame_open == started);
  a_payload_belongs_to_an_open_frame :
  assert property (@(posedge clk) disable iff (rst) id_valid || byte_valid || payload_end |-> frame_open);
`endif
endmodule
