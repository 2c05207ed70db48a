// Integers of a beat in another width: m[i] = s[i], as long as it fits.
//
// Wires, without latency.
//
// LANES   elements of a beat
// IN, OUT bits of an element before and behind; the lowest bits stay
// SIGNED  1: s holds two's complement, 0: unsigned integers
module hwf_widen #(
    parameter int LANES  = 1,
    parameter int IN     = 4,
    parameter int OUT    = 5,
    parameter int SIGNED = 0
) (
    input  logic                 s_valid,
    output logic                 s_ready,
    // verilator lint_off UNUSEDSIGNAL
    input  logic [ LANES*IN-1:0] s_data,   // of the uppermost bits some drop out where OUT is less
    // verilator lint_on UNUSEDSIGNAL
    output logic                 m_valid,
    input  logic                 m_ready,
    output logic [LANES*OUT-1:0] m_data
);
  assign m_valid = s_valid;
  assign s_ready = m_ready;

  generate
    if (LANES < 1 || IN < 1 || OUT < 1) begin : bad_size
      $error("hwf_widen: LANES, IN and OUT are at least 1.");
    end

    for (genvar i = 0; i < LANES; i++) begin : lane
      if (SIGNED != 0) begin : two_s_complement
        assign m_data[i*OUT+:OUT] = OUT'($signed(s_data[i*IN+:IN]));
      end else begin : unsigned_s
        assign m_data[i*OUT+:OUT] = OUT'(s_data[i*IN+:IN]);
      end
    end
  endgenerate
endmodule
