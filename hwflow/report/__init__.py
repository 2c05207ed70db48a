"""One page of HTML, and the same as JSON, from the records that the other steps leave."""
