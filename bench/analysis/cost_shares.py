"""What a paper says a method costs, in parts of what another costs, beside what both cost here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bench.analysis.costs import Costs
from bench.analysis.published import Publication, PublishedShare
from bench.analysis.summary import Line


@dataclass(frozen=True)
class CostShare:
    """A published share beside the measured one; no verdict but *not comparable* or *not run*."""

    published_share: PublishedShare
    method: str
    published: float  # in per cent
    measured: float | None
    reason: str  # why the two are not comparable, or why nothing was measured


def cost_shares(publication: Publication, lines: Sequence[Line]) -> Iterator[CostShare]:
    """The shares that it gives of the methods of one table."""
    costs = {line.method: line.costs for line in lines}
    for share in publication.share:
        for method, figure in share.values.items():
            if method in costs:
                measured = measured_share(share, method, costs)
                lacking = f"the costs of {method} and {share.of} were not both measured"
                reason = lacking if measured is None else publication.models[method]
                yield CostShare(share, method, figure, measured, reason)


def measured_share(share: PublishedShare, method: str, costs: Mapping[str, Costs]) -> float | None:
    """The measured share in per cent; None where either has no costs."""
    own, whole = (getattr(costs.get(each), share.cost, None) for each in (method, share.of))
    return 100 * own / whole if own and whole else None
