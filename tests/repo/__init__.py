"""Tests of the repository: wheel, committed reports, layers."""
