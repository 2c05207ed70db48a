// What the host is told of the spikes of neurons from `told` on: each of them, in a log, or, while `counting`, how many there were.
//
// m gives the words of the log in order: spikes, neuron + 16384 tick (hwf_spike_log), or two counts (hwf_spike_counts), which `give` puts
// there and zeroes; `zero` zeroes those of all neurons. `busy` is high until they have. Without COUNTING none of these does anything.
//
// NEURONS, COUNTING  of the core
// WORDS              of the log, as of hwf_spike_log
module hwf_told #(
    parameter int NEURONS = 8,
    parameter int WORDS = 128,
    parameter int COUNTING = 0
) (
    input  logic        clk,
    input  logic        rst,
    input  logic        forget,       // empties the log
    input  logic        spike_valid,
    input  logic [13:0] spike,
    input  logic [17:0] tick,
    input  logic [13:0] told,
    input  logic        counting,
    input  logic        zero,
    input  logic        give,
    output logic        busy,
    output logic        room,         // for a tick's spikes, or all counts
    output logic        m_valid,
    input  logic        m_ready,
    output logic [31:0] m_data
);
  logic heard, logs, counts_valid;
  logic [31:0] counts;
  assign heard = spike_valid && spike >= told;
  hwf_spike_log #(
      .NEURONS (NEURONS),
      .WORDS   (WORDS),
      .COUNTING(COUNTING)
  ) spikes (
      .clk,
      .rst(rst || forget),
      .s_valid(logs),
      .neuron(spike),
      .tick,
      .counts_valid,
      .counts,
      .room,
      .m_valid,
      .m_ready,
      .m_data
  );
  generate
    if (COUNTING != 0) begin : counted
      assign logs = heard && !counting;
      hwf_spike_counts #(
          .NEURONS(NEURONS)
      ) spike_counts (
          .clk,
          .rst,
          .spike_valid(heard && counting),
          .spike,
          .told,
          .zero,
          .give,
          .walking(busy),
          .m_valid(counts_valid),
          .m_data(counts)
      );
    end else begin : not_counted
      assign logs = heard;
      assign {busy, counts_valid, counts} = '0;
      logic unused;
      assign unused = &{1'b0, counting, zero, give};
    end
  endgenerate
endmodule
