// Each result is the sum, or the greatest, of its AXIS elements, in order, a vector after another, held while it is stalled.
//
//@ induction 1
//@ depth 14
//@ parameters AXIS=3 BEATS=2 LANES=1 X_BITS=3 SUM_BITS=5 Y_BITS=5 X_SIGNED=1
//@ parameters AXIS=2 BEATS=3 LANES=2 X_BITS=2 SUM_BITS=4 Y_BITS=4 X_SIGNED=0
//@ parameters AXIS=3 BEATS=2 LANES=1 X_BITS=3 SUM_BITS=3 Y_BITS=3 X_SIGNED=1 GREATEST=1
//@ parameters AXIS=3 BEATS=1 LANES=1 X_BITS=3 SUM_BITS=3 Y_BITS=3 X_SIGNED=0 GREATEST=1
//@ fault result_of_the_elements: total = first ? x : joined => total = joined
//@ fault one_for_each: m_valid <= taken && last => m_valid <= taken
//@ fault held: assign s_ready = m_ready || !m_valid; => assign s_ready = 1'b1;
//@ fault so_far_alike: partial[place] <= result; => partial[place] <= last ? upto : result;
//@ fault counted_alike: step <= last ? '0 : step + 1'b1 => step <= step + 1'b1
logic [31:0] column, row;  // of the beat that comes
// A lane that is watched, of a beat of each vector that is watched.
(* anyconst *) logic [7:0] watched_lane;
(* anyconst *) logic [7:0] watched_column;
always_comb assume (watched_lane < LANES && watched_column < BEATS);
logic signed [31:0] element, upto_now, whole;
logic [X_BITS-1:0] raw;
assign raw = s_data[watched_lane*X_BITS+:X_BITS];
assign element = {{32{X_SIGNED != 0 && raw[X_BITS-1]}}, raw};
logic due, due_watched;
logic stays;
watched_stall #(.WIDTH(LANES*Y_BITS)) stall (
    .clk(clk), .rst(rst), .valid(m_valid), .ready(m_ready), .data(m_data), .stays(stays)
);
logic signed [31:0] joint;
always_comb begin
  if (row == 0) joint = element;
  else if (GREATEST != 0) joint = element > upto_now ? element : upto_now;
  else joint = element + upto_now;
end
always_ff @(posedge clk) begin
  if (s_ready) due <= 1'b0;
  if (s_valid && s_ready) begin
    column <= column == BEATS - 1 ? '0 : column + 1;
    if (column == BEATS - 1) row <= row == AXIS - 1 ? '0 : row + 1;
    if (column == watched_column) upto_now <= joint;
    due <= row == AXIS - 1;
    due_watched <= column == watched_column;
    if (column == watched_column && row == AXIS - 1) whole <= joint;
  end
  if (rst) begin
    column <= '0;
    row <= '0;
    due <= 1'b0;
  end
end
logic ranged;
logic signed [31:0] bound_of;
logic begun_column;
assign begun_column = row != 0 || column > watched_column;  // the watched column of this vector has elements
logic [SUM_BITS-1:0] kept;
assign kept = partial[watched_column[PLACE_BITS-1:0]] >> (watched_lane * SUM_BITS);
logic signed [31:0] bound;
assign bound = row + 32'(column > watched_column);
// What has been joined lies in the range of so many elements.
always_comb
  if (X_SIGNED != 0) ranged = upto_now < (1 << (X_BITS - 1)) * bound_of && upto_now >= -(1 << (X_BITS - 1)) * bound_of;
  else ranged = upto_now >= 0 && upto_now < (1 << X_BITS) * bound_of;
assign bound_of = GREATEST != 0 ? 1 : bound;
always_comb
  if (begun) begin
    result_of_the_elements :
    assert (!(due && due_watched) || m_data[watched_lane*Y_BITS+:Y_BITS] == whole[Y_BITS-1:0]);
    one_for_each : assert (m_valid == due && s_ready == (m_ready || !due));
    held : assert (stays);
    so_far_alike : assert (!begun_column || (kept == upto_now[SUM_BITS-1:0] && ranged));
    counted_alike : assert (32'(place) == column && 32'(step) == row && column < BEATS && row < AXIS);
  end
