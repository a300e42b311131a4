"""Tests of `bench/operators`."""
