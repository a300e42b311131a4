"""Pictures: files to 8-bit arrays to tensors and back, and fingerprints of them."""
