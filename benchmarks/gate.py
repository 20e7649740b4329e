"""What the gate of experiments claims, beside what it does: python benchmarks/gate.py [--experiments N] [--dry].

Simulated experiments are judged on every day by the functions that judge the real ones (learning_loop.experiments.gate
and .statistics), thousands in one call. Writes the section `gate` of docs/honesty.md. Seeded; some minutes on one core.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
from honesty import Claim, table, write

from learning_loop.experiments import gate, pace, statistics
from learning_loop.experiments.statistics import Sums

SEED = 20260216
# As in seeds/policy: what an experiment is held to.
ALPHA, MIN_LIFT, MIXTURE, MIN_REVIEWED, MIN_DAYS, WORTHWHILE = 0.05, 0.0, 0.05, 200, 14, 0.03
LOOKS, REVIEW_RATE_SD = (MIN_REVIEWED, 0.6), 0.05
HOURS_MIXTURE, MIN_SOURCES, MISMATCH, CONCENTRATIONS = 6.0, 10, 1000.0, (2.0, 1000.0)
# Of each guardrail its margin, and how often it happens anyway.
GUARDRAILS = {
    "duplicate_confirmed_rate": (0.05, 0.05),
    "safety_flag_rate": (0.02, 0.01),
    "compliance_incident_rate": (0.01, 0.002),
}
CHUNK = 500


@dataclass(frozen=True)
class Cell:
    """Experiments of one kind: reviews per day, the treatment's share, the rates of both arms, days of daily looks.

    ``harm`` of each guardrail is in margins. ``sources`` of an arm that was given whole sources, which differ by
    ``spread`` (standard deviation of the log odds); ``unknown`` of the items lie in no known source.
    """

    name: str
    control: float = 0.15
    treatment: float = 0.15
    per_day: int = 50
    share: float = 0.5
    days: int = 90
    harm: tuple[float, float, float] = (0, 0, 0)
    sources: int = 0
    spread: float = 0.5
    unknown: float = 0.0
    edits: bool = False
    unreviewed: float = 0.0


@dataclass(frozen=True)
class Outcome:
    """Of how many experiments what happened on any day; ``ready_on`` are the days of those that were ready."""

    of: int
    ready: int
    won: int
    blocked: int
    mismatched: int
    plain: int
    ready_on: np.ndarray


def run(cell: Cell, experiments: int, seed: int = SEED) -> Outcome:
    """Judge so many experiments on every day from the fourteenth on."""
    told = [judged(cell, size, np.random.default_rng([seed, n])) for n, size in enumerate(_chunks(experiments))]
    days = np.concatenate([np.argmax(found["ready"], axis=1)[found["ready"].any(axis=1)] for found in told])
    anyday = {name: sum(int(found[name].any(axis=1).sum()) for found in told) for name in told[0]}
    return Outcome(
        experiments,
        anyday["ready"],
        anyday["won"],
        anyday["blocked"],
        anyday["mismatched"],
        anyday["plain"],
        days + MIN_DAYS,
    )


def judged(cell: Cell, experiments: int, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Return, per experiment and day, what the gate says."""
    days = np.arange(1, cell.days + 1)
    in_treatment = rng.binomial(cell.per_day, cell.share, (experiments, cell.days))
    assigned = [cell.per_day - in_treatment, in_treatment]
    reviewed, measured = _measured(cell, assigned, rng)
    counts = [one.cumsum(axis=1) for one in reviewed]
    own = [measured.control.count, measured.treatment.count]
    rules = []
    for (margin, base), harm in zip(GUARDRAILS.values(), cell.harm, strict=True):
        events = [
            rng.binomial(n, base + extra).cumsum(axis=1) for n, extra in zip(reviewed, (0, harm * margin), strict=True)
        ]
        told = gate.measured_rates((events[0], counts[0]), (events[1], counts[1]), MIXTURE, ALPHA, LOOKS)
        rules.append(gate.guardrail_rule(told, margin))
    factors = [_factor(one, cell.share, cell.sources) for one in (assigned, _delayed(reviewed))]
    shares = [(k.cumsum(axis=1), n.cumsum(axis=1)) for k, n in zip(_delayed(reviewed), _delayed(assigned), strict=True)]
    factors.append(_so_far(statistics.log_gap_evidence(shares[0], shares[1], REVIEW_RATE_SD)))
    lift = measured.comparison.difference
    p_value = statistics.always_valid_p_value(lift, measured.variance, MIXTURE)
    won = gate.has_won(lift, p_value, ALPHA, MIN_LIFT)
    is_open = (np.minimum(*own) >= MIN_REVIEWED) & (days > MIN_DAYS)
    verdict = gate.verdicts(gate.Standing(
        is_mismatch=np.max(factors, axis=0) >= MISMATCH,
        is_open=is_open,
        is_too_few_sources=0 < cell.sources < MIN_SOURCES,
        is_blocked=np.any([rule == "regressed" for rule in rules], axis=0),
        is_comparable=np.isfinite(measured.variance),
        is_aborted=False,
        has_won=won,
        is_required_ok=np.all([rule == "ok" for rule in rules], axis=0),
        is_no_improvement=gate.is_under(measured.upper, MIN_LIFT),
        is_no_worthwhile_effect=gate.is_within(measured.lower, measured.upper, WORTHWHILE),
    ))  # fmt: skip
    found = {
        "ready": verdict == "ready_for_approval",
        "won": np.isin(verdict, ("ready_for_approval", "guardrails_undecided")),
        "blocked": verdict == "guardrail_regression",
        "mismatched": verdict == "sample_ratio_mismatch",
        "plain": is_open & (measured.comparison.p_value <= ALPHA),
    }
    return {name: told[:, MIN_DAYS:] for name, told in found.items()}


