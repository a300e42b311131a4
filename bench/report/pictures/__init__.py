"""The pictures that a report shows."""
