"""A run held against an earlier one: what became worse, slower or merely different."""

from bench.analysis.regress.compare import compare
from bench.analysis.regress.findings import Finding, Terms, Verdict, exit_status

__all__ = ["Finding", "Terms", "Verdict", "compare", "exit_status"]
