// What HELLO and READ tell: the identity, the session and the registers common to every device (docs/link.md).
//
// They lie in one small memory, and so do the counts: an event waits in `pending` until its count, a byte at a time, is
// raised in the memory. That takes 4 cycles, or 13 where carries run through (a block RAM is slow, so its output and sums are
// registered); the same event must not come more often than every 72 cycles, a byte of the UART being at least 80, except
// vector_out, of which 255 may. At reset the counts are cleared (48 cycles), the cycles are not.
//
//     address 0x00  registers, as in docs/link.md        0x2A  session (4 bytes)        0x30  identity (64 bytes)
//
// To read: raise `hold` and wait for `held`; then `data` is the byte at the `address` of two cycles before. As long as
// `held` is high nothing changes. latency_cycles and cycles are those at the time `held` rose.
//
// IDENTITY  as HELLO tells it, its first byte lowest
// VECTORS   1: measure latency_cycles; 0: it stays zero
module hwf_registers #(
    parameter logic [511:0] IDENTITY = '0,
    parameter int VECTORS = 1
) (
    input  logic       clk,
    input  logic       rst,
    input  logic [5:0] events,      // duplicate, overrun, framing, length, crc, good: register 5 - 0
    input  logic       first_byte,  // the session's number is the count of cycles now
    input  logic       vector_in,   // the last beat of an input vector passed
    input  logic       vector_out,  // the last beat of an output vector passed
    input  logic       hold,
    output logic       held,
    input  logic [6:0] address,
    output logic [7:0] data
);
  localparam logic [2:0] CLEAR = 0, WAIT = 1, FETCH = 2, RAISE = 3, KEEP = 4, HELD = 5, ADD = 6, ARRIVE = 7;
  localparam logic [6:0] LATENCY = 7'h1C, SESSION = 7'h2A, CLEARED = 7'h2F;

  // Block RAM, since not every tool loads the identity into look-up-table RAM.
  (* ram_style = "block" *) logic [7:0] memory[0:127];
  initial for (int i = 0; i < 128; i++) memory[i] = (i >= 48 && i < 112) ? IDENTITY[8*(i-48)+:8] : '0;

  // The clock cycles since power-up; reset does not touch them.
  logic [31:0] cycles;
  initial cycles = '0;
  always_ff @(posedge clk) cycles <= cycles + 1'b1;

  // Cycles since the latest vector came in, and what they were when the latest vector left: a latency, if it was alone.
  logic [6:0] place;
  logic [7:0] latency_byte;
  generate
    if (VECTORS != 0) begin : measure
      logic [31:0] since, latency;
      always_ff @(posedge clk) begin
        since <= vector_in ? 32'd1 : since + 1'b1;
        if (vector_out) latency <= since;
        if (rst) latency <= '0;
      end
      assign latency_byte = latency[{place[1:0], 3'b0}+:8];
    end else begin : no_measure
      logic unused;
      assign unused = &{1'b0, vector_in};
      assign latency_byte = '0;
    end
  endgenerate

  logic [2:0] state;
  logic [5:0] pending;
  logic [7:0] vectors;  // vectors that left and are not in the memory yet
  logic session;  // the session's number waits in snapshot
  logic [31:0] snapshot;

  // The lowest event that waits; the vectors are number 6.
  logic [2:0] lowest;
  always_comb begin
    lowest = 3'd6;
    for (int i = 5; i >= 0; i--) if (pending[i]) lowest = 3'(i);
  end

  logic raise_vectors;
  assign raise_vectors = state == WAIT && !session && !hold && pending == '0 && vectors != '0;

  logic [7:0] addend, raised;
  logic carry, write;
  assign write = state == CLEAR || state == RAISE || state == KEEP;
  assign held = state == HELD;

  logic [7:0] written;
  always_comb
    case (state)
      RAISE:   written = raised;
      KEEP:    written = place[5] ? snapshot[7:0] : latency_byte;
      default: written = '0;
    endcase

  logic [6:0] read_place;
  logic [7:0] stored;
  assign read_place = held ? address : state == RAISE ? place + 1'b1 : place;
  always_ff @(posedge clk) begin
    {carry, raised} <= {1'b0, data} + {1'b0, addend};
    if (write) memory[place] <= written;
    // What is being written is never read: saying so spares the logic that would keep the old byte.
    stored <= (write && read_place == place) ? 'x : memory[read_place];
    data <= stored;
  end

  always_ff @(posedge clk) begin
    case (state)
      CLEAR: begin
        place <= place + 1'b1;
        if (place == CLEARED) state <= WAIT;
      end
      WAIT:
      if (session) begin
        session <= 1'b0;
        place <= SESSION;
        state <= KEEP;
      end else if (hold) begin
        snapshot <= cycles;
        place <= LATENCY;
        state <= KEEP;
      end else if (pending != '0 || vectors != '0) begin
        place  <= {2'b00, lowest, 2'b00};
        addend <= raise_vectors ? vectors : 8'd1;
        state  <= FETCH;
      end
      FETCH: state <= ARRIVE;
      ARRIVE: state <= ADD;
      ADD: state <= RAISE;
      RAISE: begin
        place  <= place + 1'b1;
        addend <= 8'd1;
        state  <= (carry && place[1:0] != 2'd3) ? ARRIVE : WAIT;  // the next byte is being fetched
      end
      KEEP: begin
        place <= place + 1'b1;
        if (place[5]) snapshot <= snapshot >> 8;
        if (place == SESSION + 7'd3) state <= WAIT;
        if (place == LATENCY + 7'd7) state <= HELD;
        if (vector_out && !place[5]) place <= LATENCY;  // the latency changed on the way
      end
      default: if (!hold) state <= WAIT;  // HELD
    endcase

    if (state == RAISE && place[1:0] == '0) pending <= pending & ~(6'd1 << place[4:2]) | events;
    else pending <= pending | events;
    vectors <= (raise_vectors ? '0 : vectors) + {7'd0, vector_out};
    if (first_byte) begin
      session  <= 1'b1;
      snapshot <= cycles;
    end

    if (rst) begin
      state <= CLEAR;
      place <= '0;
      pending <= '0;
      vectors <= '0;
      session <= 1'b0;
    end
  end

`ifndef SYNTHESIS
  an_event_is_counted_before_it_comes_again :
  assert property (@(posedge clk) disable iff (rst)
    (events & pending) == '0 || (state == RAISE && place[1:0] == '0 && (events & pending) == 6'd1 << place[4:2]));
  vectors_are_counted_before_there_are_too_many :
  assert property (@(posedge clk) disable iff (rst) vector_out && !raise_vectors |-> vectors != '1);
`endif
endmodule
