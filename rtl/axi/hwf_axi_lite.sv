// AXI4-Lite to reads and writes of registers, one of each under way. The registers say what an access is answered.
//
// Address and data of a write come in any order, and wait for each other here. Every access is answered, whatever the
// master does meanwhile on other channels. READY depends on the state alone.
// Latency 2 cycles from the address (of a write: from the later of address and data) to the answer's VALID; an access
// every 2 cycles.
//
// ADDRESS_BITS  bits of an address, in bytes
module hwf_axi_lite #(
    parameter int ADDRESS_BITS = 12
) (
    input  logic                    clk,
    input  logic                    rst,
    input  logic [ADDRESS_BITS-1:0] s_axi_awaddr,
    input  logic                    s_axi_awvalid,
    output logic                    s_axi_awready,
    input  logic [            31:0] s_axi_wdata,
    input  logic [             3:0] s_axi_wstrb,
    input  logic                    s_axi_wvalid,
    output logic                    s_axi_wready,
    output logic [             1:0] s_axi_bresp,
    output logic                    s_axi_bvalid,
    input  logic                    s_axi_bready,
    input  logic [ADDRESS_BITS-1:0] s_axi_araddr,
    input  logic                    s_axi_arvalid,
    output logic                    s_axi_arready,
    output logic [            31:0] s_axi_rdata,
    output logic [             1:0] s_axi_rresp,
    output logic                    s_axi_rvalid,
    input  logic                    s_axi_rready,
    // the registers, which answer in the same cycle
    output logic                    write,
    output logic [ADDRESS_BITS-1:0] write_address,
    output logic [            31:0] write_data,
    output logic [             3:0] write_strobes,
    input  logic [             1:0] write_response,
    output logic [ADDRESS_BITS-1:0] read_address,
    input  logic [            31:0] read_data,
    input  logic [             1:0] read_response
);
  logic address_held, data_held, read_held, read;
  assign s_axi_awready = !address_held;
  assign s_axi_wready = !data_held;
  assign s_axi_arready = !read_held;
  assign write = address_held && data_held && (!s_axi_bvalid || s_axi_bready);
  assign read = read_held && (!s_axi_rvalid || s_axi_rready);

  always_ff @(posedge clk) begin
    if (!address_held) write_address <= s_axi_awaddr;
    if (!data_held) {write_strobes, write_data} <= {s_axi_wstrb, s_axi_wdata};
    if (!read_held) read_address <= s_axi_araddr;
    if (write) s_axi_bresp <= write_response;
    if (read) {s_axi_rresp, s_axi_rdata} <= {read_response, read_data};
  end

  always_ff @(posedge clk) begin
    address_held <= address_held ? !write : s_axi_awvalid;
    data_held <= data_held ? !write : s_axi_wvalid;
    read_held <= read_held ? !read : s_axi_arvalid;
    s_axi_bvalid <= write || (s_axi_bvalid && !s_axi_bready);
    s_axi_rvalid <= read || (s_axi_rvalid && !s_axi_rready);
    if (rst) begin
      address_held <= 1'b0;
      data_held <= 1'b0;
      read_held <= 1'b0;
      s_axi_bvalid <= 1'b0;
      s_axi_rvalid <= 1'b0;
    end
  end

`ifndef SYNTHESIS
  a_stalled_write_answer_is_held :
  assert property (@(posedge clk) disable iff (rst) s_axi_bvalid && !s_axi_bready |=> s_axi_bvalid && $stable(s_axi_bresp));
  a_stalled_read_answer_is_held :
  assert property (@(posedge clk) disable iff (rst)
    s_axi_rvalid && !s_axi_rready |=> s_axi_rvalid && $stable({s_axi_rresp, s_axi_rdata}));
`endif
endmodule
