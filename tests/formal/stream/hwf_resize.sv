// The elements of each vector leave in order, none lost or doubled, with zeros beyond COUNT.
//
//@ bounded an invariant that joins those of hwf_pack and hwf_unpack is not written
//@ depth 12
//@ parameters ELEMENT=1 IN=2 OUT=3 COUNT=6
//@ parameters ELEMENT=1 IN=3 OUT=2 COUNT=5
//@ parameters ELEMENT=1 IN=2 OUT=2 COUNT=4
//@ parameters ELEMENT=1 IN=4 OUT=2 COUNT=8
//@ parameters ELEMENT=1 IN=2 OUT=4 COUNT=8
//@ fault in_order: assign m_data  = s_data; => assign m_data = ~s_data;
//@ fault none_before: assign m_valid = s_valid; => assign m_valid = 1'b1;
//@ fault in_order: .s_valid(wide_valid), => .s_valid(1'b1),
//@ fault held: assign m_data  = s_data; => assign m_data = m_ready ? s_data : ~s_data;
localparam int LIST = 64, INS = (COUNT + IN - 1) / IN, OUTS = (COUNT + OUT - 1) / OUT;
logic [LIST-1:0] list;  // the vectors' elements, without what is beyond them
logic [31:0] in_beat, out_beat, vectors_in, vectors_out;
logic [LIST-1:0] came, wanted, with_now;
logic [31:0] came_count, out_left, in_left;
logic stays;
watched_stall #(.WIDTH(OUT)) stall (.clk(clk), .rst(rst), .valid(m_valid), .ready(m_ready), .data(m_data), .stays(stays));
logic waits;
watched_stall #(.WIDTH(IN)) wait_for_ready (.clk(clk), .rst(rst), .valid(s_valid), .ready(s_ready), .data(s_data), .stays(waits));
assign in_left = COUNT - in_beat * IN;
assign out_left = COUNT - out_beat * OUT;
assign came = in_left >= IN ? s_data : s_data & ((1 << in_left) - 1);
assign with_now = s_valid ? list | (came << (vectors_in * COUNT + in_beat * IN)) : list;
assign wanted = with_now >> (vectors_out * COUNT + out_beat * OUT);
logic [OUT-1:0] due;
assign due = out_left >= OUT ? wanted[OUT-1:0] : wanted[OUT-1:0] & ((1 << out_left) - 1);
logic [31:0] total_in, total_out;
assign total_in = vectors_in * COUNT + (in_beat * IN);
assign total_out = vectors_out * COUNT + (out_left >= OUT ? out_beat * OUT + OUT : COUNT);
always_comb if (begun) assume (waits);
always_ff @(posedge clk) begin
  if (s_valid && s_ready) begin
    list <= list | (came << (vectors_in * COUNT + in_beat * IN));
    in_beat <= in_beat == INS - 1 ? '0 : in_beat + 1;
    if (in_beat == INS - 1) vectors_in <= vectors_in + 1;
  end
  if (m_valid && m_ready) begin
    out_beat <= out_beat == OUTS - 1 ? '0 : out_beat + 1;
    if (out_beat == OUTS - 1) vectors_out <= vectors_out + 1;
  end
  if (rst) begin
    list <= '0;
    in_beat <= '0;
    out_beat <= '0;
    vectors_in <= '0;
    vectors_out <= '0;
  end
end
logic [31:0] here_too;  // with wires the beat at s is already at m
assign here_too = IN == OUT && s_valid ? IN : 0;
always_comb
  if (begun) begin
    in_order : assert (!m_valid || m_data == due);
    none_before : assert (!m_valid || total_out <= total_in + here_too);
    held : assert (stays);
  end
