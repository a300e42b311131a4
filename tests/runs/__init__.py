"""Runs from end to end, through the command line."""
