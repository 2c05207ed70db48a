// The neurons that fired, in ascending order: the words of their bits that are not all zero, with their places.
//
// begin_list, then a `push` of each word of bits at `push_place`, in ascending order. After the last push, or a `rewind`,
// from the third cycle on, `neuron` is the first of them while `waiting` is high; `take` goes to the next, which is there
// in the next cycle. After a reset a list is begun before anything else.
//
// NEURONS, LANES  of the core
module hwf_fired #(
    parameter int NEURONS = 16,
    parameter int LANES = 2,
    localparam int WORDS = NEURONS / LANES,
    localparam int PLACE = WORDS > 1 ? $clog2(WORDS) : 1,
    localparam int NUMBER = NEURONS > 1 ? $clog2(NEURONS) : 1
) (
    input  logic              clk,
    input  logic              rst,
    input  logic              begin_list,
    input  logic              push,
    input  logic [ PLACE-1:0] push_place,
    input  logic [ LANES-1:0] push_bits,
    input  logic              rewind,
    input  logic              take,
    output logic              waiting,
    output logic [NUMBER-1:0] neuron
);
  generate
    if ((LANES & (LANES - 1)) != 0 || NEURONS < 1 || NEURONS % LANES != 0) begin : bad_sizes
      $error("hwf_fired: LANES is a power of two that divides NEURONS.");
    end
  endgenerate

  localparam int COUNT = $clog2(WORDS + 1);
  logic [COUNT-1:0] count, head, next;
  logic fresh;  // `entry` is the word at head
  logic [PLACE+LANES-1:0] entry;
  logic [LANES-1:0] bits, rest;
  logic [PLACE-1:0] place;
  logic load, pushes;
  assign pushes = push && push_bits != '0;

  hwf_ram #(
      .DEPTH(WORDS),
      .WIDTH(PLACE + LANES)
  ) list (
      .clk,
      .write(pushes),
      .write_address(count[PLACE-1:0]),
      .write_data({push_place, push_bits}),
      .read_address(next[PLACE-1:0]),
      .read_data(entry)
  );

  // The lowest bit, and what is left without it.
  logic [31:0] lowest;
  always_comb begin
    lowest = '0;
    for (int l = LANES - 1; l >= 0; l--) if (bits[l]) lowest = l;
  end
  assign rest = bits & (bits - 1'b1);
  assign waiting = bits != '0;
  assign neuron = NUMBER'(32'(place) * LANES + lowest);
  assign load = fresh && (take ? rest == '0 : bits == '0);
  assign next = head + COUNT'(load);

  always_ff @(posedge clk) begin
    head  <= next;
    fresh <= next < count;
    if (pushes) count <= count + 1'b1;
    if (load) {place, bits} <= entry;
    else if (take) bits <= rest;
    if (begin_list || rewind) begin
      head  <= '0;
      bits  <= '0;
      fresh <= 1'b0;
    end
    if (begin_list) count <= '0;
  end

`ifndef SYNTHESIS
  a_neuron_is_taken_only_if_one_waits :
  assert property (@(posedge clk) disable iff (rst) take |-> waiting);
  a_word_is_listed_once :
  assert property (@(posedge clk) disable iff (rst) pushes |-> int'(count) < WORDS);
`endif
endmodule
