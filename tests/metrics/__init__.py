"""Tests of `bench/metrics`."""
