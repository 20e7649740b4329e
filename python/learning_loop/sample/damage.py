"""Files that arrive damaged: a line for every reason why a row cannot be used, beside good ones that must be."""

from __future__ import annotations

import csv
import gzip
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from learning_loop.sample.plan import CLAIM, CORRECTION, RETRACTION, SIGNAL, Event, Plan, Truth
from learning_loop.sample.signals import ATHLETES, Failure, signal

# Raw ids that occur only in rows that cannot be used; they may stay in no quarantine either.
TORN_USERS = ("mallory.torn@example.org", "user-9001")
ONE_MIB = 1 << 20
UNKNOWN_SEVERITY = {
    "signal_type": "save_claim_mismatch_attempt",
    "attributes": {"mismatch_severity": "catastrophic"},
}
GOOD = "good"
BLANK = "blank"


def write_damaged(out: Path, plan: Plan) -> tuple[list[tuple[str, Event]], dict[str, Truth]]:
    """Write the damaged files of the feed `events`.

    Returns:
        (role, event) of the good events among the damage, and per file its counts of rows.
    """
    day = plan.at(1, 2).date()
    damaged = Path("events") / f"date={day}" / "part 1 [damaged].jsonl"
    *good, good_record = _good(plan)
    lines = [*bad_lines(plan), (BLANK, b""), (BLANK, b"  \t")]
    for number, (_, event) in enumerate(good):
        lines.insert(5 * number, (GOOD, event.line().encode()))
    # The last line is whole, but for its newline: it is a row.
    lines.append(lines.pop(0))
    (out / damaged).write_bytes(b"\n".join(line for _, line in lines))

    # In CSV the object is a text in a field: ids within it must be found there too before a bad row is kept.
    table = Path("events") / f"date={day}" / "part-3.csv"
    bad_record = _Lines(plan).of(SIGNAL, event_id="bad-record", data=UNKNOWN_SEVERITY)
    _write_csv(out / table, [json.loads(good_record[1].line()), json.loads(bad_record)])

    cut = Path("events") / f"date={day}" / "part-2.jsonl.gz"
    whole = gzip.compress(b"".join(event.line().encode() + b"\n" for _, event in _lost(plan)), mtime=0)
    (out / cut).write_bytes(whole[: len(whole) // 2])

    reasons = Counter(reason for reason, _ in lines if reason not in (GOOD, BLANK))
    return [*good, good_record], {
        str(damaged): file_counts(kept=len(good), quarantined=dict(sorted(reasons.items()))),
        str(table): file_counts(kept=1, quarantined={"unknown_value": 1}),
        str(cut): file_counts(quarantined={"unreadable_file": 1}),
    }


def file_counts(
    kept: int = 0, redelivered: int = 0, ignored: int = 0, quarantined: dict[str, int] | None = None
) -> Truth:
    """Return what becomes of a file's rows when one night reads all files; blank lines are no rows."""
    reasons = quarantined or {}
    rows_in = kept + redelivered + ignored + sum(reasons.values())
    return {
        "rows_in": rows_in,
        "kept": kept,
        "redelivered": redelivered,
        "ignored": ignored,
        "quarantined": reasons,
    }


def bad_lines(plan: Plan) -> Iterator[tuple[str, bytes]]:
    """Yield (reason code, line) for every kind of row that cannot be used; a line has exactly one defect."""
    lines = _Lines(plan)
    yield "not_json", lines.of(SIGNAL, who=TORN_USERS[0])[:-60]
    yield "not_json", lines.of(SIGNAL, who=TORN_USERS[1])[:-1]
    yield "not_json", b"Traceback (most recent call last): mail coach@example.org or call +44 20 7946 0958"
    yield "not_utf8", lines.of(SIGNAL).replace(b"INV-099", b"INV-\xff\xfe")
    for name in ("event_id", "event_type", "timestamp", "data"):
        yield "missing_field", lines.of(SIGNAL, without=name)
    for kind, name in (
        (SIGNAL, "signal_type"),
        (CLAIM, "claim_type"),
        (CLAIM, "confidence"),
        (CORRECTION, "target_event_id"),
        (CORRECTION, "changed_fields"),
        (RETRACTION, "retracted_event_id"),
    ):
        yield "missing_field", lines.of(kind, data={name: None})
    yield "wrong_type", lines.of(SIGNAL, event_id={"id": 1})
    yield "wrong_type", lines.of(SIGNAL, data="a text")
    yield "wrong_type", lines.of(SIGNAL, data=[{"signal_type": "workflow_violation"}])
    yield "wrong_type", lines.of(CLAIM, data={"confidence": "high"})
    yield "wrong_type", lines.of(CORRECTION, data={"changed_fields": ["weight"]})
    yield "unreadable_instant", lines.of(SIGNAL, timestamp="yesterday")
    yield "unreadable_instant", lines.of(CLAIM, timestamp="2026-02-30T10:00:00Z")
    yield "unreadable_instant", lines.of(SIGNAL, data={"captured_at": "soon"})
    yield "instant_before_2000", lines.of(RETRACTION, timestamp="1999-12-31T23:59:59Z")
    yield "instant_before_2000", lines.of(SIGNAL, data={"captured_at": "1970-01-01T00:00:00Z"})
    tomorrow = plan.at(1, 3, 9 * 3600 + 1).replace(tzinfo=None).isoformat()
    yield "captured_after_timestamp", lines.of(SIGNAL, data={"captured_at": f"{tomorrow}Z"})
    for confidence in (1.7, -0.1, float("nan")):
        yield "confidence_out_of_range", lines.of(CLAIM, data={"confidence": confidence})
    for user_ref in (None, {}, {"pseudonymized_user_id": None}, {"pseudonymized_user_id": ""}):
        yield "missing_user", lines.of(SIGNAL, data={"user_ref": user_ref})
    yield "id_too_long", lines.of(SIGNAL, event_id="e" * 257)
    yield "id_too_long", lines.of(SIGNAL, who="w" * 300)
    yield "too_deep", lines.of(SIGNAL, data={"attributes": {"tree": 0}}).replace(b"0}", b"[" * 100 + b"]" * 100 + b"}")
    yield "nul_character", lines.of(SIGNAL, data={"attributes": {"note": "a\0b"}})
    yield "text_too_long", lines.of(SIGNAL, data={"attributes": {"note": "x" * (ONE_MIB + 1)}})
    yield "unknown_value", lines.of(SIGNAL, data=UNKNOWN_SEVERITY)


class _Lines:
    """Writes one line after the other, each good but for what it is told to change."""

    def __init__(self, plan: Plan) -> None:
        self._at = plan.at(1, 2, 9 * 3600).replace(tzinfo=None).isoformat()
        self._written = 0

    def of(self, kind: str, who: str = "user-9001", without: str = "", data: Any = None, **head: Any) -> bytes:
        self._written += 1
        event: dict[str, Any] = {
            "event_id": f"bad-{self._written:03d}",
            "event_type": kind,
            "timestamp": f"{self._at}Z",
            "data": {
                SIGNAL: {
                    "signal_type": "workflow_violation",
                    "category": "friction_signal",
                    "captured_at": f"{self._at}Z",
                    "user_ref": {"pseudonymized_user_id": who},
                    "signature": {"issue_type": "damaged", "invariant_id": "INV-099", "confidence_band": "high"},
                    "attributes": {},
                },
                CLAIM: {"claim_type": "set.never", "confidence": 0.9, "lineage": {"event_id": "set-bad"}},
                CORRECTION: {"target_event_id": "set-bad", "changed_fields": {"never": {"to": 1}}},
                RETRACTION: {"retracted_event_id": "set-bad"},
            }[kind],
        }
        event["data"] = event["data"] | data if isinstance(data, dict) else data or event["data"]
        event.update(head)
        event.pop(without, None)
        return json.dumps(event).encode()


def _write_csv(path: Path, events: list[dict[str, Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["event_id", "event_type", "timestamp", "data"])
        writer.writerows([*list(event.values())[:3], json.dumps(event["data"])] for event in events)


def _good(plan: Plan) -> Iterator[tuple[str, Event]]:
    failure = Failure("beside_damage", (), (), ("repair_auto_rejected",), is_named=True)
    for number, person in enumerate(ATHLETES[:5]):
        # 256 characters are the longest id there may be.
        event_id = f"beside-damage-{number}".ljust(256 if number == 3 else 0, "x")
        yield failure.role, signal(failure, event_id, person, 0, plan.at(1, 2, 3600 * number))


def _lost(plan: Plan) -> Iterator[tuple[str, Event]]:
    failure = Failure("behind_a_cut", (), (), ("repair_auto_rejected",), is_named=True)
    for number, person in enumerate(ATHLETES):
        yield failure.role, signal(failure, f"behind-a-cut-{number}", person, 0, plan.at(1, 3, 3600 * number))
