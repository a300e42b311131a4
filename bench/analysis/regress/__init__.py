"""A run held against an earlier one: what became worse, slower or merely different."""
