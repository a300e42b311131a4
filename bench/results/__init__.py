"""A results folder: every file of it, written and read in one place."""
