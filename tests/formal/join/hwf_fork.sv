// Each reader takes each word once; s waits until all have it.
//
//@ induction 1
//@ depth 6
//@ parameters READERS=2 WIDTH=2
//@ parameters READERS=3 WIDTH=2
//@ parameters READERS=5 WIDTH=1
//@ fault once: {READERS{s_valid}} & ~taken => {READERS{s_valid}}
//@ fault all_have_it: &(m_ready | taken) => |(m_ready | taken)
//@ fault the_word: assign m_data  = {READERS{s_data}}; => assign m_data = {READERS{~s_data}};
//@ fault offered: {READERS{s_valid}} & ~taken => {READERS{s_valid && m_ready[0]}} & ~taken
//@ fault held: {READERS{s_valid}} & ~taken => {READERS{s_valid}} & ~taken & ~(m_ready << 1)
//@ fault known: s_ready ? '0 : taken | m_ready => taken | m_ready
logic [READERS-1:0] had, waiting;  // readers that took the word at s; that were offered one and did not take it
logic [WIDTH-1:0] was;
logic open;
always_ff @(posedge clk) begin
  had <= s_valid && s_ready ? '0 : had | (m_valid & m_ready);
  open <= s_valid && !s_ready;
  was <= s_data;
  waiting <= m_valid & ~m_ready;
  if (rst) begin
    had <= '0;
    open <= 1'b0;
    waiting <= '0;
  end
end
always_comb if (open) a_word_waits : assume (s_valid && s_data == was);
always_comb
  if (begun) begin
    once : assert ((m_valid & had) == '0);
    all_have_it : assert (!(s_valid && s_ready) || (had | (m_valid & m_ready)) == '1);
    the_word : assert (m_data == {READERS{s_data}});
    offered : assert (m_valid == (s_valid ? ~had : '0));
    held : assert ((waiting & ~m_valid) == '0);
    known : assert (taken == had && (had == '0 || open));
  end
