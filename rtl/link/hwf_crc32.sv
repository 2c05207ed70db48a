// CRC-32 (IEEE 802.3, as in zlib): reflected polynomial 0xEDB88320, start and final value all ones; one byte a cycle.
//
// `crc` is the checksum of the bytes since `restart`; it is valid in the cycle after the last byte. The checksum of bytes
// followed by their own checksum (least significant byte first) is 0x2144DF1C.
module hwf_crc32 (
    input  logic        clk,
    input  logic        restart,
    input  logic        valid,
    input  logic [ 7:0] data,
    output logic [31:0] crc
);
  localparam logic [31:0] POLYNOMIAL = 32'hEDB88320;

  // The register holds the final value, inverted: it starts at zero.
  function automatic logic [31:0] step(input logic [31:0] state, input logic [7:0] value);
    step = ~state ^ {24'd0, value};
    for (int i = 0; i < 8; i++) step = (step >> 1) ^ (step[0] ? POLYNOMIAL : '0);
    step = ~step;
  endfunction

  always_ff @(posedge clk)
    if (restart) crc <= '0;
    else if (valid) crc <= step(crc, data);
endmodule
