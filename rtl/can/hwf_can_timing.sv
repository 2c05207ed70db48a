// Bit timing of a CAN receiver: from the pin to one sampled level a bit.
//
// A quantum is `prescaler` clock cycles; a bit is 1 + seg1 + seg2 quanta and is sampled once, at the end of seg1. A falling edge
// of the line (recessive to dominant) that follows a recessive sample synchronises, once between two samples: where `hard`, the
// bit begins with the quantum of the edge; else its error is taken back by at most `sjw` quanta, seg1 made longer for an edge
// before the sample, seg2 made shorter for one after it.
// Latency: `bit_sample` is high 3 cycles after the line is sampled; an edge is seen at the end of the quantum it falls in.
//
// The settings are inputs, so that the host sets the bit rate. The host keeps them in their ranges and a bit at 8 clock cycles
// or more; they may change at any time, and at most 512 quanta later the bits are as they say.
module hwf_can_timing (
    input  logic       clk,
    input  logic       rst,
    input  logic       can_rx,      // low is dominant
    input  logic [7:0] prescaler,   // clock cycles of a quantum, 1 to 255; 0 is 256
    input  logic [7:0] seg1,        // quanta between the bit's first and the sample, 1 to 255
    input  logic [7:0] seg2,        // quanta after the sample, 1 to 255
    input  logic [7:0] sjw,         // quanta, 1 to the lesser of seg1 and seg2
    input  logic       hard,        // an edge begins a bit, wherever it comes
    output logic       line,        // the pin's level, registered twice
    output logic       bit_start,   // for one cycle: a bit begins
    output logic       bit_sample,  // for one cycle: the sample point
    output logic       bit_level    // the level at the last sample point, from `bit_sample` on
);
  // The pin, twice registered against metastability; inverted, since registers start at zero and an idle bus is high.
  logic [1:0] low;
  initial low = '0;
  assign line = !low[1];
  always_ff @(posedge clk) low <= {low[0], !can_rx};

  logic [7:0] cycle;  // what is left of the quantum
  logic tick, was_low;
  assign tick = cycle == '0;
  always_ff @(posedge clk) begin
    cycle <= (tick ? prescaler : cycle) - 1'b1;
    if (tick) was_low <= !line;
    if (rst) cycle <= '0;
  end

  // The place in the bit: quanta that are left before the sample, or behind it before the next bit, this one included.
  logic [8:0] left, left_next, past, late;
  logic sampled, sampled_next, synchronised, edge_seen, starts, samples;
  assign edge_seen = !line && !was_low && bit_level && !synchronised;
  assign past = 9'(seg1) + 9'd1 - left;              // quanta from the bit's first to this one
  assign late = past < 9'(sjw) ? past : 9'(sjw);     // what an edge before the sample is allowed to take back

  always_comb begin
    starts = 1'b0;
    samples = 1'b0;
    sampled_next = sampled;
    if (edge_seen && (hard || (sampled && left <= 9'(sjw)))) begin
      starts = 1'b1;
      sampled_next = 1'b0;
      left_next = 9'(seg1);
    end else if (sampled) begin
      left_next = left - 9'd1 - (edge_seen ? 9'(sjw) : 9'd0);
      if (left_next == '0) begin
        starts = 1'b1;
        sampled_next = 1'b0;
        left_next = 9'(seg1) + 9'd1;
      end
    end else begin
      left_next = left - 9'd1 + (edge_seen ? late : 9'd0);
      if (left_next == '0) begin
        samples = 1'b1;
        sampled_next = 1'b1;
        left_next = 9'(seg2);
      end
    end
  end

  always_ff @(posedge clk) begin
    bit_start <= tick && starts;
    bit_sample <= tick && samples;
    if (tick) begin
      left <= left_next;
      sampled <= sampled_next;
      if (samples) bit_level <= line;
      synchronised <= !samples && (synchronised || edge_seen);
    end
    if (rst) begin
      bit_start <= 1'b0;
      bit_sample <= 1'b0;
      left <= 9'd1;
      sampled <= 1'b0;
      bit_level <= 1'b0;  // no edge is seen in the first quantum, which is sampled and settles what else there is
    end
  end

`ifndef SYNTHESIS
  a_bit_is_sampled_once :
  assert property (@(posedge clk) disable iff (rst) !(bit_start && bit_sample));
`endif
endmodule
