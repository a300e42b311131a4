"""What every method and every metric owes the benchmark, as checks that third parties can run.

`python -m bench check` runs them; so may a test of one's own:

    from bench.conformance import METHOD_CHECKS, open_method, verify
"""

from bench.conformance.method_declarations import DECLARATION_CHECKS
from bench.conformance.method_results import RESULT_CHECKS
from bench.conformance.method_subject import MethodSubject, Trial, open_method
from bench.conformance.metric_checks import METRIC_CHECKS
from bench.conformance.metric_subject import MetricSubject, open_metric
from bench.conformance.verdict import (
    Breach,
    Examination,
    Finding,
    NotApplicable,
    Unavailable,
    Verdict,
    examine,
    verify,
)

METHOD_CHECKS = (*DECLARATION_CHECKS, *RESULT_CHECKS)

__all__ = [
    "METHOD_CHECKS",
    "METRIC_CHECKS",
    "Breach",
    "Examination",
    "Finding",
    "MethodSubject",
    "MetricSubject",
    "NotApplicable",
    "Trial",
    "Unavailable",
    "Verdict",
    "examine",
    "open_method",
    "open_metric",
    "verify",
]
