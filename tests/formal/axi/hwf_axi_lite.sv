// Each access that is taken is answered once, as the registers say in the cycle in which it reaches them, as soon as the one before is
// answered; an answer that stands stays as it is until it is taken.
//
//@ induction 1
//@ depth 10
//@ parameters ADDRESS_BITS=4
//@ fault each_write_answered_once: s_axi_bvalid <= write || (s_axi_bvalid && !s_axi_bready); => s_axi_bvalid <= write;
//@ fault each_datum_answered_once: assign s_axi_wready = !data_held; => assign s_axi_wready = 1'b1;
//@ fault each_read_answered_once: assign s_axi_arready = !read_held; => assign s_axi_arready = !s_axi_rvalid;
//@ fault write_answered_as_said: if (write) s_axi_bresp <= write_response; => s_axi_bresp <= write_response;
//@ fault read_answered_as_said: s_axi_rdata} <= {read_response, read_data} => s_axi_rdata} <= {read_response, 32'd0}
//@ fault write_answer_held: write = address_held && data_held && (!s_axi_bvalid || s_axi_bready); => write = address_held && data_held;
//@ fault read_answer_held: read = read_held && (!s_axi_rvalid || s_axi_rready); => read = read_held;
//@ fault write_answered_soon: write || (s_axi_bvalid && !s_axi_bready) => (write && !s_axi_arvalid) || (s_axi_bvalid && !s_axi_bready)
//@ fault read_answered_soon: s_axi_rvalid <= read || => s_axi_rvalid <= (read && !s_axi_awvalid) ||
logic [3:0] addresses, data, reads;  // taken, and their answers not
logic must_write, must_read;  // in this cycle, the answer is there
logic [1:0] said_write;
logic [33:0] said_read;
logic write_stays, read_stays;
watched_stall #(.WIDTH(2)) stall_b (
    .clk(clk), .rst(rst), .valid(s_axi_bvalid), .ready(s_axi_bready), .data(s_axi_bresp), .stays(write_stays)
);
watched_stall #(.WIDTH(34)) stall_r (
    .clk(clk), .rst(rst), .valid(s_axi_rvalid), .ready(s_axi_rready), .data({s_axi_rresp, s_axi_rdata}), .stays(read_stays)
);
always_ff @(posedge clk) begin
  addresses <= addresses + 4'(s_axi_awvalid && s_axi_awready) - 4'(s_axi_bvalid && s_axi_bready);
  data <= data + 4'(s_axi_wvalid && s_axi_wready) - 4'(s_axi_bvalid && s_axi_bready);
  reads <= reads + 4'(s_axi_arvalid && s_axi_arready) - 4'(s_axi_rvalid && s_axi_rready);
  must_write <= address_held && data_held && (!s_axi_bvalid || s_axi_bready);
  must_read <= read_held && (!s_axi_rvalid || s_axi_rready);
  if (address_held && data_held && (!s_axi_bvalid || s_axi_bready)) said_write <= write_response;
  if (read_held && (!s_axi_rvalid || s_axi_rready)) said_read <= {read_response, read_data};
  if (rst) begin
    addresses <= '0;
    data <= '0;
    reads <= '0;
    must_write <= 1'b0;
    must_read <= 1'b0;
  end
end
always_comb
  if (begun) begin
    each_write_answered_once : assert (addresses == 4'(address_held) + 4'(s_axi_bvalid));
    each_datum_answered_once : assert (data == 4'(data_held) + 4'(s_axi_bvalid));
    each_read_answered_once : assert (reads == 4'(read_held) + 4'(s_axi_rvalid));
    write_answered_as_said : assert (!s_axi_bvalid || s_axi_bresp == said_write);
    read_answered_as_said : assert (!s_axi_rvalid || {s_axi_rresp, s_axi_rdata} == said_read);
    write_answer_held : assert (write_stays);
    read_answer_held : assert (read_stays);
    write_answered_soon : assert (!must_write || s_axi_bvalid);
    read_answered_soon : assert (!must_read || s_axi_rvalid);
  end
