"""Do the metrics and the degradation do what theory demands of them? Stand-ins tell."""

from bench.checks.sanity.orders import judge
from bench.checks.sanity.stand_ins import StandIn

__all__ = ["StandIn", "judge"]
