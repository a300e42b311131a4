"""Files of weights: what is known of them, where they lie, and which serves a task."""
