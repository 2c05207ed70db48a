// The target, and the first entry of a source, are those that were written last, the target in the very cycle in which its entry is named.
//
//@ depth 8
//@ bounded the tables lie in instances of hwf_ram, which has a proof of its own
//@ parameters ENTRIES=5 SOURCES=3 ROWS=3
//@ parameters ENTRIES=2 SOURCES=2 ROWS=1
//@ fault of_its_entry: .read_address(next), => .read_address(entry),
//@ fault named: entry <= next => entry <= first
//@ fault of_its_source: .read_address(source), => .read_address(entry[SOURCE-1:0]),
(* anyconst *) logic [ENTRY-1:0] watched;
(* anyconst *) logic [SOURCE-1:0] watched_source;
always_comb begin
  assume (32'(watched) < ENTRIES);
  assume (32'(watched_source) < SOURCES);
  assume (32'(entry) < ENTRIES || !write_target);
  assume (32'(source) < SOURCES);
end
logic known, asked, known_first, asked_first, writes, writes_first;
logic [WORD:0] value, wanted;
logic [ENTRY-1:0] first_value, first_wanted;
assign writes = write_target && entry == watched;
assign writes_first = write_first && source == watched_source;
watched_word #(.WIDTH(WORD + 1)) word_of_target (
    .clk(clk), .begun(begun), .put(writes), .data({host_data[14], host_data[WORD-1:0]}), .ask(next == watched && !writes), .known(known),
    .value(value), .asked(asked), .wanted(wanted)
);
watched_word #(.WIDTH(ENTRY)) word_of_first (
    .clk(clk), .begun(begun), .put(writes_first), .data(host_data[ENTRY-1:0]), .ask(source == watched_source && !writes_first),
    .known(known_first), .value(first_value), .asked(asked_first), .wanted(first_wanted)
);
always_comb
  if (begun) begin
    of_its_entry : assert (!asked || {last, target} == wanted);
    named : assert (!asked || entry == watched);
    of_its_source : assert (!asked_first || first == first_wanted);
  end
