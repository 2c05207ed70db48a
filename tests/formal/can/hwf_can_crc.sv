// The checksum is the remainder of the bits' polynomial, a bit at a time, as ISO 11898-1 writes it: CRC_NXT = NXTBIT xor CRC_RG(14).
//
//@ induction 1
//@ depth 4
//@ fault iso_equation: 15'h4599 => 15'h4598
//@ fault from_zero: if (restart) crc <= '0; => if (restart) crc <= '1;
//@ fault held: else if (valid) crc => else crc
logic was_restart, was_valid, was_data, known;
logic [14:0] was;
always_ff @(posedge clk) begin
  known <= begun;
  was_restart <= restart;
  was_valid <= valid;
  was_data <= data;
  was <= crc;
end
logic nxt;
assign nxt = was_data ^ was[14];
always_comb
  if (begun) begin
    from_zero : assert (!was_restart || crc == '0);
    held : assert (was_restart || was_valid || crc == was);
    iso_equation :
    assert (was_restart || !was_valid || crc == {was[13] ^ nxt, was[12:10], was[9] ^ nxt, was[8], was[7] ^ nxt, was[6] ^ nxt,
            was[5:4], was[3] ^ nxt, was[2] ^ nxt, was[1:0], nxt});
  end
