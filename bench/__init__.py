"""A benchmark of large-factor image super-resolution with generative priors."""

__version__ = "0.1.0"