def _measured(
    cell: Cell, assigned: list[np.ndarray], rng: np.random.Generator
) -> tuple[list[np.ndarray], gate.Measured]:
    """Return the reviews of each day and arm, and the primary metric after each day."""
    rates = cell.control, cell.treatment
    if cell.sources:
        arms = [_sources(cell, n, rate, rng) for n, rate in zip(assigned, rates, strict=True)]
        return assigned, gate.measured_clusters(*arms, True, MIXTURE, ALPHA)
    promoted = [rng.binomial(n, rate) for n, rate in zip(assigned, rates, strict=True)]
    if cell.edits:
        sums = []
        for n in promoted:
            edited = rng.binomial(n, 0.05)
            # The sum of so many edits of a tenth to nine tenths of the text; their squares go with them.
            values = np.where(edited > 0, rng.normal(0.5 * edited, 0.23 * np.sqrt(np.maximum(edited, 1))), 0).clip(0)
            sums.append(Sums(*(part.cumsum(axis=1).astype(float) for part in (n, values, 0.6 * values))))
        return assigned, gate.measured_means(*sums, MIXTURE, ALPHA)
    reviewed = list(assigned)
    if cell.unreviewed:
        # Editors leave so many of the treatment's weak items lying.
        weak = assigned[1] - promoted[1]
        reviewed[1] = assigned[1] - rng.binomial(weak, cell.unreviewed)
    pairs = [(k.cumsum(axis=1), n.cumsum(axis=1)) for k, n in zip(promoted, reviewed, strict=True)]
    return reviewed, gate.measured_rates(*pairs, MIXTURE, ALPHA)


def _sources(cell: Cell, items: np.ndarray, rate: float, rng: np.random.Generator) -> Sums:
    """Return an arm's sums by source after each day; those of unknown source are one more."""
    shape = len(items), cell.sources
    weights = rng.dirichlet(np.full(cell.sources, 4.0), len(items)) * (1 - cell.unknown)
    weights = np.concatenate([weights, np.full((len(items), 1), cell.unknown)], axis=1)
    odds = np.log(rate / (1 - rate)) + np.concatenate(
        [rng.normal(0, cell.spread, shape), np.zeros((len(items), 1))], axis=1
    )
    given = rng.multinomial(items, weights[:, None, :])
    promoted = rng.binomial(given, 1 / (1 + np.exp(-odds))[:, None, :])
    return Sums(*(one.cumsum(axis=1).astype(float) for one in (given, promoted, promoted)))


