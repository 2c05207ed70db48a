// Rows of entries: to which words of neurons each source leads, where not all synapses are stored but those of a net (docs/neuron.md).
//
// An entry is a word of LANES neurons and their weights, which lie in hwf_weights; `target` is the number of the word. The row of a source
// is the entries from its first one up to one that is the `last`; it has at least one, rows may share them, and no word comes twice within
// three entries (hwf_sums). Tables that a host writes:
//
//     firsts    by source, the number of the row's first entry: `first` is that of `source` in the cycle before
//     targets   by entry, its target, and whether it is the last of a row
//
// `entry` is the one that is named in this cycle, of which target and last are there in the same one: `take` names in the next cycle the
// entry `first`, or with in_host the one of the host, and `moves` the one behind. Throughput: an entry a cycle. `write_first` writes, of
// host_data, the first entry of `source`, `write_target` the target and, in bit 14, the last of `entry`, of which
// they are there 2 cycles later.
//
// ENTRIES  that there is room for
// SOURCES  axons and neurons; ROWS  words of neurons
module hwf_entries #(
    parameter int ENTRIES = 16,
    parameter int SOURCES = 8,
    parameter int ROWS = 4,
    localparam int ENTRY = ENTRIES > 1 ? $clog2(ENTRIES) : 1,
    localparam int SOURCE = SOURCES > 1 ? $clog2(SOURCES) : 1,
    localparam int WORD = ROWS > 1 ? $clog2(ROWS) : 1
) (
    input  logic              clk,
    input  logic [SOURCE-1:0] source,
    input  logic              take,
    input  logic              moves,
    input  logic              in_host,
    input  logic [ ENTRY-1:0] host_entry,
    output logic [ ENTRY-1:0] first,
    output logic [ ENTRY-1:0] entry,
    output logic [  WORD-1:0] target,
    output logic              last,
    input  logic              write_first,
    input  logic              write_target,
    // verilator lint_off UNUSEDSIGNAL
    input  logic [      31:0] host_data     // what is outside a value's width is cut off
    // verilator lint_on UNUSEDSIGNAL
);
  hwf_ram #(
      .DEPTH(SOURCES),
      .WIDTH(ENTRY)
  ) firsts (
      .clk,
      .write(write_first),
      .write_address(source),
      .write_data(host_data[ENTRY-1:0]),
      .read_address(source),
      .read_data(first)
  );

  // Read one ahead, so that a target is there with its weights' place, as the number of a word is where all are stored.
  logic [ENTRY-1:0] next;
  assign next = take ? (in_host ? host_entry : first) : moves ? entry + 1'b1 : entry;
  always_ff @(posedge clk) entry <= next;
  hwf_ram #(
      .DEPTH(ENTRIES),
      .WIDTH(WORD + 1)
  ) targets (
      .clk,
      .write(write_target),
      .write_address(entry),
      .write_data({host_data[14], host_data[WORD-1:0]}),
      .read_address(next),
      .read_data({last, target})
  );
endmodule
