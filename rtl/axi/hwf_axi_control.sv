// AXI4-Lite of a device: who it is, what it counted, reset and interrupts. Its registers are those of hwf_axi_registers.
//
// net_rst is high a cycle after rst, and for a cycle when the host asks for it. Latency: that of hwf_axi_lite.
//
// KIND .. OUTPUT_SIGNED   as of hwf_shell
module hwf_axi_control #(
    parameter int CLOCK_HZ = 100_000_000,
    parameter int KIND = 1,
    parameter logic [127:0] DIGEST = '0,
    parameter logic [127:0] BUILD = '0,
    parameter int INPUTS = 1,
    parameter int OUTPUTS = 1,
    parameter int INPUT_SIZE = 0,
    parameter int INPUT_BITS = 0,
    parameter int INPUT_SIGNED = 0,
    parameter int OUTPUT_SIZE = 0,
    parameter int OUTPUT_BITS = 0,
    parameter int OUTPUT_SIGNED = 0
) (
    input  logic        clk,
    input  logic        rst,
    output logic        irq,
    input  logic [11:0] s_axi_awaddr,
    input  logic        s_axi_awvalid,
    output logic        s_axi_awready,
    input  logic [31:0] s_axi_wdata,
    input  logic [ 3:0] s_axi_wstrb,
    input  logic        s_axi_wvalid,
    output logic        s_axi_wready,
    output logic [ 1:0] s_axi_bresp,
    output logic        s_axi_bvalid,
    input  logic        s_axi_bready,
    input  logic [11:0] s_axi_araddr,
    input  logic        s_axi_arvalid,
    output logic        s_axi_arready,
    output logic [31:0] s_axi_rdata,
    output logic [ 1:0] s_axi_rresp,
    output logic        s_axi_rvalid,
    input  logic        s_axi_rready,
    // the streams: see hwf_axi_registers
    input  logic        vector_in,
    input  logic        vector_short,
    input  logic        vector_out,
    input  logic        packet_out,
    input  logic        standing,
    output logic        net_rst
);
  localparam logic [7:0] LAYOUT = 2, WINDOW = 1;  // of the identity (docs/link.md); accesses under way

  function automatic logic [127:0] first_byte_lowest(input logic [127:0] digest);
    for (int i = 0; i < 16; i++) first_byte_lowest[8*i+:8] = digest[8*(15-i)+:8];
  endfunction

  localparam logic [511:0] IDENTITY = {
    8'(OUTPUT_SIGNED),
    8'(OUTPUT_BITS),
    8'(INPUT_SIGNED),
    8'(INPUT_BITS),
    32'(OUTPUT_SIZE),
    32'(INPUT_SIZE),
    first_byte_lowest(BUILD),
    32'(CLOCK_HZ),
    32'(OUTPUTS),
    32'(INPUTS),
    first_byte_lowest(DIGEST),
    8'd0,
    WINDOW,
    LAYOUT,
    8'(KIND),
    "1FWH"
  };

  logic write;
  logic [11:0] write_address, read_address;
  logic [31:0] write_data, read_data;
  logic [3:0] write_strobes;
  logic [1:0] write_response, read_response;

  hwf_axi_lite lite (.*);
  hwf_axi_registers #(.IDENTITY(IDENTITY)) registers (.*);
endmodule
