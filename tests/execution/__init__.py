"""Tests of `bench/execution`."""
