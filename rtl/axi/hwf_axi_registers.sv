// The registers behind AXI4-Lite (docs/how-to/zynq.md): who the device is, what it counted, reset and interrupts.
//
//     0x00 .. 0x3C  identity, as HELLO tells it (docs/link.md)          read
//     0x40          control: bit 0 resets the net, and reads as zero;
//                       bit 1: a beat stands at m_axis              read, write
//     0x44          interrupts that are passed on: events as below      read, write
//     0x48          events since they were cleared: bit 0 a packet left, bit 1 a vector came short; ones clear  read, write
//     0x4C          vectors that came in since reset                    read
//     0x50          vectors that left since reset                       read
//     0x54          vectors that came short since reset                 read
//     0x58          clock cycles from the last input beat of a vector to its result's last beat, of the latest that was
//                       followed: one that comes while another is followed is not       read
//     0x5C          cycles since power-up                               read
//
// A word is accessed whole and at its own address: other writes are answered SLVERR and change nothing, as is a write of
// what is only read; an address behind these, DECERR. Counts wrap. Latency 0.
//
// ADDRESS_BITS  bits of an address, in bytes
// IDENTITY      its first byte lowest
module hwf_axi_registers #(
    parameter int ADDRESS_BITS = 12,
    parameter logic [511:0] IDENTITY = '0
) (
    input  logic                    clk,
    input  logic                    rst,
    input  logic                    write,
    input  logic [ADDRESS_BITS-1:0] write_address,
    input  logic [            31:0] write_data,
    input  logic [             3:0] write_strobes,
    output logic [             1:0] write_response,
    input  logic [ADDRESS_BITS-1:0] read_address,
    output logic [            31:0] read_data,
    output logic [             1:0] read_response,
    input  logic                    vector_in,       // the last beat of an input vector was taken
    input  logic                    vector_short,    // and with it, that it came short
    input  logic                    vector_out,      // the last beat of a result was taken
    input  logic                    packet_out,      // and with it, that a packet ended
    input  logic                    standing,        // a beat stands at m_axis
    output logic                    net_rst,         // a cycle after rst, and for a cycle when it is asked for
    output logic                    irq
);
  localparam logic [1:0] OKAY = 2'b00, SLVERR = 2'b10, DECERR = 2'b11;
  localparam int WORD_BITS = ADDRESS_BITS - 2;
  localparam logic [2:0] CONTROL = 0, ENABLE = 1, EVENTS = 2, VECTORS_IN = 3, VECTORS_OUT = 4, SHORT = 5, LATENCY = 6;
  localparam logic [WORD_BITS-1:0] WORDS = 24;

  logic [WORD_BITS-1:0] read_word, write_word;
  logic writable;
  assign read_word = read_address[ADDRESS_BITS-1:2];
  assign write_word = write_address[ADDRESS_BITS-1:2];
  assign writable = write_word[4] && write_word[2:0] <= EVENTS && write_address[1:0] == '0 && &write_strobes;
  always_comb begin
    read_response = read_address[1:0] == '0 ? OKAY : SLVERR;
    if (read_word >= WORDS) read_response = DECERR;
    write_response = writable ? OKAY : SLVERR;
    if (write_word >= WORDS) write_response = DECERR;
  end

  logic [31:0] came, left, shorts, since, latency, cycles;
  logic [15:0] followed;  // its number, of which as many bits as tell the vectors under way apart
  logic following, arrives;
  assign arrives = vector_out && following && left[15:0] == followed;
  logic [1:0] enabled, happened, cleared;
  logic change;
  initial cycles = '0;  // reset does not touch them
  assign change = write && write_response == OKAY;
  assign cleared = change && write_word[2:0] == EVENTS ? write_data[1:0] : '0;
  assign irq = (enabled & happened) != '0;

  always_ff @(posedge clk) begin
    net_rst <= rst || (change && write_word[2:0] == CONTROL && write_data[0]);
    cycles  <= cycles + 1'b1;
    since   <= since + 1'b1;
    if (arrives) begin
      latency   <= since;
      following <= 1'b0;
    end
    if (vector_in && (arrives || !following)) begin
      followed  <= came[15:0];
      following <= 1'b1;
      since     <= 32'd1;
    end
    if (vector_in) came <= came + 1'b1;
    if (vector_short) shorts <= shorts + 1'b1;
    if (vector_out) left <= left + 1'b1;
    if (net_rst) begin
      came <= '0;
      shorts <= '0;
      left <= '0;
      latency <= '0;
      following <= 1'b0;
    end
  end

  always_ff @(posedge clk) begin
    happened <= (happened & ~cleared) | {vector_short, packet_out};
    if (change && write_word[2:0] == ENABLE) enabled <= write_data[1:0];
    if (rst) begin
      happened <= '0;
      enabled  <= '0;
    end
  end

  logic [31:0] counted;
  always_comb
    case (read_word[2:0])
      CONTROL: counted = {30'd0, standing, 1'b0};
      ENABLE: counted = 32'(enabled);
      EVENTS: counted = 32'(happened);
      VECTORS_IN: counted = came;
      VECTORS_OUT: counted = left;
      SHORT: counted = shorts;
      LATENCY: counted = latency;
      default: counted = cycles;
    endcase
  always_comb begin
    read_data = read_word[4] ? counted : IDENTITY[{read_word[3:0], 5'd0}+:32];
    if (read_response != OKAY) read_data = '0;
  end

  logic unused;
  assign unused = &{1'b0, write_data[31:2]};
endmodule
