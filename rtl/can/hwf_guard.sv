// The guard on the wire: the application behind hwf_link for a net that judges CAN frames (docs/can-guard.md).
//
// The receiver listens, the features of each data frame go to the net, and the class it gives is counted, logged with how
// the frame ended, and, where STRIKE and the class is one of the mask, answered by an active error flag before the frame's
// last bit. Until the host has loaded a profile and enabled it, frames are counted by their ends and nothing is judged.
// Latency from payload_end to the class: 11 cycles and what hwf_resize, to which the features go in 8 beats, and the net take;
// up to 40 more behind few bytes.
//
// CLOCK_HZ     at least 8 times the bit rate
// IDENTIFIERS  of the table: a power of two
// SINGLE_PORT  1: the table is in SPRAM of the iCE40UP5K
// S_BITS       bits of a beat into the net, of 128
// M_BITS       bits of the class, 1 to 4
// STRIKE       0: can_tx is constant, and recessive
// LEAST_BIT, TIMING  see hwf_can_host
// ENTRIES      of the log
module hwf_guard #(
    parameter int CLOCK_HZ = 12_000_000,
    parameter int IDENTIFIERS = 256,
    parameter int SINGLE_PORT = 0,
    parameter int S_BITS = 128,
    parameter int M_BITS = 3,
    parameter int STRIKE = 0,
    parameter int LEAST_BIT = 8,
    parameter logic [31:0] TIMING = 32'h01020501,
    parameter int ENTRIES = 32,
    localparam int PLACE = $clog2(IDENTIFIERS)
) (
    input  logic              clk,
    input  logic              rst,
    input  logic              can_rx,
    output logic              can_tx,
    // hwf_link
    input  logic              request_valid,
    input  logic [       7:0] request_operation,
    input  logic [      31:0] request_address,
    input  logic [       7:0] request_length,
    input  logic              p_valid,
    output logic              p_ready,
    input  logic [       7:0] p_data,
    output logic              r_valid,
    input  logic              r_ready,
    output logic [       7:0] r_data,
    output logic              request_done,
    output logic [       7:0] reply_status,
    // the net
    output logic              net_rst,
    output logic              s_valid,
    input  logic              s_ready,
    output logic [S_BITS-1:0] s_data,
    input  logic              m_valid,
    output logic              m_ready,
    input  logic [M_BITS-1:0] m_data
);
  generate
    if (M_BITS < 1 || M_BITS > 4) begin : bad_class
      $error("hwf_guard: M_BITS is 1 to 4.");
    end
  endgenerate

  // Host.
  logic enable, table_valid, table_ready, table_write, counts_hold, counts_held, log_more, log_ready, resting;
  logic [PLACE:0] count;
  logic [PLACE+5:0] table_address;
  logic [15:0] table_data, table_read, strike_mask, log_mask, log_data;
  logic [31:0] timing, counts_read;
  logic [4:0] counts_address;
  hwf_can_host #(
      .IDENTIFIERS(IDENTIFIERS),
      .STRIKE(STRIKE),
      .LEAST_BIT(LEAST_BIT),
      .TIMING(TIMING)
  ) host (
      .*
  );
  assign resting = rst || !enable;
  always_ff @(posedge clk) net_rst <= resting;

  // Receiver.
  logic bit_start, frame_open, started, id_valid, extended, byte_valid, payload_end, accepted, failed, passed_over, overload;
  logic [28:0] identifier;
  logic [3:0] dlc;
  logic [2:0] byte_index;
  logic [7:0] byte_data;
  logic [1:0] failure;
  // verilator lint_off UNUSEDSIGNAL
  logic bit_sample, bit_level, idle;
  // verilator lint_on UNUSEDSIGNAL
  hwf_can_rx receiver (
      .prescaler(timing[7:0]),
      .seg1(timing[15:8]),
      .seg2(timing[23:16]),
      .sjw(timing[31:24]),
      .*
  );

  // Features, and the net's beats.
  logic [46:0] now, time_stamp;
  logic [29:0] key;
  logic followed, known, word_valid, word_ready;
  logic [127:0] word;
  hwf_can_clock #(.CLOCK_HZ(CLOCK_HZ)) microseconds (.*);
  hwf_can_features #(
      .IDENTIFIERS(IDENTIFIERS),
      .SINGLE_PORT(SINGLE_PORT)
  ) features (
      .host_valid(table_valid),
      .host_ready(table_ready),
      .host_write(table_write),
      .host_address(table_address),
      .host_data(table_data),
      .host_read(table_read),
      .failed(failed || passed_over),
      .m_valid(word_valid),
      .m_ready(word_ready),
      .m_data(word),
      .*
  );
  // Both the net and the log take the frame in words of 16 bits, one after the other: the net the features, which are the upper
  // half of an entry, before the class, the log all of it behind that.
  logic storing, beat_valid, beat_ready;
  logic [2:0] beat;
  logic [3:0] at;
  logic [15:0] entry_word;
  assign beat_valid = word_valid && !storing;
  assign word_ready = beat_valid && beat_ready && beat == '1;
  always_ff @(posedge clk) begin
    if (beat_valid && beat_ready) beat <= beat + 1'b1;
    if (net_rst) beat <= '0;
  end
  hwf_resize #(
      .ELEMENT(1),
      .IN(16),
      .OUT(S_BITS),
      .COUNT(128)
  ) beats (
      .clk,
      .rst(net_rst),
      .s_valid(beat_valid),
      .s_ready(beat_ready),
      .s_data(entry_word),
      .m_valid(s_valid),
      .m_ready(s_ready),
      .m_data(s_data)
  );

  // Verdict.
  logic judged, strike, push, valid, struck, dropped;
  logic [1:0] kind;
  logic [3:0] verdict;
  logic [15:0] latency, number;
  assign m_ready = 1'b1;
  hwf_can_verdict judge (
      .rst(resting),
      .payload_end(payload_end && followed),
      .class_valid(m_valid),
      .class_in(4'(m_data)),
      .strike_mask(STRIKE != 0 ? strike_mask : 16'd0),
      .*
  );

  logic [255:0] entry;
  assign entry = {
    word, number, latency, {3'd0, key[28:0]}, 4'd0, verdict, 2'd0, kind, known, struck, valid, key[29], {1'b0, time_stamp}
  };
  assign entry_word = entry[{storing ? at : {1'b1, beat}, 4'b0000}+:16];
  hwf_can_log #(
      .ENTRIES(ENTRIES)
  ) log (
      .rst(resting),
      .push,
      .storing,
      .at,
      .word(entry_word),
      .dropped,
      .more(log_more),
      .m_ready(log_ready),
      .m_data(log_data),
      .clk
  );

  logic [31:0] events;
  always_comb begin
    events = '0;
    events[0] = accepted;
    events[1] = failed && failure == hwf_can::STUFF;
    events[2] = failed && failure == hwf_can::FORM;
    events[3] = failed && failure == hwf_can::CRC;
    events[4] = passed_over;
    events[5] = overload;
    events[6] = judged && !known;
    events[7] = dropped;
    events[8] = strike;
    if (judged) events[{1'b1, 4'(m_data)}] = 1'b1;
  end
  hwf_can_counters counters (
      .hold(counts_hold),
      .held(counts_held),
      .address(counts_address),
      .count(counts_read),
      .*
  );

  generate
    if (STRIKE != 0) begin : strikes
      hwf_can_strike flag (.*);
    end else begin : listens
      assign can_tx = 1'b1;
      logic unused;
      assign unused = &{1'b0, bit_start};
    end
  endgenerate
endmodule
