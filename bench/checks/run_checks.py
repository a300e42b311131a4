"""Making the checks of a run: leakage of test pictures, and the order of stand-ins.

A check is made again only when the pictures, the weights or the metrics are others.
"""

from __future__ import annotations

from collections.abc import Hashable

from bench.checks import leakage
from bench.checks.sanity.measure import MOST_IMAGES, measure_apart, usable
from bench.core.errors import describe
from bench.planning.cell import Cell
from bench.planning.plan import Plan
from bench.results.cautions import CautionKind
from bench.results.check_records import Checked, CheckRecord, Remark, digest, is_known, keep
from bench.results.store import Store
from bench.weights.training_pictures import list_digest

VERSION = "4"  # grows when the same conditions would be judged otherwise


def inspect(plan: Plan, store: Store, timeout_s: float | None = None) -> bool:
    """Make every check of the plan that is not on record; whether there was any.

    timeout_s: what an image may take in this run. Raises `DiskError`.
    """
    methods: dict[Hashable, Cell] = {}
    tables: dict[Hashable, Cell] = {}
    for cell in (planned.cell for planned in plan.cells if planned.absent is None):
        methods.setdefault(place_of(cell, cell.method.label), cell)
        tables.setdefault(place_of(cell), cell)
    found = [
        *(look_for_leaks(cell, store) for cell in methods.values()),
        *(look_for_disorder(plan, cell, store, timeout_s) for cell in tables.values()),
    ]
    made = [check for check in found if check]
    for check in made:
        keep(store, check)
    return bool(made)


def place_of(cell: Cell, method: str = "") -> Checked:
    """The table that the cell belongs to, or the method in it."""
    return Checked(cell.coordinate.table, method)


def look_for_leaks(cell: Cell, store: Store) -> CheckRecord | None:
    """Hold the cell's pictures against the lists of its weights, unless that is on record."""
    places, missing = leakage.lists_of(cell.files)
    references = cell.references
    if not places and not missing and references is None:
        return None
    where = place_of(cell, cell.method.label)
    pool = [references.digest] if references else []
    conditions = digest([VERSION, cell.split.digest, *map(list_digest, places), *missing, *pool])
    if is_known(store, CautionKind.LEAKAGE, where, conditions):
        return None
    lists, problems = leakage.open_lists(places)
    problems += [f"{name} is not beside the weights" for name in missing]
    title = f"{cell.method.label} on {cell.split.name} at {cell.scale}x"
    found = leakage.leak(cell.split, lists)
    cautions = [leakage.sentence(title, len(usable(cell)), found)]
    if references is not None:
        taken = leakage.leak(cell.split, [leakage.list_of(references, cell.split)])
        what = leakage.REFERENCES
        cautions.append(leakage.sentence(title, len(usable(cell)), taken, what))
    cautions += [f"{title}: a list of training pictures is missing: {why}" for why in problems]
    facts = {
        "trained_on": sum(map(len, lists)),
        "same_file": list(found.same_file),
        "looks_the_same": list(found.looks_the_same),
    }
    said = tuple(Remark(caution) for caution in cautions if caution)
    return CheckRecord(CautionKind.LEAKAGE, where, conditions, said, facts)


def look_for_disorder(
    plan: Plan, cell: Cell, store: Store, timeout_s: float | None
) -> CheckRecord | None:
    """Score the stand-ins of the cell's table, unless that is on record."""
    scorings = plan.scorings(cell)
    pictures = usable(cell)[:MOST_IMAGES]
    if not scorings or not pictures:
        return None
    where = place_of(cell)
    conditions = digest(
        [VERSION, *(s.digest for s in scorings), *(picture.sha256 for picture in pictures)]
    )
    if is_known(store, CautionKind.SANITY, where, conditions):
        return None
    title = f"{cell.split.name} at {cell.scale}x"
    try:
        verdict = measure_apart(cell, scorings, timeout_s)
    # Metrics are code of strangers too: whatever they do, the rows of the run stay.
    except Exception as error:
        problem = f"{title}: the stand-ins could not be scored: {describe(error)}"
        return CheckRecord(CautionKind.SANITY, where, conditions, (Remark(problem),))
    facts = {"images": verdict.images, "seconds": verdict.seconds, "means": verdict.means}
    cautions = tuple(Remark(f"{title}: {fault}", metric) for fault, metric in verdict.faults)
    return CheckRecord(CautionKind.SANITY, where, conditions, cautions, facts)
