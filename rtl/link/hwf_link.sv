// The device's end of the link (docs/link.md): bytes in, bytes out, and requests to an application.
//
// Each request is carried out once: the last WINDOW replies are kept, each in the slot of hwf_frame_tx's memory that the
// lowest bits of its sequence number name; and as many requests can wait. HELLO and the common registers are answered here; READ from 0x100 on, WRITE and STREAM are
// handed to the application:
//
//     request_valid      high from the request until request_done; the other request_... hold their values meanwhile
//     p_...              the payload, request_length bytes; what is not read when request_done comes is dropped;
//                        p_more is high while there is more to read
//     r_...              the reply's payload, at most 240 bytes; r_ready falls for good after the last
//     request_done       for one cycle, with reply_status; at the earliest with the reply's last byte
//     hello              for one cycle: a host begins anew; what an earlier one left half done should be forgotten
//
// WINDOW                                      requests that may be under way: 2, 4, 8 or 16; 512 bytes of memory each
// IDENTITY, VECTORS, vector_in, vector_out    see hwf_registers
module hwf_link #(
    parameter int WINDOW = 8,
    parameter logic [511:0] IDENTITY = '0,
    parameter int VECTORS = 1
) (
    input  logic        clk,
    input  logic        rst,
    input  logic        s_valid,            // a byte from the host; there is no s_ready
    input  logic [ 7:0] s_data,
    input  logic        framing_error,
    output logic        m_valid,            // bytes to the host
    input  logic        m_ready,
    output logic [ 7:0] m_data,
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
    input  logic [ 7:0] reply_status,
    output logic        hello,
    input  logic        vector_in,
    input  logic        vector_out
);
  localparam logic [7:0] HELLO = 8'h01, READ = 8'h02, STREAM = 8'h04;
  localparam logic [7:0] OK = 0, BAD_OPERATION = 1, BAD_ADDRESS = 2, BAD_LENGTH = 3, BAD_SEQUENCE = 4, NO_SESSION = 5;
  localparam logic [7:0] IDENTITY_BYTES = 8'd64, REGISTER_BYTES = 8'd36;
  localparam int SLOT = $clog2(WINDOW);
  localparam logic [2:0] HEADER = 0, JUDGE = 1, COUNT = 2, COPY = 3, TELL = 4, APPLICATION = 5, FINISH = 6, SEND = 7;

  logic [2:0] state;

  // The request.
  logic head_ready, head_valid, release_frame;
  logic good, bad_crc, bad_length, overrun;
  logic [7:0] head_data;
  logic [55:0] head;
  logic [7:0] sequence_number;
  assign sequence_number = head[7:0];
  assign request_operation = head[15:8];
  assign request_address = head[47:16];
  assign request_length = head[55:48];

  hwf_frame_rx #(
      .FRAMES(WINDOW)
  ) receiver (
      .clk,
      .rst,
      .s_valid,
      .s_data,
      .m_valid(head_valid),
      .m_ready(head_ready),
      .m_data(head_data),
      .release_frame,
      .good,
      .bad_crc,
      .bad_length,
      .overrun
  );

  // The reply, of which a byte is written in the cycle after the one that names it: registers come no sooner.
  logic [SLOT+7:0] write_address;
  logic [SLOT-1:0] slot, sending;
  logic [7:0] write_data, status, reply_length;
  logic write, start, busy, short_place;
  assign slot = sequence_number[SLOT-1:0];

  hwf_frame_tx #(
      .REPLIES(WINDOW)
  ) transmitter (
      .clk,
      .rst,
      .start,
      .slot,
      .short_place,
      .busy,
      .sending,
      .write,
      .write_address,
      .write_data,
      .m_valid,
      .m_ready,
      .m_data
  );

  // What the registers are asked, and the events they count.
  logic hold, held, primed, duplicate, heard;
  logic [6:0] from;
  logic [7:0] register_data;  // of two cycles before
  logic [2:0] step;  // of FINISH: the header's byte 1 to 7
  assign hold = state == COPY || state == FINISH;
  always_ff @(posedge clk) heard <= !rst && (heard || s_valid);

  hwf_registers #(
      .IDENTITY(IDENTITY),
      .VECTORS(VECTORS)
  ) registers (
      .clk,
      .rst,
      .events({duplicate, overrun, framing_error, bad_length, bad_crc, good}),
      .first_byte(s_valid && !heard),
      .vector_in,
      .vector_out,
      .hold,
      .held,
      .address(state == FINISH ? {4'b0101, step} : from),
      .data(register_data)
  );

  // Exactly once.
  logic [7:0] expected, age;
  logic [SLOT:0] kept;  // replies to the latest so many numbers
  logic open, repeated, free, judge;
  // The number is a request's first byte: how old it is, is known before the header is read.
  always_ff @(posedge clk) begin
    if (head_valid && state == HEADER && step == '0) age <= expected - head_data;
    repeated <= age != '0 && age <= 8'(kept);
  end
  assign free = !busy || sending != slot;
  assign judge = state == JUDGE && free;
  assign duplicate = judge && request_operation != HELLO && open && repeated;
  assign hello = judge && request_operation == HELLO && request_length == '0;

  logic signed [8:0] room;  // registers from the address on
  always_ff @(posedge clk) room <= {1'b0, REGISTER_BYTES} - {1'b0, request_address[7:0]};

  logic [7:0] left;  // bytes of the payload that are not read, or of registers that are not copied
  logic p_taken, r_taken, copied;
  assign request_valid = state == APPLICATION;
  assign p_more = left != '0;
  assign p_valid = request_valid && head_valid && p_more;
  assign p_data = head_data;
  assign p_taken = p_valid && p_ready;
  assign r_ready = request_valid && reply_length[7:4] != 4'hF;
  assign r_taken = r_valid && r_ready;
  assign copied = state == COPY && primed;
  assign head_ready = state == HEADER || state == COUNT || (request_valid && p_ready && p_more);

  assign start = state == SEND && !busy;
  assign release_frame = start;
  logic from_registers;
  logic [7:0] place, byte_data;
  always_comb begin
    from_registers = state == COPY;
    place = short_place ? 8'hF0 : reply_length;
    byte_data = state == TELL ? expected : r_data;
    if (state == FINISH) begin
      place = {4'hF, !short_place, step};
      case (step)
        3'd1: byte_data = sequence_number;
        3'd2: byte_data = status;
        3'd7: byte_data = reply_length;
        default: from_registers = 1'b1;
      endcase
    end
  end

  logic take_register;
  logic [7:0] written;
  assign write_data = take_register ? register_data : written;
  always_ff @(posedge clk) begin
    write <= r_taken || copied || state == TELL || (state == FINISH && primed && step != '0);
    write_address <= {slot, place};
    take_register <= from_registers;
    written <= byte_data;
  end

  always_ff @(posedge clk) begin
    primed <= held && hold;
    if (held) from <= from + 1'b1;
    if (p_taken || copied) left <= left - 1'b1;
    if (r_taken || copied || state == TELL) reply_length <= reply_length + 1'b1;
    if (head_valid && state == HEADER) head <= {head_data, head[55:8]};

    case (state)
      HEADER: begin
        if (head_valid) step <= step + 1'b1;
        if (head_valid && step == 3'd6) state <= JUDGE;
      end
      JUDGE: begin
        step <= '0;
        reply_length <= '0;
        short_place <= 1'b1;
        status <= OK;
        left <= request_length;
        from <= request_address[6:0];
        if (!free) begin
        end else if (request_operation == HELLO) begin
          short_place <= 1'b0;
          left <= IDENTITY_BYTES;
          from <= 7'h30;
          state <= COPY;
          if (request_length != '0) begin
            short_place <= 1'b1;
            status <= BAD_LENGTH;
            state <= FINISH;
          end
        end else if (!open) begin
          status <= NO_SESSION;
          state  <= FINISH;
        end else if (repeated) begin
          short_place <= 1'b0;
          state <= SEND;
        end else if (age != '0) begin
          status <= BAD_SEQUENCE;
          state  <= TELL;
        end else begin
          short_place <= 1'b0;
          if (request_operation == READ && request_address[31:8] == '0) begin
            status <= BAD_LENGTH;
            state  <= request_length == 8'd1 ? COUNT : FINISH;
          end else if (request_operation >= READ && request_operation <= STREAM) begin
            state <= APPLICATION;
          end else begin
            status <= BAD_OPERATION;
            state  <= FINISH;
          end
        end
      end
      COUNT:
      if (head_valid) begin
        left   <= head_data;
        status <= OK;
        state  <= head_data == '0 ? FINISH : COPY;
        if ($signed({1'b0, head_data}) > room) begin
          status <= BAD_ADDRESS;
          state  <= FINISH;
        end
      end
      COPY: if (copied && left == 8'd1) state <= FINISH;
      TELL: state <= FINISH;
      APPLICATION:
      if (request_done) begin
        status <= reply_status;
        state  <= FINISH;
      end
      FINISH: begin
        if (held) step <= step + 1'b1;
        if (step == 3'd7) state <= SEND;
      end
      default:  // SEND
      if (!busy) begin
        step  <= '0;
        state <= HEADER;
      end
    endcase

    if (hello) begin
      expected <= sequence_number + 1'b1;
      open <= 1'b1;
      kept <= 1;
    end else if (judge && open && age == '0 && request_operation != HELLO) begin
      expected <= expected + 1'b1;
      if (!kept[SLOT]) kept <= kept + 1'b1;
    end

    if (rst) begin
      state <= HEADER;
      step <= '0;
      open <= 1'b0;
    end
  end

`ifndef SYNTHESIS
  a_reply_byte_is_offered_until_it_is_taken :
  assert property (@(posedge clk) disable iff (rst || request_done) r_valid && !r_ready && request_valid |=> r_valid);
  only_a_request_under_way_is_done :
  assert property (@(posedge clk) disable iff (rst) request_done |-> request_valid);
`endif
endmodule
