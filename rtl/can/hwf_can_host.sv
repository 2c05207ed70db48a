// READ, WRITE and STREAM of the guard (docs/can-guard.md): settings, counts, the table, and the log.
//
// Addresses and lengths are even; a value of the table or of the settings is 16 bits, a count 32. A request that leaves
// its range is refused before anything is written. The table is written only while `enable` is low. STREAM gives the whole
// entries that wait, as many as fit, and NOT_LOADED while `enable` is low.
//
// IDENTIFIERS  of the table, at most 512
// STRIKE       whether the build can drive the bus; `0x10E` tells it, and LEAST_BIT
// LEAST_BIT    clock cycles of a bit at which the net keeps up, less than 2^15
// TIMING       prescaler, seg1, seg2, sjw after a reset, the first lowest
module hwf_can_host #(
    parameter int IDENTIFIERS = 256,
    parameter int STRIKE = 0,
    parameter int LEAST_BIT = 8,
    parameter logic [31:0] TIMING = 32'h01020501,
    localparam int PLACE = $clog2(IDENTIFIERS)
) (
    input  logic             clk,
    input  logic             rst,
    input  logic             request_valid,
    input  logic [      7:0] request_operation,
    input  logic [     31:0] request_address,   // holds until request_done
    input  logic [      7:0] request_length,
    input  logic             p_valid,
    output logic             p_ready,
    input  logic [      7:0] p_data,
    output logic             r_valid,
    input  logic             r_ready,
    output logic [      7:0] r_data,
    output logic             request_done,
    output logic [      7:0] reply_status,
    // settings
    output logic             enable,
    output logic [  PLACE:0] count,
    output logic [     31:0] timing,
    output logic [     15:0] strike_mask,
    output logic [     15:0] log_mask,
    // the table
    output logic             table_valid,
    input  logic             table_ready,
    output logic             table_write,
    output logic [PLACE+5:0] table_address,
    output logic [     15:0] table_data,
    input  logic [     15:0] table_read,
    // the counts
    output logic             counts_hold,
    input  logic             counts_held,
    output logic [      4:0] counts_address,
    input  logic [     31:0] counts_read,
    // the log
    input  logic             log_more,
    output logic             log_ready,
    input  logic [     15:0] log_data
);
  localparam logic [7:0] READ = 2, WRITE = 3, STREAM = 4, OK = 0, BAD_ADDRESS = 2, BAD_LENGTH = 3, NOT_LOADED = 7;
  // 8 words of settings from 0x100, 32 counts from 0x180, the table from 0x10000.
  localparam logic [24-PLACE:0] TABLE_PAGE = (25 - PLACE)'(32'h10000 >> (PLACE + 7));
  localparam logic [7:0] MOST = 240;
  localparam logic [7:0] ENTRIES = 7 * 32;  // bytes of a reply
  localparam logic [3:0] IDLE = 0, SIZE = 1, CHECK = 2, FETCH = 3, ARRIVE = 4, LOW = 5, HIGH = 6, TAKE = 7, TAKE_HIGH = 8,
      STORE = 9, PICK = 10, DONE = 11, SETTLE = 12;

  generate
    if (PLACE > 9) begin : too_many
      $error("hwf_can_host: IDENTIFIERS is at most 512.");
    end
  endgenerate

  logic [3:0] state;
  logic [2:0] status;
  logic [7:0] left;  // bytes
  logic [PLACE+6:0] address;  // within the region
  logic [15:0] value, upper;  // upper: of the count whose lower half is under way
  logic writes, streams, of_settings, of_counts, of_table, in_range, even;
  assign writes = request_operation == WRITE;
  assign streams = request_operation == STREAM;
  // Where the last byte lies, for regions whose sizes are powers of two.
  // verilator lint_off UNUSEDSIGNAL
  logic [8:0] stop;
  // verilator lint_on UNUSEDSIGNAL
  logic none;
  assign none = left == '0;
  assign stop = {1'b0, address[7:0]} + {1'b0, left} - {8'd0, !none};
  assign of_settings = request_address[31:4] == 28'h10;
  assign of_counts = request_address[31:7] == 25'h3;
  assign of_table = request_address[31:PLACE+7] == TABLE_PAGE;
  always_comb begin
    in_range = 1'b0;
    if (of_settings) in_range = stop[8:4] == {1'b0, address[7:4]};
    else if (of_counts) in_range = !writes && stop[8:7] == {1'b0, address[7]};
    else if (of_table) in_range = !(writes && enable) && !(stop[8] && address[PLACE+6:8] == '1);
  end
  assign even = !address[0] && !left[0] && (!of_counts || (address[1:0] == '0 && left[1:0] == '0));

  assign request_done = state == DONE;
  assign reply_status = {5'd0, status};
  assign p_ready = state == SIZE || state == TAKE || state == TAKE_HIGH;
  assign r_valid = state == LOW || state == HIGH;
  assign r_data = state == LOW ? value[7:0] : value[15:8];

  assign table_valid = of_table && (state == FETCH || state == STORE);
  assign table_write = writes;
  assign table_address = address[PLACE+6:1];
  assign table_data = value;
  assign counts_hold = of_counts && (state == FETCH || state == SETTLE || state == ARRIVE) && !address[1];
  assign counts_address = address[6:2];
  assign log_ready = state == PICK && (left[4:0] != '0 || (log_more && !none));

  logic [15:0] setting;
  always_comb
    case (address[3:1])
      3'd0: setting = {15'd0, enable};
      3'd1: setting = 16'(count);
      3'd2: setting = timing[15:0];
      3'd3: setting = timing[31:16];
      3'd4: setting = strike_mask;
      3'd5: setting = log_mask;
      3'd6: setting = 16'(IDENTIFIERS);
      default: setting = {15'(LEAST_BIT), STRIKE != 0};
    endcase

  logic last;
  assign last = left == 8'd2;
  always_ff @(posedge clk) begin
    case (state)
      IDLE:
      if (request_valid) begin
        status  <= OK[2:0];
        address <= request_address[PLACE+6:0];
        left    <= streams ? ENTRIES : request_length;
        state   <= CHECK;
        if (request_operation == READ) state <= SIZE;
        if (request_operation == READ && request_length != 8'd1) begin
          status <= BAD_LENGTH[2:0];
          state  <= DONE;
        end
        if (streams) state <= PICK;
        if (streams && !enable) begin
          status <= NOT_LOADED[2:0];
          state  <= DONE;
        end
      end
      SIZE:
      if (p_valid) begin
        left  <= p_data;
        state <= CHECK;
      end
      CHECK: begin
        state <= writes ? TAKE : FETCH;
        if (!in_range) status <= BAD_ADDRESS[2:0];
        else if (!even || left > MOST) status <= BAD_LENGTH[2:0];
        if (!in_range || !even || left > MOST || left == '0) state <= DONE;
      end
      FETCH: if (of_counts ? address[1] || counts_held : !of_table || table_ready) state <= of_counts ? SETTLE : ARRIVE;
      SETTLE: state <= ARRIVE;
      ARRIVE: begin
        value <= of_table ? table_read : of_settings ? setting : address[1] ? upper : counts_read[15:0];
        if (!address[1]) upper <= counts_read[31:16];
        state <= LOW;
      end
      LOW: if (r_ready) state <= HIGH;
      HIGH:
      if (r_ready) begin
        address <= address + (PLACE + 7)'(2);
        left <= left - 8'd2;
        state <= streams ? PICK : last ? DONE : FETCH;
      end
      TAKE:
      if (p_valid) begin
        value[7:0] <= p_data;
        state <= TAKE_HIGH;
      end
      TAKE_HIGH:
      if (p_valid) begin
        value[15:8] <= p_data;
        state <= STORE;
      end
      STORE:
      if (!of_table || table_ready) begin
        address <= address + (PLACE + 7)'(2);
        left <= left - 8'd2;
        state <= last ? DONE : TAKE;
      end
      PICK: begin
        value <= log_data;
        state <= log_ready ? LOW : DONE;
      end
      default: state <= IDLE;  // DONE
    endcase
    if (rst) state <= IDLE;
  end

  always_ff @(posedge clk) begin
    if (state == STORE && of_settings)
      case (address[3:1])
        3'd0: enable <= value[0];
        3'd1: count <= (PLACE + 1)'(value);
        3'd2: timing[15:0] <= value;
        3'd3: timing[31:16] <= value;
        3'd4: if (STRIKE != 0) strike_mask <= value;
        3'd5: log_mask <= value;
        default: ;  // these two only tell
      endcase
    if (rst) begin
      enable <= 1'b0;
      count <= '0;
      timing <= TIMING;
      strike_mask <= '0;
      log_mask <= '1;
    end
  end

`ifndef SYNTHESIS
  a_request_stays_until_it_is_done :
  assert property (@(posedge clk) disable iff (rst) state != IDLE |-> request_valid);
`endif
endmodule
