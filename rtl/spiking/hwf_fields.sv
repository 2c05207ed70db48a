// What the neurons of one unit are and where they stand: the fields of docs/neuron.md but y and fired, in two memories.
//
// Membrane, current and what fades them are read early, the rest two cycles later: v1 .. decay1 are of `place0` of the cycle
// before, threshold3 .. h3 of `place2` of the cycle before. At `place6` a step's results are written, or one field by the
// host; `host_read` is that field of a place that has been the same for 4 cycles.
//
// WORDS       neurons of the unit
// STATE_BITS  of v, c, threshold, bias, reset; h has one less
// ADAPTATION  0: h is zero and is not kept
module hwf_fields #(
    parameter int WORDS = 16,
    parameter int STATE_BITS = 16,
    parameter int ADAPTATION = 1,
    localparam int PLACE = WORDS > 1 ? $clog2(WORDS) : 1,
    localparam int S = STATE_BITS
) (
    input  logic                    clk,
    input  logic        [PLACE-1:0] place0,
    input  logic        [PLACE-1:0] place2,
    input  logic        [PLACE-1:0] place6,
    output logic signed [    S-1:0] v1,
    output logic signed [    S-1:0] c1,
    output logic        [     15:0] leak1,
    output logic        [     15:0] decay1,
    output logic signed [    S-1:0] threshold3,
    output logic signed [    S-1:0] bias3,
    output logic signed [    S-1:0] reset3,
    output logic        [      7:0] refractory3,
    output logic                    subtract3,
    output logic        [      7:0] left3,
    output logic        [    S-2:0] h3,
    input  logic                    step6,
    input  logic                    held6,        // v stays
    input  logic                    resting,      // h stays
    input  logic signed [    S-1:0] v6,
    input  logic signed [    S-1:0] c6,
    input  logic        [      7:0] left6,
    input  logic        [    S-2:0] h6,
    input  logic                    host_write,
    input  logic        [      3:0] host_field,
    // verilator lint_off UNUSEDSIGNAL
    input  logic        [     23:0] host_data,    // what is outside a field's width is cut off
    // verilator lint_on UNUSEDSIGNAL
    output logic        [     31:0] host_read
);
  generate
    if (STATE_BITS < 8 || STATE_BITS > 24) begin : bad_width
      $error("hwf_fields: STATE_BITS is 8 to 24.");
    end
  endgenerate

  localparam logic [3:0] MEMBRANE = 0, CURRENT = 1, ADAPTED = 2, LEFT = 3, THRESHOLD = 8, LEAK = 9, DECAY = 10, BIAS = 11,
      RESET = 12, REFRACTORY = 13, SUBTRACT = 14;
  // Where the fields lie in a word.
  localparam int V = 0, C = S, LEAK_AT = 2 * S, DECAY_AT = 2 * S + 16, EARLY = 2 * S + 32;
  localparam int T = 0, B = S, R = 2 * S, PERIOD_AT = 3 * S, LEFT_AT = 3 * S + 8, SUB_AT = 3 * S + 16;
  localparam int H = ADAPTATION != 0 ? 3 * S + 17 : 0, LATE = ADAPTATION != 0 ? 4 * S + 16 : 3 * S + 17;

  (* ram_style = "block" *) logic [EARLY-1:0] early[0:WORDS-1];
  (* ram_style = "block" *) logic [LATE-1:0] late[0:WORDS-1];
  logic [EARLY-1:0] word1;
  logic [LATE-1:0] word3;
  assign {decay1, leak1, c1, v1} = word1;
  assign {subtract3, left3, refractory3, reset3, bias3, threshold3} = word3[3*S+16:0];

  logic [15:0] writes;  // by field
  always_comb begin
    writes = '0;
    writes[host_field] = host_write;
    if (step6) {writes[LEFT], writes[ADAPTED], writes[CURRENT], writes[MEMBRANE]} = {1'b1, !resting, 1'b1, !held6};
  end

  // A field that is being written is never made use of (hwf_ram). Said of each by itself: of a whole word synthesis does not see it,
  // and would keep what was there in as many flip-flops.
  logic early_collides, late_collides;
  assign early_collides = place0 == place6;
  assign late_collides  = place2 == place6;
  always_ff @(posedge clk) begin
    if (writes[MEMBRANE]) early[place6][V+:S] <= step6 ? v6 : host_data[S-1:0];
    if (writes[CURRENT]) early[place6][C+:S] <= step6 ? c6 : host_data[S-1:0];
    if (writes[LEAK]) early[place6][LEAK_AT+:16] <= host_data[15:0];
    if (writes[DECAY]) early[place6][DECAY_AT+:16] <= host_data[15:0];
    word1 <= early[place0];
    if (writes[MEMBRANE] && early_collides) word1[V+:S] <= 'x;
    if (writes[CURRENT] && early_collides) word1[C+:S] <= 'x;
    if (writes[LEAK] && early_collides) word1[LEAK_AT+:16] <= 'x;
    if (writes[DECAY] && early_collides) word1[DECAY_AT+:16] <= 'x;
  end
  always_ff @(posedge clk) begin
    if (writes[THRESHOLD]) late[place6][T+:S] <= host_data[S-1:0];
    if (writes[BIAS]) late[place6][B+:S] <= host_data[S-1:0];
    if (writes[RESET]) late[place6][R+:S] <= host_data[S-1:0];
    if (writes[REFRACTORY]) late[place6][PERIOD_AT+:8] <= host_data[7:0];
    if (writes[LEFT]) late[place6][LEFT_AT+:8] <= step6 ? left6 : host_data[7:0];
    if (writes[SUBTRACT]) late[place6][SUB_AT] <= host_data[0];
    if (ADAPTATION != 0 && writes[ADAPTED]) late[place6][H+:S-1] <= step6 ? h6 : host_data[S-2:0];
    word3 <= late[place2];
    if (writes[THRESHOLD] && late_collides) word3[T+:S] <= 'x;
    if (writes[BIAS] && late_collides) word3[B+:S] <= 'x;
    if (writes[RESET] && late_collides) word3[R+:S] <= 'x;
    if (writes[REFRACTORY] && late_collides) word3[PERIOD_AT+:8] <= 'x;
    if (writes[LEFT] && late_collides) word3[LEFT_AT+:8] <= 'x;
    if (writes[SUBTRACT] && late_collides) word3[SUB_AT] <= 'x;
    if (ADAPTATION != 0 && writes[ADAPTED] && late_collides) word3[H+:S-1] <= 'x;
  end

  generate
    if (ADAPTATION != 0) begin : adapts
      assign h3 = word3[H+:S-1];
    end else begin : does_not_adapt
      assign h3 = '0;
      logic unused;
      assign unused = &{1'b0, h6};
    end
  endgenerate

  always_comb
    case (host_field)
      MEMBRANE:   host_read = 32'(v1);
      CURRENT:    host_read = 32'(c1);
      ADAPTED:    host_read = 32'(h3);
      LEFT:       host_read = 32'(left3);
      THRESHOLD:  host_read = 32'(threshold3);
      LEAK:       host_read = 32'(leak1);
      DECAY:      host_read = 32'(decay1);
      BIAS:       host_read = 32'(bias3);
      RESET:      host_read = 32'(reset3);
      REFRACTORY: host_read = 32'(refractory3);
      SUBTRACT:   host_read = 32'(subtract3);
      default:    host_read = '0;
    endcase
  logic unused_writes;
  assign unused_writes = &{1'b0, writes};

`ifndef SYNTHESIS
  a_host_waits_for_the_steps :
  assert property (@(posedge clk) !(step6 && host_write));
  a_field_is_written_inside :
  assert property (@(posedge clk) step6 || host_write |-> int'(place6) < WORDS);
`endif
endmodule
