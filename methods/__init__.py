"""Super-resolution methods behind one interface, one adapter a file."""
