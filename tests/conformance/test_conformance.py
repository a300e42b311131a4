"""Every method and metric keeps the contract, and the checks notice those that do not."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from skimage.metrics import structural_similarity  # noqa: F401 - slow, outside the time of a test

from bench.conformance import (
    METHOD_CHECKS,
    METRIC_CHECKS,
    MethodSubject,
    MetricSubject,
    Trial,
    Verdict,
    examine,
    open_method,
    open_metric,
    verify,
)
from bench.conformance.pictures import truths, unseen_by
from bench.core.errors import BenchError
from bench.metrics import registry
from bench.operators import Downsample
from methods import registry as method_registry
from methods.toys import random_weights
from tests.support import nonconforming
from tests.support.commands import bench_here
from tests.support.metric_samples import stand_ins

BAD = Path(nonconforming.__file__)


NO_FILES = {"missing_files_are_refused", "damaged_files_are_refused"}
SCORED = {
    "the_truth_scores_best", "more_blur_scores_worse", "more_noise_scores_worse",
    "an_image_does_not_depend_on_its_batch", "scores_repeat",
}  # fmt: skip
NO_WEIGHTS = {"missing_weights_are_refused", "damaged_weights_are_refused"}


def means_nothing_for(name: str) -> set[str]:
    """The checks that do not apply to a built-in method on its toy."""
    family = method_registry.BUILT_IN[name].family
    optimises = family in {method_registry.INVERSION, method_registry.INTERNAL}
    excepted = set() if optimises else {"searches_are_on_record"}
    excepted |= set() if family == method_registry.BASELINE else {"brightness_is_kept"}
    # Spandrel's file is one of its settings.
    weightless = family in {method_registry.BASELINE, method_registry.INTERNAL}
    takes_none = weightless or name == "spandrel"
    return excepted | (NO_FILES if takes_none else set())


@pytest.fixture(scope="module")
def method(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], MethodSubject]:
    @cache
    def opened(name: str) -> MethodSubject:
        facts = method_registry.BUILT_IN[name]
        for module in facts.modules:
            pytest.importorskip(module)
        return open_method(facts, tmp_path_factory.mktemp(name))

    return opened


@pytest.mark.parametrize("check", METHOD_CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("name", method_registry.BUILT_IN)
def test_every_method_keeps_the_contract(
    name: str, check: Callable[[MethodSubject], None], method: Callable[[str], MethodSubject]
) -> None:
    finding = verify(check, method(name))
    excepted = check.__name__ in means_nothing_for(name)
    assert finding.verdict is (Verdict.NOT_APPLICABLE if excepted else Verdict.PASSED), finding


@pytest.fixture(scope="module")
def metric(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], MetricSubject]]:
    @cache
    def opened(column: str) -> MetricSubject:
        facts, folder = registry.METRICS[column], tmp_path_factory.mktemp(column)
        lacking = [m for m in facts.modules if importlib.util.find_spec(m) is None]
        if lacking:
            pytest.skip(f"{column} needs {', '.join(lacking)}; {facts.install}")
        return open_metric(facts, folder, stand_ins(column, folder))

    return opened


@pytest.mark.parametrize("check", METRIC_CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("column", registry.METRICS)
def test_every_metric_keeps_the_contract(
    column: str, check: Callable[[MetricSubject], None], metric: Callable[[str], MetricSubject]
) -> None:
    finding = verify(check, metric(column))
    facts = metric(column).facts
    excepted = check.__name__ in NO_WEIGHTS and not (facts.weights or facts.split_weights)
    excepted |= check.__name__ in SCORED and facts.needs_factors
    assert finding.verdict is (Verdict.NOT_APPLICABLE if excepted else Verdict.PASSED), finding


def failures_of_method(name: str, folder: Path) -> dict[str, str]:
    """The claims that the method of `nonconforming.py` breaks, with the details."""
    facts = method_registry.resolve(f"{BAD}:{name}")
    found = examine("method", name, lambda: open_method(facts, folder), METHOD_CHECKS)
    return {f.claim: f.detail for f in found.findings if f.verdict is Verdict.FAILED}


@pytest.mark.parametrize(
    ("name", "claim", "detail"),
    [
        ("BatchesSomehow", "facts are complete", "`batches` is True, expected one of 'no', 'asked'"),
        ("TakesTypos", "unknown settings are refused", "no_such_setting=1"),
        ("ForgetsSettings", "settings survive json", "read back"),
        ("SkipsWithoutReason", "skip and needs answer", "at 1024x1024, 64x gave ''"),
        ("NeedsNoKind", "skip and needs answer", "has the kinds 'glean'"),
        ("LeaksItsReader", "missing files are refused", "raised FileNotFoundError"),
        ("LeaksItsReader", "damaged files are refused", "is empty raised JSONDecodeError"),
        ("ReadsAnything", "missing files are refused", "accepted a file 'network'"),
        ("ReadsAnything", "damaged files are refused", "accepted a file 'network'"),
        ("CrashesOnOddSizes", "other sizes are skipped refused or served", "only 8 pixels"),
        ("WrongShape", "pictures have the shape asked for", "(3, 3, 32, 31), expected (3, 3, 32"),
        ("Bytes", "pictures have the shape asked for", "torch.uint8 on cpu"),
        ("NotANumber", "values are finite and about 0 to 1", "NaN or infinite"),
        ("To255", "values are finite and about 0 to 1", "expected about 0 to 1"),
        ("Signed", "brightness is kept", "of inputs with"),
        ("Drifts", "results repeat", "a second call differs by up to 1"),
        ("DrawsGlobally", "results repeat", "a second call differs"),
        ("IgnoresSeeds", "seeds matter if it is stochastic", "the same picture for another seed"),
        ("HidesItsSeeds", "seeds matter if it is stochastic", "say `stochastic = True`"),
        ("NormalisesByBatch", "an image does not depend on its batch", "image 0 alone differs"),
        ("SearchesTogether", "an image does not depend on its batch", "the loss of image 0 alone"),
        ("WritesIntoY", "y is left as it is", "restore() changes y"),
        ("Peeks", "the truth does not reach it", "as the truth differs so does the picture"),
        ("CountsNothing", "costs are counted", "12 parameters"),
        ("CountsInFractions", "costs are counted", "warm_up() gave 0.5"),
        ("LosesFits", "searches are on record", "1 fits of 3 images"),
        ("LosesTraces", "searches are on record", "the trace ()"),
        ("LosesNotes", "notes go with their images", "1 notes of 3 images"),
        ("FailsToLoad", "it can be loaded", "RuntimeError: no room for toys (nonconforming.py:"),
        ("NotAMethod", "it can be loaded", "not a subclass of methods.base.Method"),
    ],
)  # fmt: skip
def test_a_method_that_breaks_a_clause_is_told_which(
    name: str, claim: str, detail: str, tmp_path: Path
) -> None:
    failures = failures_of_method(name, tmp_path)
    assert detail in failures.get(claim, ""), failures


def test_a_method_that_keeps_the_contract_breaks_no_clause(tmp_path: Path) -> None:
    assert failures_of_method("Fine", tmp_path) == {}


@pytest.mark.parametrize(
    ("name", "claim", "detail"),
    [
        ("SaysNothing", "facts are complete", "nothing is said of protocol"),
        ("HidesItsUnit", "facts are complete", "does not end with its unit, _db"),
        ("NeedsAFile", "missing weights are refused", "raised FileNotFoundError"),
        ("NeedsAFile", "damaged weights are refused", "is empty raised JSONDecodeError"),
        ("WrongWayRound", "the truth scores best", "though lower is better"),
        ("WrongWayRound", "more blur scores worse", "though lower is better"),
        ("WrongWayRound", "more noise scores worse", "though lower is better"),
        ("ComparesTheBatch", "an image does not depend on its batch", "among three"),
        ("GuessesAtRandom", "scores repeat", "then"),
        ("WritesIntoPictures", "pictures are left as they are", "score() changes `restored`"),
        ("Infinite", "every picture is scored or not in words", "black for black scores inf"),
    ],
)  # fmt: skip
def test_a_metric_that_breaks_a_clause_is_told_which(
    name: str, claim: str, detail: str, tmp_path: Path
) -> None:
    facts = registry.resolve(f"{BAD}:{name}")
    found = examine("metric", name, lambda: open_metric(facts, tmp_path), METRIC_CHECKS)
    failures = {f.claim: f.detail for f in found.findings if f.verdict is Verdict.FAILED}
    assert detail in failures.get(claim, ""), failures


def test_the_two_truths_of_one_input_differ() -> None:
    one = truths(32, 48)[:1].clamp(8 / 255, 247 / 255)
    for factor in (4, 8, 16):
        other = unseen_by(factor, one)
        assert (other - one).abs().min() > 3.9 / 255
        operator = Downsample(factor)
        assert (operator(other) - operator(one)).abs().max() < 1e-6


def test_weights_of_ones_own_are_tried_at_their_size(tmp_path: Path) -> None:
    from methods.networks.srresnet import MSRResNet

    path = random_weights(lambda: MSRResNet((2, 2, 2), 8, 1), tmp_path / "x8.safetensors")
    facts = method_registry.resolve("srgan")
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    subject = open_method(facts, scratch, Trial(weights=path, size=64, scale=8))
    assert (subject.files, subject.size, subject.scale) == ({"network": path}, 64, 8)
    assert verify(METHOD_CHECKS[0], subject).verdict is Verdict.PASSED
    assert subject.restored.images.shape == (3, 3, 64, 64)
    trial = Trial(weights=path, size=64, scale=4)
    found = examine("method", "srgan", lambda: open_method(facts, scratch, trial), METHOD_CHECKS)
    (failure,) = (f for f in found.findings if f.verdict is Verdict.FAILED)
    assert failure.claim == "it can be set up"
    assert "x8.safetensors serves 8x, not 4x" in failure.detail


def test_what_cannot_be_tried_is_unavailable_and_no_pass(tmp_path: Path) -> None:
    facts = method_registry.resolve(f"{BAD}:CannotBeTried")
    found = examine("method", "it", lambda: open_method(facts, tmp_path), METHOD_CHECKS)
    assert found.verdict is Verdict.UNAVAILABLE
    assert "the stars are wrong" in str(found.findings)
    metric = registry.resolve(f"{BAD}:NeedsAFile")
    told = examine("metric", "it", lambda: open_metric(metric, tmp_path), METRIC_CHECKS[3:])
    assert told.verdict is Verdict.UNAVAILABLE
    assert "no no-such-kind weights" in told.findings[1].detail


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("Nameless", "has no attribute `facts`"),
        ("TakesATakenColumn", "'latency_s' is taken"),
        ("WritesItsColumnBadly", "is no column name"),
        ("Fine", "not a subclass of bench.metrics.base.Metric"),
        ("NoSuchClass", "has no attribute 'NoSuchClass'"),
    ],
)
def test_a_class_that_is_no_metric_is_refused_with_what_it_lacks(name: str, message: str) -> None:
    with pytest.raises(BenchError, match=message):
        registry.resolve(f"{BAD}:{name}")


def test_the_command_tells_what_passed_and_what_did_not() -> None:
    done = bench_here("check", "bicubic", "glean", "ssim", "lpips_vgg")
    assert done.returncode == 0, done.stdout + done.stderr
    lines = done.stdout.splitlines()
    assert [line.split()[:3] for line in lines if line.startswith("m")] == [
        ["method", "bicubic", "passed"], ["method", "glean", "passed"],
        ["metric", "ssim", "passed"], ["metric", "lpips_vgg", "unavailable"]]  # fmt: skip
    assert "`python -m bench fetch lpips-vgg`" in done.stdout
    assert lines[-1] == "2 methods and 2 metrics: 1 unavailable, 3 passed"


def test_the_command_fails_with_the_clause_that_is_broken(tmp_path: Path) -> None:
    done = bench_here("check", "--methods", f"{BAD}:Fine,{BAD}:NormalisesByBatch",
                      "--metrics", f"{BAD}:HidesItsUnit")  # fmt: skip
    assert done.returncode == 1, done.stdout + done.stderr
    assert "an image does not depend on its batch: image 0 alone differs by up to" in done.stdout
    assert "does not end with its unit, _db" in done.stdout
    assert done.stdout.splitlines()[-1] == "2 methods and 1 metrics: 2 failed, 1 passed"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["bicubc"], "Did you mean 'bicubic'"),
        (["ssmi"], "Did you mean 'ssim'"),
        (["mine.py:Mine"], "--methods or --metrics"),
        (["--methods", "mine.py:Mine"], "no such file: mine.py"),
        (["--metrics", "mine.py:Mine"], "no such file: mine.py"),
        (["bicubic", "--weights", "glean=/no/such/file"], "there is no file"),
        (["bicubic", "--set", "glean.steps=3"], "methods of this run only"),
        (["--size", "100"], "cannot be divided by --scale 16"),
        (["--frobnicate"], "No such option"),
    ],
)
def test_mistakes_of_the_command_are_told(arguments: list[str], message: str) -> None:
    done = bench_here("check", *arguments)
    assert done.returncode == 2, done.stdout + done.stderr
    assert message in done.stderr
    assert "Traceback" not in done.stderr
