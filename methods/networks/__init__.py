"""Architectures, one a file, each able to read the published checkpoints of its network.

Nothing here knows of `bench`: a network takes and returns tensors, `checkpoint` reads files.
"""
