// The checksum is that of the bitwise equation of IEEE 802.3, eight shifts a byte, least significant bit first.
//
//@ induction 1
//@ depth 4
//@ fault bitwise_equation: 32'hEDB88320 => 32'hEDB88321
//@ fault from_the_start: if (restart) crc <= '0; => if (restart) crc <= '1;
//@ fault held: else if (valid) crc => else crc
// The register of the standard, not reflected: its bit 31 - i is bit i of the complement of `crc`.
logic was_restart, was_valid;
logic [7:0] was_data;
logic [31:0] was, was_reg, next_reg, now_reg;
always_ff @(posedge clk) begin
  was_restart <= restart;
  was_valid <= valid;
  was_data <= data;
  was <= crc;
end
logic feedback;
always_comb begin
  for (int i = 0; i < 32; i++) was_reg[i] = !was[31-i];
  for (int i = 0; i < 32; i++) now_reg[i] = !crc[31-i];
  next_reg = was_reg;
  for (int i = 0; i < 8; i++) begin
    feedback = next_reg[31] ^ was_data[i];
    next_reg = {next_reg[30:0], 1'b0} ^ (feedback ? 32'h04C11DB7 : 32'h0);
  end
end
always_comb
  if (begun) begin
    from_the_start : assert (!was_restart || crc == '0);
    held : assert (was_restart || was_valid || crc == was);
    bitwise_equation : assert (was_restart || !was_valid || now_reg == next_reg);
  end
