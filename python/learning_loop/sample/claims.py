"""The planted claims: parser versions of known calibration, and corrections and retractions that come late."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from learning_loop.sample.plan import CLAIM, CORRECTION, RETRACTION, Event, Plan, period_key

# (confidence, right claims, wrong claims) of a week.
Pattern = tuple[tuple[float, int, int], ...]
CALIBRATED: Pattern = ((0.95, 19, 1), (0.9, 9, 1), (0.7, 7, 3))
OVERCONFIDENT: Pattern = ((0.95, 10, 10), (0.9, 5, 5))
# 0 and 1 are the borders of a confidence, .86 the bar of a high one.
GOOD: Pattern = ((1.0, 4, 0), (0.86, 10, 1), (0.6, 3, 1), (0.0, 0, 1))
UNSURE: Pattern = ((0.7, 7, 3),)

# Hours from the claim to its correction (0: at the very instant), and days from then until a file brings it.
DELAYS_HOURS = (0, 2, 26, 75)
LATER_DELAYS_HOURS = (*DELAYS_HOURS, 9 * 24)
FILE_DELAYS_DAYS = (0, 0, 2, 4)


@dataclass(frozen=True)
class Stream:
    """The claims of one class by one parser version; ``turns_on`` is the week in which it turns overconfident."""

    role: str
    claim_class: str
    parser_version: str | None
    pattern: Pattern
    turns_on: int | None = None
    skips: tuple[int, ...] = ()
    has_decoys: bool = False


def streams() -> list[Stream]:
    """Return the planted streams by role; weeks count back from the latest, 0."""
    return [
        Stream("well_calibrated", "set.weight", "p-2.1", CALIBRATED, has_decoys=True),
        Stream("turns_overconfident", "set.weight", "p-3.0", CALIBRATED, turns_on=2),
        Stream("turns_in_the_latest_week", "session.block.tempo", "p-3.0", CALIBRATED, turns_on=0),
        # Two a week is too few to tell; three, in one week, is just enough.
        Stream("few_samples", "set.reps", "p-2.1", ((0.95, 2, 0),), skips=(1,)),
        Stream("few_samples", "set.reps", "p-2.1", ((0.95, 3, 0),), skips=(0, *range(2, 8))),
        Stream("healthy_with_a_gap", "set.rpe", "p-1.9", GOOD, skips=(3,)),
        Stream("unnamed_version", "set.rest", None, CALIBRATED),
        Stream("never_sure", "session.mood", "p-2.1", UNSURE),
    ]


# A baseline of two weeks, a lag of five, and the latest week, which has not matured: see drift_alarms.csv.
WEEKS_FOR_A_BASELINE = 8


def alarms(plan: Plan) -> list[dict[str, str]]:
    """Return the alarms that must stand, and no other of a planted stream: of what turned before the latest week.

    Against its own past a stream can be judged from the last matured week on, 1; against what it says, at once.
    """
    has_past = len(plan.planted_weeks) >= WEEKS_FOR_A_BASELINE
    return [
        {
            "claim_class": stream.claim_class,
            "parser_version": stream.parser_version or "unknown",
            "channel": channel,
            "began_period_key": period_key(plan.at(began), "week"),
        }
        for stream in streams()
        if stream.turns_on is not None and stream.turns_on >= 2
        for channel, began in ([("drift", 1)] if has_past else []) + [("overconfident", stream.turns_on)]
    ]


def planted_claims(plan: Plan) -> Iterator[Event]:
    """Yield the claims of every stream and what befell them."""
    for number, stream in enumerate(streams()):
        for weeks_ago in plan.planted_weeks:
            if weeks_ago not in stream.skips:
                yield from _week_of(plan, stream, f"{number}-{weeks_ago}", weeks_ago)
    yield from _conflict(plan)


def _week_of(plan: Plan, stream: Stream, name: str, weeks_ago: int) -> Iterator[Event]:
    rng = plan.rng(f"{stream.role}:{name}")
    has_turned = stream.turns_on is not None and weeks_ago <= stream.turns_on
    pattern = OVERCONFIDENT if has_turned else stream.pattern
    outcomes = [(level, is_right) for level, right, wrong in pattern for is_right in [True] * right + [False] * wrong]
    rng.shuffle(outcomes)
    delays = LATER_DELAYS_HOURS if weeks_ago >= 2 else DELAYS_HOURS
    wrong_count = 0
    for number, (confidence, is_right) in enumerate(outcomes):
        # Monday to Wednesday: what comes 75 hours later still lies in the week.
        at = plan.at(weeks_ago, seconds=rng.randrange(3 * 86400))
        key = f"{name}-{number:03d}"
        yield _claim(stream, key, at, confidence)
        if not is_right:
            delay = timedelta(hours=delays[wrong_count % len(delays)])
            file_delay = FILE_DELAYS_DAYS[wrong_count // 2 % len(FILE_DELAYS_DAYS)]
            yield _finding(stream, key, at + delay, file_delay, is_retraction=wrong_count % 4 == 3)
            wrong_count += 1
        elif stream.has_decoys and number % 3 == 0:
            yield from _decoy(plan, stream, key, at, number // 3 % 4)
    if stream.has_decoys:
        yield from _no_samples(plan, stream, name, weeks_ago)


def _claim(stream: Stream, key: str, at: datetime, confidence: float) -> Event:
    data: dict[str, Any] = {
        "claim_type": stream.claim_class,
        "confidence": confidence,
        "provenance": {"parser_version": stream.parser_version} if stream.parser_version else {},
        "lineage": {"event_id": f"set-{key}"},
    }
    return Event(f"claim-{key}", CLAIM, at, data)


def _correction(event_id: str, target: str, at: datetime, changed: str) -> Event:
    # The second field keeps its place after the first: it must not matter which of them the claim is about.
    data = {"target_event_id": target, "changed_fields": {changed: {"from": 80, "to": 82.5}, "note": {"to": "checked"}}}
    return Event(event_id, CORRECTION, at, data)


def _retraction(event_id: str, target: str, at: datetime, delivered_on: date | None = None) -> Event:
    return Event(event_id, RETRACTION, at, {"retracted_event_id": target}, delivered_on)


def _finding(stream: Stream, key: str, at: datetime, file_delay: int, is_retraction: bool) -> Event:
    """Return what makes a claim wrong: its target retracted, or corrected on the claim's own field."""
    delivered_on = at.date() + timedelta(days=file_delay)
    if is_retraction:
        return _retraction(f"gone-{key}", f"set-{key}", at, delivered_on)
    found = _correction(f"fix-{key}", f"set-{key}", at, stream.claim_class.rsplit(".", 1)[-1])
    return replace(found, delivered_on=delivered_on)


