// The slots of a layer that works on some of its rows and columns at a time: FOLDS passes over the BEATS beats of a vector.
//
// The first pass takes the vector from the stream and keeps it; the other passes, one for each fold, take it from the
// buffer. The next vector follows without a gap. A slot is taken in each cycle in which `en` is high and, in the first
// pass, a beat is there.
// One combinational path: en to s_ready.
//
// WIDTH      bits of a beat
// STYLE      for synthesis, where kept beats go: "block" (block RAM), or "auto"
// slot       which one is next, 0 … FOLDS * BEATS - 1; last_beat, last_slot: it is the last one of its pass, of its vector
// taken      it is taken in this cycle
// x          after a cycle in which a slot was taken, its beat, held while `en` is low
module hwf_slots #(
    parameter int FOLDS = 1,
    parameter int BEATS = 1,
    parameter int WIDTH = 8,
    // verilator lint_off UNUSEDPARAM
    parameter STYLE = "auto",  // for attributes only
    // verilator lint_on UNUSEDPARAM
    localparam int SLOT_BITS = FOLDS * BEATS > 1 ? $clog2(FOLDS * BEATS) : 1
) (
    input  logic                 clk,
    input  logic                 rst,
    input  logic                 en,
    input  logic                 s_valid,
    output logic                 s_ready,
    input  logic [    WIDTH-1:0] s_data,
    output logic                 taken,
    output logic                 last_beat,
    output logic                 last_slot,
    output logic [SLOT_BITS-1:0] slot,
    output logic [    WIDTH-1:0] x
);
  localparam int BEAT_BITS = BEATS > 1 ? $clog2(BEATS) : 1;

  logic [BEAT_BITS-1:0] beat;
  logic first_pass;
  assign last_slot = slot == SLOT_BITS'(FOLDS * BEATS - 1);
  assign last_beat = beat == BEAT_BITS'(BEATS - 1);
  assign taken = en && (!first_pass || s_valid);
  assign s_ready = en && first_pass;

  always_ff @(posedge clk) begin
    if (taken) begin
      slot <= last_slot ? '0 : slot + 1'b1;
      beat <= last_beat ? '0 : beat + 1'b1;
      if (last_beat) first_pass <= last_slot;
    end
    if (rst) begin
      slot <= '0;
      beat <= '0;
      first_pass <= 1'b1;
    end
  end

  generate
    if (FOLDS == 1) begin : streamed
      always_ff @(posedge clk) if (en) x <= s_data;
    end else begin : kept
      (* ram_style = STYLE *) logic [WIDTH-1:0] buffer[0:BEATS-1];
      logic [WIDTH-1:0] fresh, again;
      logic from_stream;
      always_ff @(posedge clk)
        if (en) begin
          if (first_pass) buffer[beat] <= s_data;
          again <= buffer[beat];
          fresh <= s_data;
          from_stream <= first_pass;
        end
      assign x = from_stream ? fresh : again;
    end
  endgenerate
endmodule
