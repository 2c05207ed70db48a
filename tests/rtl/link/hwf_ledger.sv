// A device for the link's fault campaign: hwf_shell and an application on which everything that is done twice, or not, shows.
//
// WRITE adds the payload's bytes to the cells at 0x100 to 0x1FF, READ gives cells back. STREAM stirs the payload's bytes
// into `sum`, one by one, and then gives as many bytes of it as asked, each of which stirs it on. Reset clears all. It
// stalls now and then, as applications do.
//
// rest      nothing is under way: as long as the line is idle, nothing will change but the count of cycles
// events    request done, duplicate, overrun, framing, length, crc, good
// button, rst, WINDOW: see hwf_shell
module hwf_ledger #(
    parameter int CLOCKS_PER_BIT = 8,
    parameter int WINDOW = 8
) (
    input  logic        clk,
    input  logic        button,
    input  logic        uart_rx,
    output logic        uart_tx,
    output logic        rst,
    output logic        rest,
    output logic [ 6:0] events,
    output logic [31:0] sum
);
  localparam logic [7:0] READ = 2, WRITE = 3, STREAM = 4, OK = 0, BAD_ADDRESS = 2, BAD_LENGTH = 3;
  localparam logic [2:0] IDLE = 0, SIZE = 1, TAKE = 2, GIVE = 3, DONE = 4;

  logic hello, request_valid, p_valid, p_ready, p_more, r_valid, r_ready, request_done, vector_in, vector_out;
  logic [7:0] request_operation, request_length, p_data, r_data, reply_status;
  logic [31:0] request_address;
  assign vector_in  = 1'b0;
  assign vector_out = 1'b0;

  hwf_shell #(
      .CLOCK_HZ(1_000_000 * CLOCKS_PER_BIT),
      .BAUD(1_000_000),
      .WINDOW(WINDOW),
      .DIGEST(128'h1ed6e4),
      .VECTORS(0)
  ) shell (
      .*
  );

  logic [7:0] cells[0:255]  /* verilator public_flat_rd */;
  logic [2:0] state;
  logic [7:0] place, left, status;
  logic [15:0] chance;  // a shift register with feedback
  logic stall, taken, given, steps, writes;
  assign stall = chance[3:0] == '0;
  assign steps = request_operation == STREAM;
  assign writes = request_operation == WRITE;
  assign p_ready = state == SIZE || (state == TAKE && !stall);
  assign taken = p_valid && p_ready;
  assign r_data = steps ? sum[31:24] : cells[place];
  assign given = r_valid && r_ready;
  assign request_done = state == DONE;
  assign reply_status = status;

  // Whether `count` cells from the address on exist.
  function automatic logic exist(input logic [31:0] address, input logic [7:0] count);
    exist = address[31:8] == 24'd1 && {1'b0, address[7:0]} + {1'b0, count} <= 9'd256;
  endfunction

  always_ff @(posedge clk) begin
    chance <= {chance[14:0], chance[15] ^ chance[13] ^ chance[12] ^ chance[10]};
    if (taken || given) place <= place + 1'b1;
    if (taken && state == TAKE && writes) cells[place] <= cells[place] + p_data;
    if (taken && state == TAKE && steps) sum <= (sum ^ {24'd0, p_data}) * 32'h01000193 + 32'd1;
    if (given && steps) sum <= sum * 32'd1664525 + 32'd1013904223;
    if (given) left <= left - 1'b1;
    r_valid <= state == GIVE && left != '0 && (r_valid ? !given : !stall);
    case (state)
      IDLE:
      if (request_valid) begin
        place  <= request_address[7:0];
        left   <= request_address[7:0];
        status <= OK;
        state  <= TAKE;
        if (steps && request_address > 32'd240) begin
          status <= BAD_LENGTH;
          state  <= DONE;
        end
        if (writes && !exist(request_address, request_length)) begin
          status <= BAD_ADDRESS;
          state  <= DONE;
        end
        if (request_operation == READ) begin
          status <= BAD_LENGTH;
          state  <= request_length == 8'd1 ? SIZE : DONE;
        end
      end
      SIZE:
      if (taken) begin
        place  <= request_address[7:0];
        left   <= p_data;
        status <= exist(request_address, p_data) && p_data <= 8'd240 ? OK : BAD_ADDRESS;
        state  <= exist(request_address, p_data) && p_data <= 8'd240 ? GIVE : DONE;
      end
      TAKE: if (!p_more) state <= writes ? DONE : GIVE;
      GIVE: if (left == '0 || (given && left == 8'd1)) state <= DONE;
      default: state <= IDLE;
    endcase
    if (rst) begin
      state <= IDLE;
      chance <= 16'd1;
      sum <= '0;
      r_valid <= 1'b0;
      for (int i = 0; i < 256; i++) cells[i] <= '0;
    end
  end

  // What goes on inside, seen from outside.
  assign events = {
    request_done,
    shell.link.duplicate,
    shell.link.overrun,
    shell.framing_error,
    shell.link.bad_length,
    shell.link.bad_crc,
    shell.link.good
  };
  assign rest = !rst && shell.link.state == '0 && shell.link.receiver.waiting == '0 && !shell.link.busy &&
      !shell.receiver.busy && !shell.transmitter.busy && shell.link.registers.state == 3'd1 &&
      shell.link.registers.pending == '0;

  logic unused;
  assign unused = &{1'b0, hello};
endmodule
