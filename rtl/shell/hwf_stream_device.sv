// The application behind hwf_link for a net with one input and one output stream: it carries out STREAM.
//
// The payload's bytes go to the net while its results are taken: both at once, so neither waits for the other. The reply
// holds as many result bytes as the request's address says. Results nobody asked for stay in the net, and hold it up
// when it is full; so a host that sends more vectors than the net holds must ask for results on the way.
// If neither a byte goes in nor one comes out for 2**LIMIT_BITS cycles, the status is STALLED; the host asked for results
// that its vectors do not give, or did not ask for enough, and what is left of the payload is lost. HELLO resets the net.
// READ from 0x100 on and WRITE have nothing to work on here: BAD_ADDRESS.
//
// Latency: from a byte that completes a beat to s_valid as hwf_resize says, likewise from m to the reply's bytes.
//
// S_BITS, M_BITS    bits of a beat into the net and out of it
// S_COUNT, M_COUNT  bits of a vector; on the link each vector starts at a byte
// LIMIT_BITS        sized so that no net reaches 2**LIMIT_BITS cycles from one result byte to the next
module hwf_stream_device #(
    parameter int S_BITS = 8,
    parameter int S_COUNT = 8,
    parameter int M_BITS = 8,
    parameter int M_COUNT = 8,
    parameter int LIMIT_BITS = 24
) (
    input  logic              clk,
    input  logic              rst,
    // hwf_link
    input  logic              hello,
    input  logic              request_valid,
    input  logic [       7:0] request_operation,
    input  logic [      31:0] request_address,
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
    input  logic [M_BITS-1:0] m_data
);
  localparam logic [7:0] STREAM = 8'h04;
  localparam logic [7:0] OK = 0, BAD_ADDRESS = 2, BAD_LENGTH = 3, STALLED = 6;
  localparam logic [31:0] MOST = 240;

  always_ff @(posedge clk) net_rst <= rst || hello;

  // A request: `run` from its second cycle on, if it is one that runs.
  logic run, legal, stalled, enough;
  logic [7:0] wanted;  // result bytes
  logic [LIMIT_BITS:0] quiet;  // cycles since the last byte
  assign legal = request_operation == STREAM && request_address <= MOST;
  assign stalled = quiet[LIMIT_BITS];
  assign enough = wanted == '0 && !p_more;
  assign request_done = request_valid && (run ? enough || stalled : !legal);

  always_comb
    if (request_operation != STREAM) reply_status = BAD_ADDRESS;
    else if (!legal) reply_status = BAD_LENGTH;
    else reply_status = enough ? OK : STALLED;

  logic bytes_valid, bytes_ready, byte_ready;
  assign p_ready = run && byte_ready;
  assign r_valid = run && bytes_valid && wanted != '0;
  assign bytes_ready = run && r_ready && wanted != '0;

  always_ff @(posedge clk) begin
    run <= request_valid && legal && !request_done;
    if (!run) wanted <= request_address[7:0];
    else if (r_valid && r_ready) wanted <= wanted - 1'b1;
    if (!run || (p_valid && p_ready) || (r_valid && r_ready)) quiet <= '0;
    else quiet <= quiet + 1'b1;
    if (rst) run <= 1'b0;
  end

  hwf_resize #(
      .ELEMENT(1),
      .IN(8),
      .OUT(S_BITS),
      .COUNT(S_COUNT)
  ) into (
      .clk,
      .rst(net_rst),
      .s_valid(run && p_valid),
      .s_ready(byte_ready),
      .s_data(p_data),
      .m_valid(s_valid),
      .m_ready(s_ready),
      .m_data(s_data)
  );

  hwf_resize #(
      .ELEMENT(1),
      .IN(M_BITS),
      .OUT(8),
      .COUNT(M_COUNT)
  ) back (
      .clk,
      .rst(net_rst),
      .s_valid(m_valid),
      .s_ready(m_ready),
      .s_data(m_data),
      .m_valid(bytes_valid),
      .m_ready(bytes_ready),
      .m_data(r_data)
  );

  // The last beat of each vector.
  hwf_every #(
      .COUNT((S_COUNT + S_BITS - 1) / S_BITS)
  ) vectors_in (
      .clk,
      .rst(net_rst),
      .beat(s_valid && s_ready),
      .last(vector_in)
  );
  hwf_every #(
      .COUNT((M_COUNT + M_BITS - 1) / M_BITS)
  ) vectors_out (
      .clk,
      .rst(net_rst),
      .beat(m_valid && m_ready),
      .last(vector_out)
  );

`ifndef SYNTHESIS
  a_request_stays_while_it_runs :
  assert property (@(posedge clk) disable iff (rst) run |-> request_valid && legal);
`endif
endmodule