def _decoy(plan: Plan, stream: Stream, key: str, at: datetime, kind: int) -> Iterator[Event]:
    """Yield what looks like a finding about a right claim but is none."""
    own_field = stream.claim_class.rsplit(".", 1)[-1]
    event_id, target = f"decoy-{key}", f"set-{key}"
    if kind == 0:
        yield _correction(event_id, target, at + timedelta(hours=5), "equipment")
    elif kind == 1:
        yield _correction(event_id, target, at - timedelta(seconds=1), own_field)
    elif kind == 2:
        unseen = _correction(event_id, target, plan.as_of + timedelta(hours=1), own_field)
        yield replace(unseen, delivered_on=plan.last_day)
    else:
        # Corrected, and the correction taken back, in a file two days later.
        yield _correction(event_id, target, at + timedelta(hours=3), own_field)
        back_at = at + timedelta(hours=30)
        yield _retraction(f"back-{key}", event_id, back_at, back_at.date() + timedelta(days=2))


def _no_samples(plan: Plan, stream: Stream, name: str, weeks_ago: int) -> Iterator[Event]:
    """Yield two claims that were themselves retracted, and one without a target."""
    for number in range(2):
        at = plan.at(weeks_ago, 1, 3600 * (number + 8))
        yield _claim(stream, f"{name}-void-{number}", at, 0.95)
        yield _retraction(f"void-{name}-{number}", f"claim-{name}-void-{number}", at + timedelta(hours=50))
    untold = _claim(stream, f"{name}-untold", plan.at(weeks_ago, 2, 3600 * 9), 0.95)
    yield replace(untold, data={**untold.data, "lineage": {}})


def _conflict(plan: Plan) -> Iterator[Event]:
    """Yield one claim with two contents: the later one, of a version that must never be seen, arrives first."""
    stream = streams()[0]
    at = plan.at(1, 2, 3600 * 12)
    kept = _claim(stream, "conflict", at, 0.95)
    lost = _claim(replace(stream, parser_version="p-never"), "conflict", at + timedelta(minutes=5), 0.95)
    yield replace(lost, loses_to_earlier=True)
    yield replace(kept, delivered_on=at.date() + timedelta(days=1))
