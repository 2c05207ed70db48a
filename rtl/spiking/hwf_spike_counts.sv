// How often each neuron has spiked, up to 65535, since it was last zeroed: 16 bits a neuron, in a memory.
//
// A spike is counted in 2 cycles, one each cycle, no neuron twice in a row. `zero` zeroes the counts of all neurons, and `give` gives
// those from `told` on, two in a word, which has no ready, and zeroes them: a neuron a cycle, while `walking` is high, and one more.
// The lower half of a word is the earlier neuron's; the upper half is zero where there is no later one. Counts are undefined at first, and
// a reset leaves them, but for that it breaks off a walk.
//
// NEURONS  1 to 16383
module hwf_spike_counts #(
    parameter int NEURONS = 8
) (
    input  logic        clk,
    input  logic        rst,
    input  logic        spike_valid,  // not while it walks
    // verilator lint_off UNUSEDSIGNAL
    input  logic [13:0] spike,        // cut to the bits of a neuron's number
    // verilator lint_on UNUSEDSIGNAL
    input  logic [13:0] told,
    input  logic        zero,         // not while it walks
    input  logic        give,         // likewise
    output logic        walking,
    output logic        m_valid,
    output logic [31:0] m_data
);
  localparam int NUMBER = NEURONS > 1 ? $clog2(NEURONS) : 1;

  generate
    if (NEURONS < 1 || NEURONS > 16383) begin : bad_size
      $error("hwf_spike_counts: NEURONS is 1 to 16383.");
    end
  endgenerate

  logic walks, walks1, last, last1, odd, odd1, gives, counts1;
  logic [NUMBER-1:0] place, place1;
  logic [15:0] count, low;
  assign last = 32'(place) == NEURONS - 1;
  assign walking = walks || walks1;
  hwf_ram #(
      .DEPTH(NEURONS),
      .WIDTH(16)
  ) counts (
      .clk,
      .write(walks1 || counts1),
      .write_address(place1),
      .write_data(walks1 ? '0 : count + 16'(count != '1)),
      .read_address(walks ? place : spike[NUMBER-1:0]),
      .read_data(count)
  );
  assign m_valid = walks1 && gives && (odd1 || last1);
  assign m_data  = odd1 ? {count, low} : {16'd0, count};

  always_ff @(posedge clk) begin
    place  <= place + 1'b1;
    place1 <= walks ? place : spike[NUMBER-1:0];
    odd    <= !odd;
    {odd1, last1} <= {odd, last};
    low <= count;
    if (zero || give) begin
      gives <= give;
      place <= give ? told[NUMBER-1:0] : '0;
      odd   <= 1'b0;
    end
  end
  always_ff @(posedge clk) begin
    counts1 <= spike_valid;
    walks1  <= walks;
    if (zero) walks <= 1'b1;
    else if (give) walks <= 32'(told) < NEURONS;
    else if (last) walks <= 1'b0;
    if (rst) {walks1, walks} <= '0;
  end

`ifndef SYNTHESIS
  counts_rest_while_they_are_walked_over :
  assert property (@(posedge clk) disable iff (rst) walking |-> !spike_valid && !zero && !give);
  a_neuron_spikes_once_in_two_cycles :
  assert property (@(posedge clk) disable iff (rst) spike_valid && counts1 |-> spike[NUMBER-1:0] != place1);
`endif
endmodule
