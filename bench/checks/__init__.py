"""May the numbers be trusted? Leakage of test pictures, and the order of stand-ins."""
