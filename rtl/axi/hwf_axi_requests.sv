// Requests by AXI4-Stream (docs/how-to/zynq.md) to an application that else stands behind hwf_link, and their replies.
//
// s: a packet is one or more requests, ended by TLAST; a request is words, the lowest byte first:
//     operation, length (0 to 240), 2 bytes that are ignored; address; the payload, padded to whole words
// m: for each request a reply, in order, with TLAST at the end of the last of its packet's; no TKEEP, every byte is kept:
//     status, length, 2 zeros; the payload, padded with zeros to whole words
// The application sees the ports of hwf_link, and `clear` in place of hello. A request is handed on when all of it came. One that
// came short (TLAST before its end, or TKEEP low in a byte of it, which counts as zero) or is longer than 240 bytes is answered
// BAD_LENGTH, any but READ, WRITE and STREAM BAD_OPERATION, and READ below 0x100 BAD_ADDRESS; TUSER with a reply's last word says
// that its request came short. One request is under way: the next is taken when all of a reply has left.
// `rst` alone takes a beat back that stands; `clear` forgets all else, as the application does.
//
// A request takes 6 cycles, and one for each word of its payload and of its reply's, beside what the application takes, which
// has a byte a cycle each way. s_ready depends on the state alone, m_valid too.
module hwf_axi_requests (
    input  logic        clk,
    input  logic        rst,
    input  logic        clear,
    input  logic        s_valid,
    output logic        s_ready,
    input  logic [31:0] s_data,
    input  logic [ 3:0] s_keep,
    input  logic        s_last,
    output logic        m_valid,
    input  logic        m_ready,
    output logic [31:0] m_data,
    output logic        m_last,
    output logic        m_user,
    output logic        request_in,     // a request's last word was taken
    output logic        request_short,  // and with it, that it came short
    output logic        reply_out,      // a reply's last word leaves
    output logic        packet_out,     // and ends a packet
    // the application: see hwf_link
    output logic        request_valid,
    output logic [ 7:0] request_operation,
    output logic [31:0] request_address,
    output logic [ 7:0] request_length,
    output logic        p_valid,
    input  logic        p_ready,
    output logic [ 7:0] p_data,
    output logic        p_more,
    input  logic        r_valid,
    output logic        r_ready,
    input  logic [ 7:0] r_data,
    input  logic        request_done,
    input  logic [ 7:0] reply_status
);
  localparam logic [7:0] READ = 2, STREAM = 4, OK = 0, BAD_OPERATION = 1, BAD_ADDRESS = 2, BAD_LENGTH = 3;
  localparam logic [2:0] HEAD = 0, ADDRESS = 1, PAYLOAD = 2, JUDGE = 3, APPLICATION = 4, FINISH = 5, SEND = 6;
  localparam logic [5:0] FRONT = '1;  // where a reply's first word is: its payload's is behind it, at 0

  logic [2:0] state;
  logic [5:0] word;  // of what comes, of the payload that is read next, or of what is sent next
  logic [1:0] lane;  // of the payload's byte
  logic [7:0] left;  // bytes of the payload that did not come yet, or are not read

  // What comes.
  logic open, beat, few, final_word, ends, lacks, lacked, shorter, last;
  logic [3:0] needed;
  assign open = !rst && !clear;
  assign s_ready = open && ((state == HEAD && !m_valid) || state == ADDRESS || state == PAYLOAD);
  assign beat = s_valid && s_ready;
  assign few = left[7:2] == '0;
  assign final_word = state == ADDRESS ? request_length == '0 : state == PAYLOAD && (few || left == 8'd4);
  assign ends = final_word || s_last;
  assign needed[1:0] = {state != PAYLOAD || left != 8'd1, 1'b1};
  assign needed[2] = state == ADDRESS || (state == PAYLOAD && (!few || &left[1:0]));
  assign needed[3] = state == ADDRESS || (state == PAYLOAD && !few);
  assign lacks = (needed & ~s_keep) != '0 || (s_last && !final_word);
  assign shorter = lacks || (lacked && state != HEAD);
  assign request_in = beat && ends;
  assign request_short = request_in && shorter;

  always_ff @(posedge clk)
    if (beat) begin
      lacked <= shorter;
      last   <= s_last;
      if (state == HEAD) begin
        request_operation <= s_data[7:0];
        request_length <= s_keep[1] ? s_data[15:8] : '0;
      end
      if (state == ADDRESS) request_address <= s_data;
    end

  // What is said of it at once.
  logic [7:0] verdict, status;
  always_comb begin
    verdict = OK;
    if (lacked || request_length > 8'd240) verdict = BAD_LENGTH;
    else if (request_operation < READ || request_operation > STREAM) verdict = BAD_OPERATION;
    else if (request_operation == READ && request_address[31:8] == '0) verdict = BAD_ADDRESS;
  end

  // The application.
  logic p_taken, r_taken;
  logic [7:0] reply_length;
  logic [5:0] top;  // the reply's last word
  assign request_valid = state == APPLICATION;
  assign p_more = left != '0;
  assign p_valid = request_valid && p_more;
  assign p_data = m_data[{lane, 3'd0}+:8];
  assign p_taken = p_valid && p_ready;
  assign r_ready = request_valid && reply_length[7:4] != 4'hF;
  assign r_taken = r_valid && r_ready;

  // What is sent.
  logic send, ending;
  assign send = state == SEND && open && (m_ready || !m_valid);
  assign reply_out = m_valid && m_ready && ending;
  assign packet_out = m_valid && m_ready && m_last;

  // One memory for a request's payload, below, and a reply. Its output is what stands at m, or the payload's word.
  (* ram_style = "block" *) logic [31:0] memory[0:127];
  logic [6:0] read_address, write_address;
  logic [31:0] written;
  logic [3:0] write;
  logic read, collision, replies, heads;
  assign replies = state >= APPLICATION;
  assign heads = state == FINISH;
  assign read = send || state == JUDGE || (p_taken && lane == '1);
  assign read_address = {state == SEND, word};
  // Never while writing: saying so spares the logic that would keep the old word.
  assign collision = write_address == read_address;
  for (genvar i = 0; i < 4; i++) begin : octet
    // What is written before a beat is there, is written over by it. A reply's word begins as zeros.
    assign write[i] = state == PAYLOAD || heads || (r_taken && (reply_length[1:0] == 2'(i) || reply_length[1:0] == '0));
    always_comb begin
      written[8*i+:8] = s_data[8*i+:8];
      if (heads) written[8*i+:8] = i == 0 ? status : i == 1 ? reply_length : '0;
      else if (replies) written[8*i+:8] = i == 0 || reply_length[1:0] != '0 ? r_data : '0;
    end
  end
  assign write_address = {replies, heads ? FRONT : replies ? reply_length[7:2] : word};
  always_ff @(posedge clk) begin
    for (int i = 0; i < 4; i++) if (write[i]) memory[write_address][8*i+:8] <= written[8*i+:8];
    if (read) m_data <= (write != '0 && collision) ? 'x : memory[read_address];
  end

  always_ff @(posedge clk) begin
    if (state == ADDRESS || state == JUDGE) left <= request_length;
    else if (p_taken || beat) left <= left - (state == PAYLOAD ? 8'd4 : 8'd1);

    if (state == JUDGE) reply_length <= '0;
    else if (r_taken) reply_length <= reply_length + 1'b1;
    if (state == JUDGE) top <= FRONT;
    else if (r_taken) top <= reply_length[7:2];
    if (state == JUDGE) lane <= '0;
    else if (p_taken) lane <= lane + 1'b1;
    if (state == JUDGE) status <= verdict;
    else if (request_done) status <= reply_status;

    if (state == FINISH) word <= FRONT;
    else if (state == HEAD || state == ADDRESS || request_in) word <= '0;
    else if (beat || read) word <= word + 1'b1;
    if (send) begin
      ending <= word == top;
      m_last <= word == top && last;
      m_user <= word == top && lacked;
    end
  end

  always_ff @(posedge clk) begin
    m_valid <= send || (m_valid && !m_ready);
    case (state)
      HEAD: if (beat) state <= s_last ? JUDGE : ADDRESS;
      ADDRESS: if (beat) state <= ends ? JUDGE : PAYLOAD;
      PAYLOAD: if (request_in) state <= JUDGE;
      JUDGE: state <= verdict == OK ? APPLICATION : FINISH;
      APPLICATION: if (request_done) state <= FINISH;
      FINISH: state <= SEND;
      default: if (send && word == top) state <= HEAD;
    endcase
    if (rst || clear) state <= HEAD;
    if (rst) m_valid <= 1'b0;
  end

`ifndef SYNTHESIS
  a_beat_stands_only_while_no_request_is_under_way :
  assert property (@(posedge clk) disable iff (rst) m_valid |-> state == SEND || state == HEAD);
  a_reply_byte_is_offered_until_it_is_taken :
  assert property (@(posedge clk) disable iff (rst || clear || request_done) r_valid && !r_ready && request_valid |=> r_valid);
  only_a_request_under_way_is_done :
  assert property (@(posedge clk) disable iff (rst || clear) request_done |-> request_valid);
`endif
endmodule
