"""The machine: its hardware, its devices, and how time on it is measured."""
