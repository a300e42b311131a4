"""Tests of `bench/core`."""
