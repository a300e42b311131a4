"""Code that reads the data sets: suites, splits, imported pictures, factors of rendered ones."""
