"""Running cells: what is left to do, worker processes, and what comes back from them."""
