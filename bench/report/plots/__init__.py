"""The analysis as plots."""