def _factor(arms: list[np.ndarray], share: float, sources: int) -> np.ndarray:
    """Return the largest Bayes factor against the split up to each day; of clustered arms all sources are there at once."""
    if sources:
        arms = [np.full_like(one, sources).cumsum(axis=1) * 0 + sources for one in arms]
        share = 0.5
    else:
        arms = [one.cumsum(axis=1) for one in arms]
    return _so_far(statistics.log_ratio_evidence(*arms, share, CONCENTRATIONS))


def _so_far(evidence: np.ndarray) -> np.ndarray:
    return np.exp(np.minimum(np.maximum.accumulate(evidence, axis=1), 700))


def _delayed(reviewed: list[np.ndarray]) -> list[np.ndarray]:
    """Return the reviews by the day on which they count towards the split: a fortnight after the assignment."""
    return [np.pad(one, ((0, 0), (14, 0)))[:, : one.shape[1]] for one in reviewed]


def tied_waits(experiments: int, days: int = 56, per_day: int = 30, seed: int = SEED) -> tuple[int, int]:
    """Return how many experiments without an effect win on waits in whole days, on any day, and of how many."""
    wins = 0
    for number in range(experiments):
        rng = np.random.default_rng([seed, 7, number])
        arrived = np.repeat(np.arange(days), per_day)
        waited = rng.geometric(0.4, arrived.size)
        in_treatment = rng.random(arrived.size) < 0.5
        for today in range(MIN_DAYS + 1, days):
            arms = []
            for arm in (~in_treatment, in_treatment):
                known = arm & (arrived <= today)
                over = known & (arrived + waited <= today)
                arms.append(statistics.median(24.0 * waited[over], 24.0 * (today - arrived[known & ~over])))
            variance = arms[0].variance + arms[1].variance
            if np.isfinite(variance) and min(arms[0].count, arms[1].count) >= MIN_REVIEWED:
                lift = arms[0].value - arms[1].value
                p_value = statistics.always_valid_p_value(lift, variance, HOURS_MIXTURE)
                if gate.has_won(lift, p_value, ALPHA, MIN_LIFT):
                    wins += 1
                    break
    return wins, experiments


def planned_ends(experiments: int, items: int = 1000, rate: float = 0.15) -> tuple[int, int]:
    """Return how many experiments without an effect win at their planned end, and of how many."""
    rng = np.random.default_rng([SEED, 8])
    k = rng.binomial(items, rate, (2, experiments))
    told = statistics.compare_rates((k[0], items), (k[1], items), ALPHA)
    return int(np.sum(gate.has_won(told.difference, told.p_value, ALPHA, MIN_LIFT))), experiments


def opening_days(experiments: int, weights: tuple[float, ...], per_week: float = 70) -> tuple[int, int, int]:
    """Return how many gates open more than a day after the expected date, how many outside the range, and of how many."""
    late = outside = 0
    for number in range(experiments):
        rng = np.random.default_rng([SEED, 9, number])
        first, history = date(2026, 1, 5), int(rng.integers(8, 28))
        counts = rng.poisson([per_week * weights[day % 7] for day in range(400)])
        today = first + timedelta(days=history)
        seen = int(counts[:history].sum())
        need = max(1, MIN_REVIEWED - seen)
        known = [{"day": first + timedelta(days=n), "reviewed_count": int(counts[n])} for n in range(history)]
        span = pace.reached(
            pace.pace_of(known, first, today - timedelta(days=1)),
            need,
            datetime(today.year, today.month, today.day, tzinfo=UTC),
        )
        opened = today + timedelta(days=int(np.argmax(counts[history:].cumsum() >= need)))
        assert span is not None
        late += opened > span.expected + timedelta(days=1)
        outside += not span.earliest <= opened <= span.latest
    return late, outside, experiments


