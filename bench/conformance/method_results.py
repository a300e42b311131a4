"""What a method gives back."""

from __future__ import annotations

import random

import numpy as np
import torch
from torch import Tensor

from bench.conformance.method_subject import ODD_TASKS, SEEDS, MethodSubject, restored_by
from bench.conformance.pictures import unseen_by
from bench.conformance.verdict import Breach, Check, NotApplicable
from bench.core.code_version import code_digest
from bench.core.errors import BenchError
from bench.core.plain import plain_whole
from bench.datasets.splits import Picture, Split
from bench.execution import attempt
from bench.operators import Downsample, quantise
from bench.pictures import tensors
from bench.pictures.files import write_png
from bench.planning.cell import Cell
from methods.base import Method, Restoration

# A batch sums in another order: results agree up to its rounding. Each step of a search magnifies
# it: PULSE on a bank of 128x128 pixels is 0.08 apart after 40 steps.
ROUNDING, ROUNDING_OF_SEARCHES = 1e-4, 1e-3
FIRST_STEPS = 3


def other_sizes_are_skipped_refused_or_served(subject: MethodSubject) -> None:
    """Tasks of odd sizes and factors: a reason from `skip`, a `BenchError`, or the right shape."""
    subject.fresh()
    for height, width, scale in ODD_TASKS:
        task = subject.task(height, width, scale)
        method = subject.made(task)
        if method.skip() is not None:
            continue
        try:
            method.setup(subject.files)
        except BenchError:
            continue
        grey = torch.full((1, 3, height // scale, width // scale), 0.5)
        images = restored_by(method, grey, [0]).images
        if tuple(images.shape) != (1, 3, height, width):
            raise Breach(
                f"at {width}x{height} pixels, {scale}x, it gave the shape "
                f"{tuple(images.shape)}, expected {(1, 3, height, width)}"
            )


def pictures_have_the_shape_asked_for(subject: MethodSubject) -> None:
    """(N, 3, H, W) for three pictures and for one; floating point, on the task's device."""
    for count in (3, 1):
        images = subject.restore(subject.y[:count], SEEDS[:count]).images
        expected = (count, 3, subject.size, subject.size)
        if tuple(images.shape) != expected:
            raise Breach(f"restore() gave the shape {tuple(images.shape)}, expected {expected}")
        if not images.is_floating_point() or images.device.type != "cpu":
            raise Breach(
                f"restore() gave {images.dtype} on {images.device}, expected floating point on cpu"
            )


def values_are_finite_and_about_0_to_1(subject: MethodSubject) -> None:
    """No NaN and no infinity; half of the values within [-0.5, 1.5], which 0 to 255 is not."""
    images = subject.restored.images
    bad = int((~images.isfinite()).sum())
    if bad:
        raise Breach(f"{bad} of {images.numel()} values are NaN or infinite")
    near = ((images > -0.5) & (images < 1.5)).float().mean().item()
    if near < 0.5:
        raise Breach(
            f"{1 - near:.0%} of the values are outside [-0.5, 1.5]: they go from "
            f"{images.min():.3g} to {images.max():.3g}, expected about 0 to 1"
        )


def brightness_is_kept(subject: MethodSubject) -> None:
    """The mean of each picture is that of y within 0.2, which [-1, 1] taken for [0, 1] is not."""
    if subject.is_toy:
        raise NotApplicable("random weights keep nothing")
    found, expected = (x.mean((1, 2, 3)) for x in (subject.restored.images, subject.y))
    if (found - expected).abs().max() > 0.2:
        raise Breach(f"means {numbers(found)}, of inputs with {numbers(expected)}")


def results_repeat(subject: MethodSubject) -> None:
    """The same seeds, the same bits: in the same instance, in a new one, with gradients off, and
    whatever state the global random generators are in."""
    first = subject.restored.images
    stir(1)
    compare("a second call", subject.restore(subject.y, SEEDS).images, first)
    with torch.no_grad():
        compare("a call under torch.no_grad", subject.restore(subject.y, SEEDS).images, first)
    stir(2)
    compare("a new instance", restored_by(subject.fresh(), subject.y, SEEDS).images, first)


def stir(seed: int) -> None:
    """Put the global random generators into another state."""
    torch.manual_seed(seed)
    np.random.seed(seed)
    random.seed(seed)


def compare(what: str, found: Tensor, expected: Tensor, tolerance: float = 0.0) -> None:
    """Raise `Breach` where they are further apart than `tolerance`, absolute and relative."""
    apart = ((found - expected).abs() - tolerance * expected.abs()).max().item()
    if not apart <= tolerance:
        raise Breach(f"{what} differs by up to {(found - expected).abs().max():.3g}")


def seeds_matter_if_it_is_stochastic(subject: MethodSubject) -> None:
    """Other seeds, other pictures; of a method that is not stochastic, the same."""
    others = subject.restore(subject.y, [seed + 100 for seed in SEEDS]).images
    changed = [not torch.equal(a, b) for a, b in zip(others, subject.restored.images, strict=True)]
    if subject.method_class.stochastic and not all(changed):
        raise Breach("it is stochastic, but gives the same picture for another seed")
    if not subject.method_class.stochastic and any(changed):
        raise Breach("another seed gives another picture: say `stochastic = True`")


def an_image_does_not_depend_on_its_batch(subject: MethodSubject) -> None:
    """Each picture alone, and all in another order, as they are together."""
    for i, seed in enumerate(SEEDS):
        alone = subject.restore(subject.y[i : i + 1], [seed])
        compare_image(f"image {i} alone", alone, 0, subject.restored, i)
    turned = subject.restore(subject.y.flip(0), SEEDS[::-1])
    for i in range(len(SEEDS)):
        compare_image(f"image {i} in a batch of another order", turned, -1 - i, subject.restored, i)


def compare_image(
    what: str, found: Restoration, at: int, expected: Restoration, index: int
) -> None:
    """Raise `Breach` where one image of each differs by more than rounding.

    Of a search the losses of its first steps are compared, and the picture if it took no more.
    """
    if not expected.fits:
        compare(what, found.images[at], expected.images[index], ROUNDING)
        return
    trace, wanted = (
        torch.tensor(fits.trace[:FIRST_STEPS]) for fits in (found.fits[at], expected.fits[index])
    )
    compare(f"the loss of {what}", trace, wanted, ROUNDING_OF_SEARCHES)
    if len(expected.fits[index].trace) <= FIRST_STEPS:
        compare(what, found.images[at], expected.images[index], ROUNDING_OF_SEARCHES)


def y_is_left_as_it_is(subject: MethodSubject) -> None:
    """Neither `restore` nor `warm_up` writes into its input."""
    y = subject.y.clone()
    subject.method.restore(y, list(SEEDS))
    if not torch.equal(y, subject.y):
        raise Breach("restore() changes y")
    subject.method.warm_up(y[:1])
    if not torch.equal(y, subject.y):
        raise Breach("warm_up() changes y")


def the_truth_does_not_reach_it(subject: MethodSubject) -> None:
    """Two truths that the operator takes to one y, restored by the engine: one picture."""
    method = subject.method
    if subject.scale % 4 or subject.size % 4:
        raise NotApplicable(f"no two such truths are known here at {subject.scale}x")
    one = quantise(subject.truths[:1].clamp(8 / 255, 247 / 255))
    other = unseen_by(subject.scale, one)
    if not torch.equal(*map(subject.task().operator.observe, (one, other))):
        raise NotApplicable("rounding tells the two truths apart")
    restored = [restored_by_the_engine(subject, method, truth) for truth in (one, other)]
    if not torch.equal(*restored):
        apart = (restored[0] - restored[1]).abs().max()
        raise Breach(f"one y, but as the truth differs so does the picture, by up to {apart:.3g}")


def restored_by_the_engine(subject: MethodSubject, method: Method, truth: Tensor) -> Tensor:
    """(1, 3, H, W), of 8 bits: what a run makes of a truth that is a file."""
    path = subject.folder / "truth.png"
    write_png(path, tensors.to_pixels(truth))
    picture = Picture("truth", path, "")
    task = method.task
    cell = Cell(
        method=subject.facts,
        settings=subject.made_settings().model_dump(mode="json"),
        split=Split(task.split, (picture,), task.size, "photo"),
        scale=task.scale,
        operator=Downsample(task.scale),
        seed=0,
        files={},
        device="cpu",
        precision="fp32",
        code=code_digest(subject.facts.target),
        torch=torch.__version__,
    )
    y = attempt.given(cell, picture).y
    return attempt.restore(cell, method, picture, y, held_bytes=0).image


def costs_are_counted(subject: MethodSubject) -> None:
    """`warm_up` gives multiply-accumulates, more than none for networks, and changes nothing."""
    before = subject.restored.images
    macs, parameters = subject.method.warm_up(subject.y[:1].clone()), subject.method.parameters()
    for what, number in (("warm_up()", macs), ("parameters()", parameters)):
        if plain_whole(number) is None:
            raise Breach(f"{what} gave {number!r}, expected a whole number")
    if parameters and not macs:
        raise Breach(f"{parameters} parameters, but warm_up() counts no multiply-accumulates")
    compare("a call after warm_up", subject.restore(subject.y, SEEDS).images, before)


def searches_are_on_record(subject: MethodSubject) -> None:
    """One `Fit` an image, with a loss for each step."""
    fits = subject.restored.fits
    if not fits:
        raise NotApplicable("it optimises nothing")
    if len(fits) != len(SEEDS):
        raise Breach(f"{len(fits)} fits of {len(SEEDS)} images")
    for fit in fits:
        if not fit.trace:
            raise Breach(f"a fit has the trace {fit.trace!r}, expected a loss for each step")


def notes_go_with_their_images(subject: MethodSubject) -> None:
    """A text for each image, or none at all."""
    notes = subject.restored.notes
    if notes and len(notes) != len(SEEDS):
        raise Breach(f"{len(notes)} notes of {len(SEEDS)} images")


def numbers(values: Tensor) -> str:
    """The values, rounded."""
    return ", ".join(f"{value:.3g}" for value in values.tolist())


RESULT_CHECKS: tuple[Check[MethodSubject], ...] = (
    other_sizes_are_skipped_refused_or_served,
    pictures_have_the_shape_asked_for,
    values_are_finite_and_about_0_to_1,
    brightness_is_kept,
    results_repeat,
    seeds_matter_if_it_is_stochastic,
    an_image_does_not_depend_on_its_batch,
    y_is_left_as_it_is,
    the_truth_does_not_reach_it,
    costs_are_counted,
    searches_are_on_record,
    notes_go_with_their_images,
)
