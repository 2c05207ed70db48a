// What the modules of the CAN receiver share: the kinds of a failed frame.
package hwf_can;
  localparam logic [1:0] STUFF = 2'd1;  // six equal bits in a row between SOF and the end of the CRC
  localparam logic [1:0] FORM = 2'd2;   // a dominant CRC delimiter, ACK delimiter, or one of the first six bits of EOF
  localparam logic [1:0] CRC = 2'd3;    // the CRC was wrong; told at the ACK delimiter, as an error flag would be
endpackage
