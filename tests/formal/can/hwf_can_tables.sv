// A word that is watched is read as it was written last, by whoever: who works on a frame first, else the host.
//
//@ induction 1
//@ depth 5
//@ parameters IDENTIFIERS=2 SINGLE_PORT=0
//@ parameters IDENTIFIERS=2 SINGLE_PORT=1
//@ fault read_as_written: place = used ? address : host_address => place = host_valid ? host_address : address
//@ fault host_waits: host_ready = !used => host_ready = 1'b1
//@ fault kept: writes = used ? write : host_valid && host_write => writes = write || host_valid && host_write
(* anyconst *) logic [PLACE-1:0] watched;
logic known, asked, put;
logic [15:0] value, wanted;
logic [PLACE-1:0] at;
assign at = used ? address : host_address;
assign put = used ? write : host_valid && host_ready && host_write;
watched_word #(.WIDTH(16)) word_of_it (
    .clk(clk), .begun(begun), .put(put && at == watched), .data(used ? write_data : host_data), .ask(at == watched && !put),
    .known(known), .value(value), .asked(asked), .wanted(wanted)
);
always_comb
  if (begun) begin
    read_as_written : assert (!asked || read_data == wanted);
    host_waits : assert (host_ready == !used);
  end
generate
  if (SINGLE_PORT != 0) begin : in_spram
    always_comb if (begun) kept : assert (!known || one_port.memory[watched] == value);
  end else begin : in_bram
    always_comb if (begun) kept : assert (!known || in_blocks.memory[watched] == value);
  end
endgenerate
