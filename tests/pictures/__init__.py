"""Tests of `bench/pictures`."""
