// Each element is the same integer behind as before, wherever it fits; the handshake is wires.
//
//@ induction 1
//@ depth 1
//@ parameters LANES=3 IN=4 OUT=6 SIGNED=0
//@ parameters LANES=3 IN=4 OUT=6 SIGNED=1
//@ parameters LANES=2 IN=6 OUT=4 SIGNED=0
//@ parameters LANES=2 IN=6 OUT=4 SIGNED=1
//@ fault same_integer: OUT'($signed(s_data[i*IN+:IN])) => OUT'(s_data[i*IN+:IN])
//@ fault same_integer: OUT'(s_data[i*IN+:IN]); => OUT'($signed(s_data[i*IN+:IN])) ;
//@ fault wires: assign s_ready = m_ready; => assign s_ready = m_ready || !m_valid;
always_comb wires : assert (m_valid == s_valid && s_ready == m_ready);
logic [LANES-1:0] differs;
generate
  for (genvar j = 0; j < LANES; j++) begin : of_lane
    if (SIGNED != 0) begin : of_signed
      logic signed [31:0] before, behind;
      assign before = $signed(s_data[j*IN+:IN]);
      assign behind = $signed(m_data[j*OUT+:OUT]);
      assign differs[j] = behind != before && before < (1 << (OUT - 1)) && before >= -(1 << (OUT - 1));
    end else begin : of_unsigned
      logic [31:0] before, behind;
      assign before = s_data[j*IN+:IN];
      assign behind = m_data[j*OUT+:OUT];
      assign differs[j] = behind != before && before < (1 << OUT);
    end
  end
endgenerate
always_comb same_integer : assert (differs == '0);