def held(experiments: int) -> tuple[int, int]:
    """Return how many adopted effects that stay are said not to have held, and of how many."""
    cell = Cell("", 0.10, 0.15, per_day=50, days=90)
    rng = np.random.default_rng([SEED, 10])
    n = np.arange(1, cell.days + 1) * 25
    k = [rng.binomial(25, rate, (experiments, cell.days)).cumsum(axis=1) for rate in (cell.control, cell.treatment)]
    told = gate.measured_rates((k[0], n), (k[1], n), MIXTURE, ALPHA)
    won = gate.has_won(
        told.comparison.difference,
        statistics.always_valid_p_value(told.comparison.difference, told.variance, MIXTURE),
        ALPHA,
        0,
    )
    won &= n >= MIN_REVIEWED
    first = np.argmax(won, axis=1)
    adopted = won.any(axis=1)
    least = told.lower[np.arange(experiments), first]
    sides = [rng.binomial(28 * 25, rate, experiments) for rate in (cell.control, cell.treatment)]
    gain = statistics.compare_rates((sides[0], 28 * 25), (sides[1], 28 * 25), ALPHA)
    return int(np.sum(adopted & (gain.upper < np.maximum(0, least)))), int(adopted.sum())


def nulls() -> Iterator[Cell]:
    """Return the experiments without an effect: rates, paces, splits, rare edits, clusters."""
    for rate in (0.05, 0.15, 0.50):
        for per_day in (20, 50, 200, 500):
            for share in (0.5, 0.2):
                yield Cell(
                    f"A/A at {rate:.0%}, {per_day} a day, {'50:50' if share == 0.5 else '80:20'}",
                    rate,
                    rate,
                    per_day,
                    share,
                )
    yield Cell("A/A, rare edits of 15 % promoted, 500 a day", per_day=500, edits=True)
    yield Cell("A/A, rare edits of 50 % promoted, 80:20", 0.5, 0.5, per_day=200, share=0.2, edits=True)
    for sources in (10, 12, 20):
        yield Cell(f"A/A, canary of {sources} sources an arm", sources=sources)
    yield Cell("A/A, canary of 12 sources an arm, a tenth unknown", sources=12, unknown=0.1)
    yield Cell("A/A, canary of 12 sources an arm that hardly differ", sources=12, spread=0.1)
    yield Cell("A/A, one arm's weak items a fifth unreviewed, 50 a day", unreviewed=0.2)
    yield Cell("A/A, one arm's weak items a fifth unreviewed, 200 a day", unreviewed=0.2, per_day=200)


def harms() -> Iterator[tuple[Cell, float]]:
    """Return winners that harm, with the bound on being ready: at the margin, and at twice it."""
    for at, name in enumerate(GUARDRAILS):
        for times, bound in ((1.0, 0.14), (2.0, 0.01)):
            for per_day in (50, 200):
                harm = tuple(times if n == at else 0.0 for n in range(3))
                yield Cell(f"{name} at {times:g}x its margin, {per_day} a day", 0.10, 0.20, per_day, harm=harm), bound  # type: ignore[arg-type]


