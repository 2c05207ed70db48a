// hwf_stream_device for a net with memories that the host writes: it carries out READ and WRITE of them too.
//
// The memories are on `load` (hwf_memory), 16 bits to an address; on the link (docs/link.md) address a has the two bytes from
// 0x80000000 + 2 a. The last 16 bytes of that room are the digest of the content: once its last byte is written all is
// loaded, until anything else is written, or rst. Before that the net is in reset and STREAM, as READ of the digest, is
// answered NOT_LOADED. READ and WRITE reset the net as HELLO does, and leave the memories as they are.
// Latency: 3 cycles for two bytes written, 7 for two bytes read.
//
// S_BITS .. LIMIT_BITS  see hwf_stream_device
// ADDRESSES             of the memories on `load`, from 0 on
module hwf_loaded_device #(
    parameter int S_BITS = 8,
    parameter int S_COUNT = 8,
    parameter int M_BITS = 8,
    parameter int M_COUNT = 8,
    parameter int LIMIT_BITS = 24,
    parameter int ADDRESSES = 1
) (
    input  logic              clk,
    input  logic              rst,
    // hwf_link
    input  logic              hello,
    input  logic              request_valid,
    input  logic [       7:0] request_operation,
    input  logic [      31:0] request_address,
    input  logic [       7:0] request_length,
    input  logic              p_valid,
    output logic              p_ready,
    input  logic [       7:0] p_data,
    input  logic              p_more,
    output logic              r_valid,
    input  logic              r_ready,
    output logic [       7:0] r_data,
    output logic              request_done,
    output logic [       7:0] reply_status,
    output logic              vector_in,
    output logic              vector_out,
    // the net
    output logic              net_rst,
    output logic              s_valid,
    input  logic              s_ready,
    output logic [S_BITS-1:0] s_data,
    input  logic              m_valid,
    output logic              m_ready,
    input  logic [M_BITS-1:0] m_data,
    output logic [      41:0] load,
    input  logic [      15:0] stored
);
  localparam logic [7:0] READ = 8'h02, STREAM = 8'h04;
  localparam logic [7:0] OK = 0, BAD_ADDRESS = 2, BAD_LENGTH = 3, NOT_LOADED = 7;
  localparam logic [23:0] DIGEST = 24'hFFFFF8;  // of 8 addresses, the last there are
  localparam logic [3:0] IDLE = 0, COUNT = 1, JUDGE = 2, LOW = 3, HIGH = 4, KEEP = 5, ASK = 6, TELL = 9, MORE = 10, DONE = 11;

  generate
    if (ADDRESSES < 1 || ADDRESSES > 24'hFFFFF8) begin : illegal_addresses
      $error("hwf_loaded_device: ADDRESSES is 1 to 2^24 - 8.");
    end
  endgenerate

  logic loaded, streams, ours;
  logic [3:0] state;  // ASK and the two after it wait for what was asked
  logic [7:0] status, left;
  logic [23:0] at;
  logic [15:0] value, digest;
  assign streams = request_operation == STREAM && loaded;
  assign ours = request_valid && !streams;

  // The request, once it is known how many bytes it is about.
  logic [31:0] bytes_end;
  logic in_memory, in_digest, reads;
  assign reads = request_operation == READ;
  assign bytes_end = {7'd0, request_address[24:0]} + {24'd0, left};
  assign in_memory = request_address[31:25] == 7'h40 && bytes_end <= 32'(2 * ADDRESSES);
  assign in_digest = request_address == {7'h40, DIGEST, 1'b0};

  always_ff @(posedge clk) begin
    case (state)
      IDLE:
      if (ours) begin
        status <= request_operation == STREAM ? NOT_LOADED : BAD_LENGTH;
        left   <= request_length;
        if (request_operation == STREAM) state <= DONE;
        else if (reads) state <= request_length == 8'd1 ? COUNT : DONE;
        else state <= JUDGE;
      end
      COUNT:
      if (p_valid) begin
        left  <= p_data;
        state <= JUDGE;
      end
      JUDGE: begin
        at <= request_address[24:1];
        if (!in_memory && !in_digest) begin
          status <= BAD_ADDRESS;
          state  <= DONE;
        end else if (request_address[0] || left[0] || left == '0 || (in_digest && left != 8'd16)) begin
          status <= BAD_LENGTH;
          state  <= DONE;
        end else if (reads && in_digest && !loaded) begin
          status <= NOT_LOADED;
          state  <= DONE;
        end else begin
          status <= OK;
          state  <= reads ? ASK : LOW;
          if (!reads) loaded <= 1'b0;
        end
      end
      LOW:
      if (p_valid) begin
        value[7:0] <= p_data;
        state <= HIGH;
      end
      HIGH:
      if (p_valid) begin
        value[15:8] <= p_data;
        state <= KEEP;
      end
      KEEP: if (at == '1) loaded <= 1'b1;
      TELL: if (r_ready) state <= MORE;
      default: ;
    endcase
    if (state == KEEP || (state == MORE && r_ready)) begin
      at <= at + 1'b1;
      left <= left - 8'd2;
      state <= left == 8'd2 ? DONE : reads ? ASK : LOW;
    end
    if (state >= ASK && state < TELL) begin
      state <= state + 1'b1;
      value <= stored | digest;
    end
    if (state == DONE || !ours) state <= IDLE;
    if (rst) begin
      state  <= IDLE;
      loaded <= 1'b0;
    end
  end

  assign load = {state >= KEEP && state < TELL, state == KEEP, at, value};

  // The digest is a memory as the others; the net's answer a cycle later than it does.
  logic [15:0] digest_stored, digest_data;
  logic unused;
  assign unused = &{1'b0, digest_data};
  hwf_memory #(
      .WIDTH(16),
      .DEPTH(8),
      .FIRST(int'(DIGEST))
  ) digest_memory (
      .clk,
      .en(1'b0),
      .address('0),
      .data(digest_data),
      .load,
      .stored(digest_stored)
  );
  always_ff @(posedge clk) digest <= digest_stored;

  // Whose the link is.
  logic stream_p_ready, stream_r_valid, stream_done;
  logic [7:0] stream_r_data, stream_status;
  assign p_ready = streams ? stream_p_ready : state == COUNT || state == LOW || state == HIGH;
  assign r_valid = streams ? stream_r_valid : state == TELL || state == MORE;
  assign r_data = streams ? stream_r_data : state == TELL ? value[7:0] : value[15:8];
  assign request_done = streams ? stream_done : ours && state == DONE;
  assign reply_status = streams ? stream_status : status;

  hwf_stream_device #(
      .S_BITS(S_BITS),
      .S_COUNT(S_COUNT),
      .M_BITS(M_BITS),
      .M_COUNT(M_COUNT),
      .LIMIT_BITS(LIMIT_BITS)
  ) device (
      .clk,
      .rst,
      .hello(hello || !loaded || ours),
      .request_valid(request_valid && streams),
      .request_operation,
      .request_address,
      .p_valid(p_valid && streams),
      .p_ready(stream_p_ready),
      .p_data,
      .p_more,
      .r_valid(stream_r_valid),
      .r_ready(r_ready && streams),
      .r_data(stream_r_data),
      .request_done(stream_done),
      .reply_status(stream_status),
      .vector_in,
      .vector_out,
      .net_rst,
      .s_valid,
      .s_ready,
      .s_data,
      .m_valid,
      .m_ready,
      .m_data
  );
endmodule
