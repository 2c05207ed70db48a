// A weight that is watched is read as it was written last; in the single port, in a cycle that does not write.
//
//@ induction 1
//@ depth 5
//@ parameters DEPTH=5 BITS=2 SINGLE_PORT=0
//@ parameters DEPTH=6 BITS=2 SINGLE_PORT=1
//@ parameters DEPTH=5 BITS=3 SINGLE_PORT=1
//@ fault read_as_written: read_data = high ? word[8+:BITS] : word[0+:BITS] => read_data = word[0+:BITS]
//@ fault kept_alone: if (write) memory[write_address] => if (write) memory[read_address]
//@ fault kept_in_halves: if (address[0]) memory[place][15:8] => memory[place][15:8]
(* anyconst *) logic [PLACE-1:0] watched;
logic known, asked;
logic [BITS-1:0] value, wanted;
always_comb begin
  assume (32'(watched) < DEPTH);
  assume (32'(write_address) < DEPTH);
  assume (32'(read_address) < DEPTH);
end
watched_word #(.WIDTH(BITS)) word_of_it (
    .clk(clk), .begun(begun), .put(write && write_address == watched), .data(write_data),
    .ask(read_address == watched && !(write && (SINGLE_PORT != 0 || write_address == watched))), .known(known), .value(value),
    .asked(asked), .wanted(wanted)
);
always_comb if (begun) read_as_written : assert (!asked || read_data == wanted);
generate
  if (SINGLE_PORT != 0) begin : in_one
    logic [15:0] at;
    assign at = one_port.memory[watched>>1];
    always_comb if (begun) kept_in_halves : assert (!known || (watched[0] ? at[8+:BITS] : at[0+:BITS]) == value);
  end else begin : in_two
    always_comb if (begun) kept_alone : assert (!known || two_ports.memory[watched] == value);
  end
endgenerate
