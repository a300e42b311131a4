"""Tests of `bench/datasets`."""
