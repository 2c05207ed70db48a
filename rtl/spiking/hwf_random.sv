// The draws of stochastic rounding (docs/neuron.md): 16 bits for each synapse of a row or column, from one state a tick.
//
//     draw = s[15:0] ^ XOR of the windows s[16+b +: 16] of the key's bits b that are one
//     key = {v[13:12], w[13:12], column, from a neuron, v[11:0], w[11:0]}: v, the number of what is visited; w, that of who the lane is
//
// A visited source (row) or neuron (column) is `visited`; the others are those of `word`, a word of LANES, counted from the
// first axon, or from the first neuron. `advance` moves the state, s, 59 steps of the shift register z^63 + z^31 + 1.
// Latency: what is named in a cycle has its draw2 two cycles later; one word a cycle.
//
// LANES   of the core
// NUMBER  bits of the greatest number of an axon or neuron
module hwf_random #(
    parameter int LANES  = 4,
    parameter int NUMBER = 12,
    localparam int TURN = $clog2(LANES),
    localparam int WORD = NUMBER > TURN ? NUMBER - TURN : 1
) (
    input  logic                          clk,
    input  logic                          column,
    input  logic                          from_axon,
    input  logic [NUMBER-1:0]             visited,
    input  logic [  WORD-1:0]             word,
    output logic [ LANES-1:0][      15:0] draw2,
    input  logic                          advance,
    input  logic                          write_low,
    input  logic                          write_high,
    input  logic [      31:0]             data,
    output logic [      62:0]             state
);
  generate
    if ((LANES & (LANES - 1)) != 0 || NUMBER < 1 || NUMBER > 14) begin : bad_sizes
      $error("hwf_random: LANES is a power of two, NUMBER 1 to 14.");
    end
  endgenerate

  localparam int NEURON = 40, COLUMN = 41;  // where the windows of the key's parts begin; those of bit b of a number:
  function automatic int walked_at(int b);
    walked_at = b < 12 ? 16 + b : 30 + b;
  endfunction
  function automatic int visited_at(int b);
    visited_at = b < 12 ? 28 + b : 32 + b;
  endfunction

  logic [31:0] first;
  logic [26:0] second;
  assign first  = state[31:0] ^ state[62:31];
  assign second = state[58:32] ^ first[26:0];
  always_ff @(posedge clk)
    if (advance) state <= {second, first, state[62:59]};
    else if (write_low) state[31:0] <= data;
    else if (write_high) state[62:32] <= data[30:0];

  // What the walk does not change, and what it does.
  logic [15:0] fixed, running, fixed1, running1, base2;
  always_comb begin
    fixed = state[15:0];
    if (column) fixed ^= state[COLUMN+:16];
    for (int b = 0; b < NUMBER; b++) if (visited[b]) fixed ^= state[visited_at(b)+:16];
    running = '0;
    if (!from_axon) running ^= state[NEURON+:16];
    for (int b = 0; b < WORD; b++) if (word[b]) running ^= state[walked_at(TURN + b)+:16];
  end
  always_ff @(posedge clk) begin
    fixed1 <= fixed;
    running1 <= running;
    base2 <= fixed1 ^ running1;
  end

  always_comb
    for (int l = 0; l < LANES; l++) begin
      draw2[l] = base2;
      for (int b = 0; b < TURN; b++) if ((l >> b) % 2 == 1) draw2[l] ^= state[walked_at(b)+:16];
    end
endmodule
