// Slots are taken in order, FOLDS times BEATS for each vector; the first pass takes a beat each from the stream, and each later pass finds a watched beat as it came, held.
//
//@ induction 1
//@ depth 10
//@ parameters FOLDS=1 BEATS=3 WIDTH=2
//@ parameters FOLDS=3 BEATS=2 WIDTH=2
//@ parameters FOLDS=2 BEATS=1 WIDTH=2
//@ parameters FOLDS=1 BEATS=1 WIDTH=2
//@ fault taken_when_it_can_be: (!first_pass || s_valid) => (first_pass || s_valid)
//@ fault ready_in_the_first_pass: s_ready = en && first_pass => s_ready = en
//@ fault counted_alike: slot <= last_slot ? '0 => slot <= last_beat ? '0
//@ fault told_alike: beat == BEAT_BITS'(BEATS - 1) => beat == BEAT_BITS'(0)
//@ fault the_beat_of_the_slot: if (en) x <= s_data => x <= s_data
//@ fault kept_alike: buffer[beat] <= s_data => buffer[0] <= s_data
(* anyconst *) logic [7:0] watched;
always_comb assume (watched < BEATS);
logic [7:0] pass, place;
logic [WIDTH-1:0] word, expected;
logic given, known;  // what was taken last is the watched beat; it came already
assign known = pass > 0 || place > watched;
always_ff @(posedge clk) begin
  if (en) begin
    given <= taken && place == watched;
    expected <= pass == 0 ? s_data : word;
  end
  if (taken) begin
    if (pass == 0 && place == watched) word <= s_data;
    place <= place == BEATS - 1 ? '0 : place + 1;
    if (place == BEATS - 1) pass <= pass == FOLDS - 1 ? '0 : pass + 1;
  end
  if (rst) begin
    pass <= '0;
    place <= '0;
    given <= 1'b0;
  end
end
always_comb
  if (begun) begin
    taken_when_it_can_be : assert (taken == (en && (pass > 0 || s_valid)));
    ready_in_the_first_pass : assert (s_ready == (en && pass == 0));
    counted_alike : assert (32'(slot) == pass * BEATS + place && pass < FOLDS && place < BEATS);
    told_alike : assert (8'(beat) == place && first_pass == (pass == 0) && last_beat == (place == BEATS - 1) && last_slot == (last_beat && pass == FOLDS - 1));
    the_beat_of_the_slot : assert (!given || x == expected);
  end
generate
  if (FOLDS > 1) begin : several
    always_comb if (begun) kept_alike : assert (!known || kept.buffer[watched] == word);
  end
endgenerate
