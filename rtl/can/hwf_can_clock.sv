// Microseconds since power-up, exact at every clock: of CLOCK_HZ cycles 1,000,000 begin a microsecond. 47 bits are 4 years.
//
// A reset leaves it alone, so that time stamps from before and after it differ.
//
// CLOCK_HZ  at least 1,000,000
module hwf_can_clock #(
    parameter int CLOCK_HZ = 12_000_000
) (
    input  logic        clk,
    output logic [46:0] now
);
  function automatic int common(input int a, input int b);
    common = b == 0 ? a : common(b, a % b);
  endfunction

  // A cycle is STEP of the MODULUS parts that a microsecond has.
  localparam int STEP = 1_000_000 / common(CLOCK_HZ, 1_000_000);
  localparam int MODULUS = CLOCK_HZ / common(CLOCK_HZ, 1_000_000);
  localparam int PART_BITS = $clog2(MODULUS) + 1;
  generate
    if (CLOCK_HZ < 1_000_000) begin : too_slow
      $error("hwf_can_clock: CLOCK_HZ is at least 1,000,000.");
    end
  endgenerate

  logic [PART_BITS-1:0] part;  // that are left over
  logic whole;
  initial begin
    part = '0;
    now  = '0;
  end
  assign whole = part >= PART_BITS'(MODULUS - STEP);
  always_ff @(posedge clk) begin
    part <= whole ? part - PART_BITS'(MODULUS - STEP) : part + PART_BITS'(STEP);
    if (whole) now <= now + 1'b1;
  end
endmodule
