"""Files of other systems: how they are read, what their columns mean, and the records that come of them."""
