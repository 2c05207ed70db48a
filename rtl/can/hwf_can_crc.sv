// CRC-15 of CAN, x^15 + x^14 + x^10 + x^8 + x^7 + x^4 + x^3 + 1, from zero, a bit at a time.
//
// Over bits and their checksum together it is zero.
// Latency: `crc` holds a bit in the cycle after `valid`. Throughput: a bit a cycle.
module hwf_can_crc (
    input  logic        clk,
    input  logic        restart,  // start from zero; before `valid`
    input  logic        valid,
    input  logic        data,
    output logic [14:0] crc
);
  localparam logic [14:0] POLYNOMIAL = 15'h4599;

  always_ff @(posedge clk) begin
    if (restart) crc <= '0;
    else if (valid) crc <= {crc[13:0], 1'b0} ^ ((crc[14] ^ data) ? POLYNOMIAL : '0);
  end
endmodule
