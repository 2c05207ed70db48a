// A written memory gives a watched word as it was written last, a cycle after it was asked for, held while `en` is low; what is
// read back over `load` is it too, lane by lane, and zero for what is not here.
//
//@ induction 1
//@ depth 5
//@ parameters WIDTH=3 DEPTH=4 FIRST=0
//@ parameters WIDTH=5 DEPTH=3 FIRST=8
//@ parameters WIDTH=2 DEPTH=8 FIRST=16
//@ fault given_as_written: place = here ? ADDRESS_BITS'(place_of) : address => place = ADDRESS_BITS'(place_of)
//@ fault read_back: told ? 16'(word) : '0 => 16'(word)
//@ fault kept: if (mine && write) memory[place] => if (mine && write && !en) memory[place]
(* anyconst *) logic [ADDRESS_BITS-1:0] watched;
localparam int ROUND = 1 << $clog2(DEPTH);
logic known, asked, told_watched, nothing;
logic [WIDTH-1:0] value, wanted;
logic [23:0] to;
logic one_of_mine, writes;
assign to = load[39:16] - 24'(FIRST);
assign one_of_mine = load[41] && load[39:16] >= 24'(FIRST) && to < 24'(ROUND);
assign writes = one_of_mine && load[40] && to == 24'(watched);
always_comb begin
  assume (32'(watched) < DEPTH);
  assume (!en || one_of_mine || 32'(address) < DEPTH);
end
always_ff @(posedge clk) begin
  if (writes) begin
    known <= 1'b1;
    value <= load[WIDTH-1:0];
  end
  if (one_of_mine || en) begin
    asked <= known && en && !one_of_mine && address == watched;
    wanted <= value;
  end
  told_watched <= known && one_of_mine && !load[40] && to == 24'(watched);
  nothing <= !one_of_mine || load[40] || to >= DEPTH;
  if (!begun) begin
    known <= 1'b0;
    asked <= 1'b0;
    told_watched <= 1'b0;
    nothing <= 1'b0;
  end
end
always_comb
  if (begun) begin
    given_as_written : assert (!asked || data == wanted);
    read_back : assert ((!told_watched || stored == 16'(value)) && (!nothing || stored == '0));
    kept : assert (!known || written.lane[0].several.memory[watched] == value);
  end
