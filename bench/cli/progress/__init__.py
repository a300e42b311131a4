"""What commands show while they work: bars on a terminal, plain lines elsewhere."""
