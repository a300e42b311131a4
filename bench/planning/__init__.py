"""From a request to cells."""
