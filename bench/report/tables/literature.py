"""Published figures beside the measured ones, with the verdict on each, as text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bench.analysis.analysis import TableAnalysis
from bench.analysis.cost_shares import CostShare
from bench.analysis.published import Publication, PublishedTable
from bench.analysis.published_orders import PublishedOrder
from bench.analysis.reproduction import Literature, Reproduction, ReproductionVerdict
from bench.report import formats

NONE = formats.NOTHING
HEADERS = ("method", "metric", "published", "measured", "difference", "verdict")


@dataclass(frozen=True)
class LiteratureTable:
    """The published figures of one split from one publication."""

    title: str
    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    comparability: str  # may the two be held against each other
    protocols: tuple[str, ...]
    source: str
    orders: tuple[str, ...]  # whether the measured order of methods agrees, by metric


def literature_tables(table: TableAnalysis, titles: Mapping[str, str]) -> list[LiteratureTable]:
    """A table of each publication that has figures of this split at this scale."""
    return [beside(found, titles) for found in table.literature]


def beside(found: Literature, titles: Mapping[str, str]) -> LiteratureTable:
    """A row for each published figure and each measured value that answers to it."""
    publication, obstacle = found.publication, found.obstacle
    return LiteratureTable(
        title=publication.title,
        headers=HEADERS,
        rows=(
            *(row(figure, publication, titles, obstacle) for figure in found.figures),
            *(share_row(share, publication, titles) for share in found.shares),
        ),
        comparability=comparability(found),
        protocols=tuple(protocol(published) for published in found.tables),
        source=publication.source,
        orders=tuple(order(each, titles) for each in found.orders),
    )


def comparability(found: Literature) -> str:
    """Whether figures of pictures may be held against each other."""
    if not found.tables:
        return "Costs alone, in which the pictures have no part."
    return f"Not comparable: {found.obstacle}." if found.obstacle else "The same pictures."


def share_row(
    found: CostShare, publication: Publication, titles: Mapping[str, str]
) -> tuple[str, ...]:
    """A share of costs as text under `HEADERS`."""
    share = found.published_share
    was_run = found.measured is not None
    verdict = ReproductionVerdict.NOT_COMPARABLE if was_run else ReproductionVerdict.NOT_RUN
    return (
        publication.name_of(found.method, titles),
        f"{share.title}, % of {publication.name_of(share.of, titles)}'s",
        f"{found.published:g}",
        NONE if found.measured is None else f"{found.measured:.1f}",
        NONE,
        f"{verdict}: {found.reason}",
    )


def row(
    found: Reproduction, publication: Publication, titles: Mapping[str, str], obstacle: str
) -> tuple[str, ...]:
    """The figure as text under `HEADERS`; the obstacle that all share is told once, elsewhere."""
    name, by = publication.name_of(found.method, titles), found.published_table.by
    decimals = 2 if found.published_table.metric.endswith("_db") else 4
    difference = measured = NONE
    if found.metric:
        measured = " ".join(formats.score(found.metric, found.measured)).rstrip()
    if found.metric and found.difference is not None:
        difference = formats.signed(found.metric, found.difference)
    told = found.reason and (
        found.verdict is ReproductionVerdict.NOT_RUN or found.reason != obstacle
    )
    return (
        f"{name} ({by})" if by else name,
        formats.header(found.metric) if found.metric else found.published_table.title,
        f"{found.published:.{decimals}f}",
        measured,
        difference,
        f"{found.verdict}: {found.reason}" if told else found.verdict.value,
    )


def order(found: PublishedOrder, titles: Mapping[str, str]) -> str:
    """Such as `Order by PSNR (dB) ↑ of 4 methods (...) over 64 images: Kendall tau 0.67`."""
    names = ", ".join(found.publication.name_of(method, titles) for method in found.published)
    by = f" ({found.published_table.by})" if found.published_table.by else ""
    return (
        f"Order by {formats.header(found.metric)}{by} of {found.agreement.n} methods ({names}) "
        f"over {found.images} images: "
        f"Kendall tau {found.agreement.tau:.2f} (1 the same order, -1 the reverse)"
    )


def protocol(published: PublishedTable) -> str:
    """Where the figures stand, how they were made, and how near is near enough."""
    by = f", {published.by}" if published.by else ""
    within = f"; reproduced within {published.tolerance:g}" if published.tolerance else ""
    return f"{published.title}, {published.name}{by}: {published.protocol}{within}"
