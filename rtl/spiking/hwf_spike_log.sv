// The spikes that the host has not fetched yet, with their ticks, in a ring in block RAM: m_data = neuron + 16384 tick. With COUNTING
// counts in their place (hwf_spike_counts), as they come.
//
// Latency 2 cycles from a spike to m_valid; after that a spike each cycle. `room`: a tick's spikes fit.
//
// NEURONS  1 to 16383: spikes that a tick may have
// WORDS    spikes that fit, a power of two, at least NEURONS + 58, so that a reply is full before there is no room
// COUNTING 0 or 1, as of the core
module hwf_spike_log #(
    parameter int NEURONS = 8,
    parameter int WORDS = 128,
    parameter int COUNTING = 0
) (
    input  logic        clk,
    input  logic        rst,
    input  logic        s_valid,  // there is no s_ready: look at `room` before a tick
    input  logic [13:0] neuron,
    input  logic [17:0] tick,
    input  logic        counts_valid,
    input  logic [31:0] counts,
    output logic        room,
    output logic        m_valid,
    input  logic        m_ready,
    output logic [31:0] m_data
);
  localparam int ADDRESS_BITS = $clog2(WORDS);
  localparam int NUMBER_BITS = NEURONS > 1 ? $clog2(NEURONS) : 1;
  localparam logic [ADDRESS_BITS:0] MOST = (ADDRESS_BITS + 1)'(WORDS - NEURONS);

  generate
    if (NEURONS < 1 || NEURONS > 16383) begin : bad_size
      $error("hwf_spike_log: NEURONS is 1 to 16383.");
    end
    if (WORDS < NEURONS + 58 || WORDS != 2 ** ADDRESS_BITS) begin : bad_words
      $error("hwf_spike_log: WORDS is a power of two, at least NEURONS + 58.");
    end
  endgenerate

  localparam int WIDTH = COUNTING != 0 ? 32 : 18 + NUMBER_BITS;
  logic push;
  (* ram_style = "block" *) logic [WIDTH-1:0] memory[0:WORDS-1];
  logic [WIDTH-1:0] fetched, given;
  logic [ADDRESS_BITS-1:0] write_address, read_address;
  logic [ADDRESS_BITS:0] stored;  // in the memory, `fetched` not included
  logic fetch, collision;
  assign fetch = stored != '0 && (m_ready || !m_valid);
  assign room = stored <= MOST;
  assign collision = write_address == read_address;
  generate
    if (COUNTING != 0) begin : counted
      assign push   = s_valid || counts_valid;
      assign given  = counts_valid ? counts : {tick, neuron};
      assign m_data = fetched;
    end else begin : not_counted
      assign push   = s_valid;
      assign given  = {tick, neuron[NUMBER_BITS-1:0]};
      assign m_data = {fetched[17+NUMBER_BITS-:18], 14'(fetched[NUMBER_BITS-1:0])};
      logic unused;
      assign unused = &{1'b0, counts_valid, counts};
    end
  endgenerate

  always_ff @(posedge clk) begin
    if (push) memory[write_address] <= given;
    // What is being written is never read: saying so spares the logic that would keep the old word.
    if (fetch) fetched <= (push && collision) ? 'x : memory[read_address];
  end

  always_ff @(posedge clk) begin
    if (push) write_address <= write_address + 1'b1;
    if (fetch) read_address <= read_address + 1'b1;
    if (push && !fetch) stored <= stored + 1'b1;
    if (fetch && !push) stored <= stored - 1'b1;
    if (m_ready || !m_valid) m_valid <= fetch;
    if (rst) begin
      write_address <= '0;
      read_address <= '0;
      stored <= '0;
      m_valid <= 1'b0;
    end
  end

  generate
    if (NUMBER_BITS < 14 && COUNTING == 0) begin : narrow
      logic unused;
      assign unused = &{1'b0, neuron[13:NUMBER_BITS]};
    end
  endgenerate

`ifndef SYNTHESIS
  the_log_never_overflows :
  assert property (@(posedge clk) disable iff (rst) push |-> !stored[ADDRESS_BITS]);
  a_spike_is_not_fetched_while_it_is_stored :
  assert property (@(posedge clk) disable iff (rst) push && fetch |-> !collision);
  a_spike_is_held_until_it_is_taken :
  assert property (@(posedge clk) disable iff (rst) m_valid && !m_ready |=> m_valid && $stable(m_data));
  a_logged_neuron_exists :
  assert property (@(posedge clk) disable iff (rst) s_valid |-> 32'(neuron) < NEURONS);
`endif
endmodule
