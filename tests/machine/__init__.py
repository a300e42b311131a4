"""Tests of `bench/machine`."""
