"""A run held against an earlier one: what became worse, slower or merely different."""

from bench.regress.compare import compare
from bench.regress.findings import Finding, Terms, Verdict, exit_status

__all__ = ["Finding", "Terms", "Verdict", "compare", "exit_status"]
