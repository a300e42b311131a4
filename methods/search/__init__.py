"""The search for a latent whose picture, degraded, is the input."""
