// hwf_axi_shell round an application that is a memory of 256 bytes, which a reset leaves as it is:
//     READ     as many bytes as the payload's one says, from address % 256 on; more than 240 until no more are taken, and then TOO_MANY
//     WRITE    the payload's bytes from address % 256 on; none, and NOWHERE, if address bit 31 is set
//     STREAM   the payload's bytes plus address % 256, with the last of which the request is done if address bit 31 is set;
//              the status is address bits 15:8
// It waits between its steps, in idle / 256 of the cycles. `carried` counts the requests it was handed.
module hwf_requests_bench (
    input  logic        aclk,
    input  logic        aresetn,
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
    input  logic [31:0] s_axis_tdata,
    input  logic [ 3:0] s_axis_tkeep,
    input  logic        s_axis_tlast,
    input  logic        s_axis_tvalid,
    output logic        s_axis_tready,
    output logic [31:0] m_axis_tdata,
    output logic [ 3:0] m_axis_tkeep,
    output logic        m_axis_tlast,
    output logic        m_axis_tuser,
    output logic        m_axis_tvalid,
    input  logic        m_axis_tready,
    input  logic [ 7:0] idle,
    output logic [31:0] carried
);
  localparam logic [7:0] READ = 2, WRITE = 3, OK = 0, NOWHERE = 8'hA1, TOO_MANY = 8'hA2;
  localparam logic [2:0] REST = 0, COUNT = 1, GIVE = 2, TAKE = 3, ECHO = 4, DONE = 5;

  logic rst, hello, request_valid, p_valid, p_ready, p_more, r_valid, r_ready, request_done;
  logic [7:0] request_operation, request_length, p_data, r_data, reply_status;
  logic [31:0] request_address;

  hwf_axi_shell #(
      .KIND(3),
      .DIGEST(128'h000102030405060708090a0b0c0d0e0f),
      .BUILD(128'hf0f1f2f3f4f5f6f7f8f9fafbfcfdfeff),
      .INPUTS(784),
      .OUTPUTS(10)
  ) shell (
      .*
  );

  logic [7:0] memory[0:255];
  logic [7:0] place, left, status;
  logic [2:0] state;
  logic [31:0] random;
  logic go, echoes;
  initial random = 32'h2F6E2B1;
  always_ff @(posedge aclk) random <= {random[30:0], random[31] ^ random[21] ^ random[1] ^ random[0]};
  assign go = {random[3], random[19], random[7], random[28], random[11], random[23], random[15], random[0]} >= idle;

  assign echoes = state == ECHO && go;
  assign p_ready = state == COUNT || (state == TAKE && go) || (echoes && r_ready);
  assign r_valid = state == GIVE || (echoes && p_valid);
  assign r_data = state == GIVE ? memory[place] : p_data + place;
  assign request_done = state == DONE || (echoes && p_valid && request_address[31] && left == 8'd1);
  assign reply_status = status;

  always_ff @(posedge aclk) begin
    if (state == TAKE && p_valid && p_ready) memory[place] <= p_data;
    case (state)
      REST:
      if (request_valid && go) begin
        carried <= carried + 1'b1;
        place <= request_address[7:0];
        left <= request_length;
        status <= OK;
        if (request_operation == READ) state <= COUNT;
        else if (request_operation == WRITE) begin
          state <= TAKE;
          if (request_address[31]) begin
            status <= NOWHERE;
            state  <= DONE;
          end
        end else begin
          status <= request_address[15:8];
          state  <= ECHO;
        end
      end
      COUNT:
      if (p_valid || !p_more) begin
        left  <= p_data;
        state <= !p_more || p_data == '0 ? DONE : GIVE;
      end
      GIVE:
      if (r_ready) begin
        place <= place + 1'b1;
        left  <= left - 1'b1;
        if (left == 8'd1) state <= DONE;
      end else begin
        status <= TOO_MANY;
        state  <= DONE;
      end
      TAKE:
      if (p_valid && go) place <= place + 1'b1;
      else if (!p_more) state <= DONE;
      ECHO:
      if (p_valid && p_ready) begin
        left <= left - 1'b1;
        if (request_done) state <= REST;
      end else if (!p_more && go) state <= DONE;
      default: state <= REST;  // DONE
    endcase
    if (!aresetn) carried <= '0;
    if (rst) state <= REST;
  end

  logic unused;
  assign unused = &{1'b0, hello, request_address[30:16]};
endmodule
