"""Tests of `bench` and `methods`; see README.md."""

import os

# Set before torch and numpy are imported: threads that spin while they wait make a busy machine many
# times slower, and products of small matrices take six times the work on two of them.
os.environ.setdefault("GOMP_SPINCOUNT", "0")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
