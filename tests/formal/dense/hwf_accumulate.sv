// Behind the last beat of a pass a watched lane has the sum of the addends since the pass before, modulo 2^SUM_BITS, held while `en` is low.
//
//@ induction 1
//@ depth 10
//@ parameters PE=2 X_BITS=3 SUM_BITS=5 BEATS=3 STAGES=2
//@ parameters PE=1 X_BITS=4 SUM_BITS=3 BEATS=2 STAGES=1
//@ parameters PE=2 X_BITS=2 SUM_BITS=4 BEATS=1 STAGES=2
//@ fault told_a_cycle_early: filled[STAGES] && closing[STAGES] => filled[STAGES-1] && closing[STAGES]
//@ fault sum_of_a_pass: SUM_BITS'($signed(s_data[p*X_BITS+:X_BITS])) => SUM_BITS'(s_data[p*X_BITS+:X_BITS])
//@ fault begun_alike: opening <= closing[STAGES] => opening <= 1'b0
(* anyconst *) logic [7:0] watched;
always_comb assume (watched < PE);
logic [STAGES:0] beats, ends;  // those on their way, the last bit at the addends
logic [SUM_BITS-1:0] total, upto;  // of the pass, without the addend and with it
logic fresh, known;  // the next addend is a pass's first; one came since reset
logic signed [31:0] addend;
logic [X_BITS-1:0] raw;
always_comb begin
  raw = s_data[watched*X_BITS+:X_BITS];
  addend = {{32{raw[X_BITS-1]}}, raw};
  upto = (fresh || BEATS == 1 ? '0 : total) + addend[SUM_BITS-1:0];
end
always_ff @(posedge clk) begin
  if (en) begin
    beats <= {beats[STAGES-1:0], s_taken};
    ends <= {ends[STAGES-1:0], s_last};
    if (beats[STAGES]) begin
      total <= upto;
      fresh <= ends[STAGES];
      known <= 1'b1;
    end
  end
  if (rst) begin
    beats <= '0;
    fresh <= 1'b1;
    known <= 1'b0;
  end
end
generate
  if (BEATS > 1) begin : several
    always_comb
      if (begun) begin
        told_a_cycle_early : assert (completes == (beats[STAGES] && ends[STAGES]));
        begun_alike : assert (opening == fresh && (fresh || known) && filled == beats && (closing & filled) == (ends & beats));
        sum_of_a_pass : assert (!known || m_data[watched*SUM_BITS+:SUM_BITS] == total);
      end
  end else begin : one
    always_comb
      if (begun) begin
        told_a_cycle_early : assert (completes == beats[STAGES-1] && filled == beats);
        sum_of_a_pass : assert (m_data[watched*SUM_BITS+:SUM_BITS] == upto);
      end
  end
endgenerate
