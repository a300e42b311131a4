"""Tests of `bench/rendering`."""
