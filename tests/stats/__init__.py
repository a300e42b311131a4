"""Tests of `bench/stats`."""
