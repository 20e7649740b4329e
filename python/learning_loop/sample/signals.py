"""The planted signals: recurring failures of known severity, users who flood, and what must never be a cluster."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from learning_loop.sample.plan import SIGNAL, Event, Plan, timestamp

# Ids a test can search for: none of them may be found in a database, a log or a report.
ATHLETES = tuple(f"athlete.{n:02d}@example.org" for n in range(1, 9))
FLOODERS = ("alice.flood@example.org", "bob.flood@example.org")
PLAIN_USERS = ("user-0001", "user-0002", "Łucja Żółć", "+44 20 7946 0958", 'o\'brien "ob"')
# Hashed by the sender already: it stays as it is.
PSEUDONYM = "u_5d41402abc4b2a76b9719d91"
PEOPLE = (*ATHLETES, *PLAIN_USERS, PSEUDONYM)
# What each is called in the diary's log, by what it is planted for: people read this, so it says what went wrong.
NAMES = {
    "mismatch_critical": "weight saved other than said", "mismatch_warning": "rest time saved other than said",
    "mismatch_info": "note shortened on save", "mismatch_none": "unit spelled out on save",
    "mismatch_unsaid": "set saved under another day", "order_skipped": "warm-up logged after the session",
    "quality_drop": "summary leaves out a set", "outcome_lost": "plan given up halfway",
    "ambient": "voice note drowned by music", "uncaptured": "repair of a set undone",
    "tied_types": "superset: press|row saved apart", "on_the_bar": "save waits for the phone",
    "short_of_support": "save waits for the watch", "short_of_users": "save waits in flight mode",
    "low_confidence": "exercise name mumbled", "flood_alone": "timer started before the plan",
    "flood_in_company": "copied session differs", "captured_on_sunday": "long run saved on the wrong day",
    "late_to_the_bar": "bodyweight set without reps", "after_as_of": "stretching saved as cardio",
    "conflict_kept": "tempo run without splits", "conflict_lost": "tempo run without laps",
    "clock_a_day_ahead": "session dated tomorrow", "beside_damage": "old diary imported in part",
    "behind_a_cut": "old diary not imported",
}  # fmt: skip
TIED_TYPES = ("repair_proposed", "clarification_requested")


@dataclass(frozen=True)
class Failure:
    """A failure that recurs on one signature. Lists are gone through in turn by a user's events of a week."""

    role: str
    weeks: tuple[int, ...]
    per_user: tuple[int, ...]
    signal_types: tuple[str, ...] = ("save_claim_mismatch_attempt",)
    category: str = "friction_signal"
    bands: tuple[str, ...] = ("high",)
    severities: tuple[str | None, ...] = (None,)
    is_named: bool = False
    """Whether its sender names the signature; else it is made of the signal's fields."""
    invariant_id: str | None = "INV-014"
    people: tuple[str, ...] = PEOPLE
    has_captured_at: bool = True


def failures() -> list[Failure]:
    """Return what recurs, by role. ``weeks`` counts back from the latest, 0."""
    always = tuple(range(8))
    return [
        # The five severities of a mismatch.
        Failure("mismatch_critical", always, (3,) * 5, severities=("critical",), is_named=True),
        Failure("mismatch_warning", (0, 1, 3), (3, 3, 3, 3), severities=("warning",)),
        Failure("mismatch_info", (0, 2), (3, 3, 3, 3), severities=("info",), invariant_id="INV-015"),
        Failure("mismatch_none", (0, 2), (3, 3, 3, 3), severities=("none",), invariant_id="INV-016"),
        Failure("mismatch_unsaid", (0, 4), (2, 2, 2), invariant_id="INV-017"),
        # Known and unknown types, all bands (low ones are filtered), a signature without an invariant.
        Failure("order_skipped", (0, 1, 3, 5), (2, 3, 1, 2), ("workflow_violation",), bands=("high", "medium", "low")),
        Failure("quality_drop", (1, 2), (4, 1, 1), ("quality_issue_detected",), "quality_signal", invariant_id=None),
        Failure("outcome_lost", (0,), (2, 2), ("plan_abandoned",), "outcome_signal", ("medium",)),
        Failure("ambient", (0, 5), (2, 2), ("voice_note_garbled",), "ambient_signal"),
        Failure("uncaptured", (0, 1), (2, 2, 1), ("repair_auto_rejected",), has_captured_at=False),
        # Two types equally common: the top one is the first by name.
        Failure("tied_types", (0, 2), (2,) * 3, TIED_TYPES, is_named=True),
        # On the bar, and one short of it on either side.
        Failure("on_the_bar", (0, 3), (2, 1), ("save_handshake_pending",), invariant_id="INV-020"),
        Failure("short_of_support", (0, 3), (1, 1), ("save_handshake_pending",), invariant_id="INV-021"),
        Failure("short_of_users", (0, 3), (3,), ("save_handshake_pending",), invariant_id="INV-022"),
        Failure("low_confidence", (0, 1), (2, 2, 2, 2), ("repair_auto_rejected",), bands=("low", "unsure")),
        # Floods. The second one's later events weigh far more than the three that count.
        Failure("flood_alone", (0, 1), (400,), ("workflow_violation",), invariant_id="INV-030", people=FLOODERS),
        Failure(
            "flood_in_company", (0, 2), (250, 1, 1), severities=("info", "info", "info", *["critical"] * 247),
            invariant_id="INV-031", people=(FLOODERS[1], "carol@example.org", "dave+lifts@example.org"),
        ),
    ]  # fmt: skip


