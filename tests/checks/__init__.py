"""Tests of `bench/checks`."""
