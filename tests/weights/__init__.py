"""Tests of `bench/weights`."""