def claims(experiments: int) -> Iterator[Claim]:
    """Measure every claim."""
    for cell in nulls():
        told = run(cell, experiments)
        bound = ALPHA if not cell.unreviewed else 0.1 if cell.per_day == 50 else 0.3
        yield Claim(
            "false ready, on any of 90 days", cell.name, "`experiment_gates.verdict`", bound, told.ready, told.of
        )
        if not cell.unreviewed:
            yield Claim("the primary metric has won", cell.name, "`always_valid_p_value`", ALPHA, told.won, told.of)
            yield Claim(
                "a split as planned is a mismatch",
                cell.name,
                "`sample_ratio_mismatch`",
                0.002,
                told.mismatched,
                told.of,
            )
    wins, of = tied_waits(max(50, experiments // 5))
    yield Claim(
        "false ready, on any of 56 days", "A/A, waits in whole days", "`experiment_gates.verdict`", ALPHA, wins, of
    )
    wins, of = planned_ends(experiments * 5)
    yield Claim(
        "false ready at a planned end", "A/A at 15 %, 1,000 an arm", "`test_that_spoke` fixed_horizon", ALPHA, wins, of
    )
    for cell, bound in harms():
        told = run(cell, experiments)
        yield Claim("ready though it harms", cell.name, "`statistical_rule` ok", bound, told.ready, told.of)
    for per_day in (20, 50, 200, 500):
        for before, after in ((0.15, 0.15), (0.10, 0.15)):
            cell = Cell(f"{before:.0%} → {after:.0%}, harm 0, {per_day} a day", before, after, per_day)
            told = run(cell, experiments)
            yield Claim(
                "harmless, but blocked on some day",
                cell.name,
                "`statistical_rule` regressed",
                ALPHA,
                told.blocked,
                told.of,
            )
    for before, after, per_day in ((0.10, 0.15, 50), (0.30, 0.36, 50), (0.10, 0.15, 200), (0.30, 0.36, 200)):
        cell = Cell(f"{before:.0%} → {after:.0%}, {per_day} a day", before, after, per_day)
        told = run(cell, experiments)
        name = f"{cell.name}, half of them by day {int(np.median(told.ready_on)) if told.ready else 0}"
        bound = 0.9 if before == 0.10 or per_day == 200 else 0.75
        yield Claim(
            "ready within 90 days, required guardrails ok", name, "power", bound, told.ready, told.of, is_floor=True
        )
    for name, weights in (
        ("reviews on all days", (1 / 7,) * 7), ("no reviews at weekends", (0.2,) * 5 + (0.0,) * 2), ("weekly batches", (1.0, *(0.0,) * 6)),
    ):  # fmt: skip
        late, outside, of = opening_days(experiments, weights)
        yield Claim(
            "the gate opens outside the range", name, "`earliest_open_date`, `latest_open_date`", 0.12, outside, of
        )
        yield Claim("it opens over a day after the expected date", name, "`expected_open_date`", 0.5, late, of)
    wrong, of = held(experiments)
    yield Claim(
        "an effect that stays is `not_held`", "10 % → 15 %, 50 a day", "`tuning_history.held`", ALPHA, wrong, of
    )


def _chunks(experiments: int) -> Iterator[int]:
    for start in range(0, experiments, CHUNK):
        yield min(CHUNK, experiments - start)


def main() -> None:
    """Measure and write the section."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--experiments", type=int, default=2000)
    parser.add_argument("--dry", action="store_true", help="print the table, write nothing")
    asked = parser.parse_args()
    began = time.process_time()
    found = []
    for claim in claims(asked.experiments):
        found.append(claim)
        print(f"{claim.rate:7.2%} {'ok ' if claim.holds else 'NO '} {claim.claim} | {claim.case}", flush=True)
    seconds = time.process_time() - began
    print(f"{seconds:.0f} CPU seconds")
    if not asked.dry:
        write("gate", f"{HEADING.format(n=asked.experiments)}\n\n{table(found)}")


HEADING = """## The gate of experiments

Written by `python benchmarks/gate.py`: {n:,} experiments a line (a fifth of that for waits), looked at on every day from the
fourteenth on, at the bars of `seeds/policy` (alpha .05, 200 reviewed and 14 days an arm), three required guardrails beside the
primary metric. *False ready* is what people act on; *the primary metric has won* leaves the guardrails out. An experiment that
harms by exactly a margin is ready on some day more often than one that may be ready by one look: that is the price of a
guardrail that can ever be `ok`."""

if __name__ == "__main__":
    main()
