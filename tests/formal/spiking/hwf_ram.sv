// A word that is watched is read as it was written last, if not in the cycle in which it is written.
//
//@ induction 1
//@ depth 5
//@ parameters DEPTH=1 WIDTH=2
//@ parameters DEPTH=5 WIDTH=2
//@ parameters DEPTH=8 WIDTH=1
//@ fault read_as_written: if (write) memory => if (write && !collides) memory
//@ fault kept: if (write) memory[write_address] => if (write) memory[read_address]
(* anyconst *) logic [PLACE-1:0] place;
logic known, asked;
logic [WIDTH-1:0] value, wanted;
always_comb watched_inside : assume (32'(place) < DEPTH);
always_comb written_inside : assume (32'(write_address) < DEPTH);
watched_word #(.WIDTH(WIDTH)) word_of_it (
    .clk(clk), .begun(begun), .put(write && write_address == place), .data(write_data),
    .ask(read_address == place && !(write && write_address == place)), .known(known), .value(value), .asked(asked),
    .wanted(wanted)
);
always_comb
  if (begun) begin
    read_as_written : assert (!asked || read_data == wanted);
    kept : assert (!known || memory[place] == value);
  end
