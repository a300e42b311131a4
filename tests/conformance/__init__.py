"""Tests of `bench/conformance`."""