def dashed(role: str) -> str:
    """Return the name of a failure as a type of issues."""
    return re.sub(r"[^a-z]+", "-", NAMES[role])


def planted_signals(plan: Plan) -> Iterator[tuple[str, Event]]:
    """Yield (role, event) for every planted signal."""
    for failure in failures():
        numbers = count(1)
        for weeks_ago in failure.weeks:
            if weeks_ago in plan.planted_weeks:
                yield from ((failure.role, event) for event in _week_of(plan, failure, weeks_ago, numbers))
    yield from _edges(plan)


def _week_of(plan: Plan, failure: Failure, weeks_ago: int, numbers: Iterator[int]) -> Iterator[Event]:
    rng = plan.rng(f"{failure.role}:{weeks_ago}")
    people = failure.people if len(failure.people) <= 3 else tuple(rng.sample(failure.people, len(failure.people)))
    for person, how_many in zip(people, failure.per_user, strict=False):
        # Tuesday to Friday, to the second, in the order of the event ids.
        times = sorted(rng.sample(range(86400, 5 * 86400), how_many))
        if how_many > 3:
            times[3] = times[2]  # the cap falls between two events of one instant: event_id decides
        for turn, second in enumerate(times):
            at = plan.at(weeks_ago, seconds=second)
            yield signal(failure, f"sig-{dashed(failure.role)}-{next(numbers):05d}", person, turn, at)


def signal(failure: Failure, event_id: str, person: str, turn: int, captured_at: datetime, **changes: Any) -> Event:
    """Return the ``turn``-th event of a person on a failure, sent some seconds after it was captured."""
    severity = failure.severities[turn % len(failure.severities)]
    data: dict[str, Any] = {
        "schema_version": 1,
        "signal_type": failure.signal_types[turn % len(failure.signal_types)],
        "category": failure.category,
        "captured_at": timestamp(captured_at),
        "user_ref": {"pseudonymized_user_id": person},
        "signature": {
            "issue_type": dashed(failure.role),
            "invariant_id": failure.invariant_id,
            "agent_version": "agent-2.1",
            "workflow_phase": "save",
            "modality": "voice",
            "confidence_band": failure.bands[turn % len(failure.bands)],
        },
        "attributes": {} if severity is None else {"mismatch_severity": severity},
    }
    if not failure.has_captured_at:
        del data["captured_at"]
    if failure.is_named:
        data["cluster_signature"] = NAMES[failure.role]
    sent_at = captured_at + timedelta(seconds=7 if failure.has_captured_at else 0)
    return replace(Event(event_id, SIGNAL, sent_at, data), **changes)


def _edges(plan: Plan) -> Iterator[tuple[str, Event]]:
    """Yield what a week of one failure cannot show: borders of weeks and of as_of, late files, two contents."""

    def plant(role: str, number: int, person: str, captured_at: datetime, **changes: Any) -> tuple[str, Event]:
        failure = Failure(role, (), (), ("repair_auto_rejected",), is_named=True)
        return role, signal(failure, f"edge-{dashed(role)}-{number}", person, 0, captured_at, **changes)

    # Captured in the last minute of a Sunday, sent on Monday: the week is that of the capture.
    for number, person in enumerate(ATHLETES[:3]):
        at = plan.at(1, 6, 86395 + number)
        yield plant("captured_on_sunday", number, person, at, at=at + timedelta(minutes=9))
    # The third event of a bucket comes twelve days late, with a file of another week.
    for number, person in enumerate(ATHLETES[:3]):
        at = plan.at(3, 2, 3600 * number + 2)
        late = at.date() + timedelta(days=12) if number == 2 else None
        yield plant("late_to_the_bar", number, person, at, delivered_on=late)
    # The third event is sent only after as_of: for the run it does not exist.
    for number, person in enumerate(ATHLETES[:3]):
        at = plan.at(0, 6, 3600 * 20 + number)
        sent_at = plan.as_of + timedelta(hours=3) if number == 2 else at
        yield plant("after_as_of", number, person, at, at=sent_at, delivered_on=plan.last_day)
    # One event_id, two contents: the earlier timestamp is kept, though for two of three it arrives a day later.
    for number, person in enumerate(ATHLETES[:3]):
        at = plan.at(2, 1, 3600 * number + 3)
        kept_role, kept = plant("conflict_kept", number, person, at)
        lost_role, lost = plant("conflict_lost", number, person, at + timedelta(hours=1))
        next_day = at.date() + timedelta(days=1)
        yield kept_role, replace(kept, delivered_on=next_day if number < 2 else None)
        lost = replace(lost, event_id=kept.event_id, delivered_on=next_day if number == 2 else None)
        yield lost_role, replace(lost, loses_to_earlier=True)
    # Captured exactly a day after it was sent is still good.
    for number, person in enumerate(ATHLETES[:3]):
        at = plan.at(1, 3, 3600 * number + 4)
        yield plant("clock_a_day_ahead", number, person, at, at=at - timedelta(days=1))
