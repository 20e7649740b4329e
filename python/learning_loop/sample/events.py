"""The chapter of the feed `events`: planted signals and claims, the background among them, and damaged files."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, time
from importlib.resources import files
from pathlib import Path

import duckdb

from learning_loop.sample import claims, damage, expected, signals
from learning_loop.sample.plan import SIGNAL, Event, Plan, Truth, day_file, period_key, timestamp

SLOTS_PER_DAY = 480
AGAIN_EVERY, TORN_EVERY = 97, 401  # as in background.sql
LINES = "format csv, header false, quote '', escape '', delimiter e'\\x01'"
FORMATS = {"csv": "format csv, header true, force_quote (data)", "parquet": "format parquet"}
NEVER_SEEN_ROLES = ("conflict_lost", "behind_a_cut")


def write(con: duckdb.DuckDBPyConnection, out: Path, plan: Plan) -> Truth:
    """Write the files of the feed below ``out`` and return what they hold: a file a day, and two damaged ones."""
    planted = [*signals.planted_signals(plan), *(("", event) for event in claims.planted_claims(plan))]
    deliveries = list(_deliveries(plan, [event for _, event in planted]))
    _prepare(con, plan, deliveries)
    by_day = defaultdict(list)
    for day_index, event in deliveries:
        by_day[day_index].append(event)
    counts = {}
    for day_index in range(plan.days):
        path = day_file(plan, "events", day_index)
        rows = _copy(con, out / path, day_index)
        counts[str(path)] = _day_counts(plan, day_index, rows, by_day[day_index])
    beside_damage, damaged_counts = damage.write_damaged(out, plan)
    kept = [(role, event) for role, event in [*planted, *beside_damage] if not event.loses_to_earlier]
    return {"files": dict(sorted((counts | damaged_counts).items())), **_truth(plan, kept)}


def _prepare(con: duckdb.DuckDBPyConnection, plan: Plan, deliveries: list[tuple[int, Event]]) -> None:
    con.execute(files(__package__).joinpath("background.sql").read_text("utf-8"))
    first_day = datetime.combine(plan.first_day, time(), UTC)
    for name, value in {
        "seed": plan.seed,
        "first_day_ms": int(first_day.timestamp()) * 1000,
        "slots": SLOTS_PER_DAY * plan.scale,
        "users": 300 + 100 * plan.scale,
    }.items():
        con.execute(f"set variable {name} = {value}::bigint")
    rows = [
        (day_index, position, event.event_id, event.event_type, timestamp(event.at), event.data_text(), event.is_again)
        for position, (day_index, event) in enumerate(deliveries)
    ]
    places = ", ".join(f"unnest(${number})" for number in range(1, 8))
    con.execute(f"insert into planted select {places}", [list(column) for column in zip(*rows, strict=True)])


def _deliveries(plan: Plan, events: list[Event]) -> Iterable[tuple[int, Event]]:
    """Yield (day of the file, event) for every delivery: one in 9 again two days later, one in 50 twice in its file."""
    for number, event in enumerate(events):
        day_index = plan.day_index(event.file_day)
        yield day_index, event
        if event.loses_to_earlier:
            continue
        again = replace(event, is_again=True)
        if number % 50 == 0:
            yield day_index, again
        if number % 9 == 0 and day_index + 2 < plan.days:
            yield day_index + 2, again


def _copy(con: duckdb.DuckDBPyConnection, path: Path, day_index: int) -> int:
    """Write a day's file and return its rows. A timestamp is a text in all forms but Parquet, which has instants."""
    path.parent.mkdir(parents=True, exist_ok=True)
    options = FORMATS.get(path.suffix[1:], LINES)
    if path.suffix == ".gz":
        options += ", compression gzip"
    query = f"select line from day_lines({day_index})"
    if path.suffix == ".csv":
        query = f"from day_columns({day_index})"
    elif path.suffix == ".parquet":
        query = f'select * replace ("timestamp"::timestamptz as "timestamp") from day_columns({day_index})'
    target = str(path).replace("'", "''")
    return int(con.execute(f"copy ({query}) to '{target}' ({options})").fetchall()[0][0])


def _day_counts(plan: Plan, day_index: int, rows: int, events: list[Event]) -> Truth:
    slots = SLOTS_PER_DAY * plan.scale
    again = sum(slot % 24 <= 20 for slot in range(0, slots, AGAIN_EVERY)) if day_index > 0 else 0
    is_lines = ".jsonl" in day_file(plan, "events", day_index).name
    torn = -(-slots // TORN_EVERY) if is_lines else 0
    lost = sum(event.loses_to_earlier for event in events)
    redelivered = again + sum(event.is_again for event in events)
    ignored = slots // 24 * 3
    # What is left after all that is known by number: good slots, corrections of them, planted events.
    kept = rows - redelivered - ignored - torn - lost
    reasons = {"conflicting_redelivery": lost, "not_json": torn}
    return damage.file_counts(kept, redelivered, ignored, {reason: n for reason, n in reasons.items() if n})


def _truth(plan: Plan, kept: list[tuple[str, Event]]) -> Truth:
    events = [event for _, event in kept]
    clusters, no_clusters = expected.clusters(kept, plan.as_of)
    roles = {(stream.claim_class, stream.parser_version or "unknown"): stream.role for stream in claims.streams()}
    calibration = [
        {"role": roles[row["claim_class"], row["parser_version"]], **row}
        for row in expected.calibration(events, plan.as_of)
    ]
    latest_week = period_key(plan.at(0), "week")
    signatures = {expected.cluster_signature(event.data): role for role, event in kept if event.event_type == SIGNAL}
    return {
        "planted_signatures": {signature: signatures[signature] for signature in sorted(signatures)},
        "clusters": clusters,
        "no_clusters": no_clusters,
        "never_seen": {
            "cluster_signatures": [signals.NAMES[role] for role in NEVER_SEEN_ROLES],
            "claim_streams": [["set.weight", "p-never"], ["set.never", "unknown"]],
        },
        "calibration": calibration,
        "alerts": [
            row for row in calibration if row["status"] == "degraded" or row["drift_status"] == "drift_alert"
        ],
        # All that are not healthy in the latest week: of the background none is.
        "underperforming": [
            {
                "role": row["role"],
                "claim_class": row["claim_class"],
                "parser_version": row["parser_version"],
                "status": "drift_alert" if drifts else "underperforming",
            }
            for row in calibration
            if row["period_key"] == latest_week
            and ((drifts := row["drift_status"] == "drift_alert") or row["status"] != "healthy")
        ],
        "turning_weeks": {
            stream.role: period_key(plan.at(stream.turns_on), "week")
            for stream in claims.streams()
            if stream.turns_on is not None
        },
        "drift_alarms": claims.alarms(plan),
        "planted_event_counts": dict(sorted(Counter(event.event_type for event in events).items())),
        "events_after_as_of": sorted(event.event_id for event in events if event.at > plan.as_of),
        "planted_user_ids": sorted({
            *signals.ATHLETES, *signals.FLOODERS, *signals.PLAIN_USERS, *damage.TORN_USERS,
            "carol@example.org", "dave+lifts@example.org",
        }),
        "sender_pseudonyms": [signals.PSEUDONYM],
        "background": {"largest_severity_times_impact": 0.39, "all_streams_calibrated": True},
    }  # fmt: skip
