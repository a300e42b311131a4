"""Files of weights as state dicts: found out, read without running anything, loaded strictly."""
