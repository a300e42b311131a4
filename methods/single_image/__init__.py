"""SinGAN: a pyramid of one picture, the networks of its scales trained on it, and enlargement."""
