"""Metrics, one a file: citation, formula, pure function, thin class."""
