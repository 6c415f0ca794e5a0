"""What the engine does at each kind of node. Pure: no clock, no files, no network."""
