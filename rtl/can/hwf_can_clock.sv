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
  localparam int PART_BITS = $clog2(CLOCK_HZ) + 1;
  generate
    if (CLOCK_HZ < 1_000_000) begin : too_slow
      $error("hwf_can_clock: CLOCK_HZ is at least 1,000,000.");
    end
  endgenerate

  // Millionths of CLOCK_HZ that are left over.
  logic [PART_BITS-1:0] part;
  logic whole;
  initial begin
    part = '0;
    now  = '0;
  end
  assign whole = part >= PART_BITS'(CLOCK_HZ - 1_000_000);
  always_ff @(posedge clk) begin
    part <= whole ? part - PART_BITS'(CLOCK_HZ - 1_000_000) : part + PART_BITS'(1_000_000);
    if (whole) now <= now + 1'b1;
  end
endmodule
