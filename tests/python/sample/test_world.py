"""The sample world is what its truth says: read back here from its files, with nothing of the generator's own."""

import csv
import filecmp
import gzip
import json
import re
from collections import Counter, defaultdict
from datetime import UTC, datetime

import duckdb
import pytest

from learning_loop.sample import expected, signals
from learning_loop.sample.plan import Event, read_timestamp
from learning_loop.sample.world import write_world

WORLD_DAYS = 60


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    out = tmp_path_factory.mktemp("world")
    truth = write_world(out, seed=7, days=WORLD_DAYS)
    # The other chapters have tests of their own.
    return out, truth | {
        "files": {
            path: counts
            for path, counts in truth["files"].items()
            if path.startswith("events/") and not path.endswith("/backlog.jsonl")
        }
    }


@pytest.fixture(scope="module")
def rows(world):
    """(file, event, or None for a line that holds no object) of every row, files in the order of their names."""
    out, truth = world
    return [(path, event) for path in sorted(truth["files"]) for event in _read(out / path)]


@pytest.fixture(scope="module")
def events(world, rows):
    """The events a night keeps: each id once, of two contents the earlier one, none that is damaged."""
    best = {}
    for path, event in rows:
        if event is not None and "part-0" in path:
            at = read_timestamp(event["timestamp"])
            if event["event_id"] not in best or at < best[event["event_id"]].at:
                best[event["event_id"]] = Event(event["event_id"], event["event_type"], at, event["data"])
    return list(best.values())


def _read(path):
    if path.suffix == ".parquet":
        query = (
            "select event_id, event_type, strftime(\"timestamp\", '%Y-%m-%dT%H:%M:%S.%fZ'), data from read_parquet(?)"
        )
        with duckdb.connect() as con:
            con.execute("set timezone = 'UTC'")
            found = con.execute(query, [str(path)]).fetchall()
        names = ("event_id", "event_type", "timestamp", "data")
        return [dict(zip(names, (*row[:3], json.loads(row[3])), strict=True)) for row in found]
    if path.suffix == ".csv":
        with path.open(newline="") as file:
            return [row | {"data": json.loads(row["data"])} for row in csv.DictReader(file)]
    try:
        lines = (gzip.open if path.suffix == ".gz" else open)(path, "rb").read().split(b"\n")
    except EOFError:
        return [None]
    return [_parsed(line) for line in lines if line.strip()]


def _parsed(line):
    try:
        return json.loads(line)
    except ValueError:
        return None


def test_same_arguments_give_the_same_bytes_whatever_the_threads(tmp_path, monkeypatch):
    write_world(tmp_path / "a", seed=3, days=28)
    connect = duckdb.connect
    monkeypatch.setattr(duckdb, "connect", lambda: connect(config={"threads": 1}))
    write_world(tmp_path / "b", seed=3, days=28)
    files = sorted(str(p.relative_to(tmp_path / "a")) for p in (tmp_path / "a").rglob("*") if p.is_file())
    assert files == sorted(str(p.relative_to(tmp_path / "b")) for p in (tmp_path / "b").rglob("*") if p.is_file())
    assert filecmp.cmpfiles(tmp_path / "a", tmp_path / "b", files, shallow=False) == (files, [], [])


def test_another_seed_gives_other_rows(world, tmp_path):
    write_world(tmp_path, seed=8, days=WORLD_DAYS)
    day = "events/date=2026-01-01/part-0.jsonl"
    assert (tmp_path / day).read_bytes() != (world[0] / day).read_bytes()


def test_every_row_of_every_file_is_accounted_for(world, rows):
    _, truth = world
    assert Counter(path for path, _ in rows) == {path: counts["rows_in"] for path, counts in truth["files"].items()}
    for counts in truth["files"].values():
        parts = (counts["kept"], counts["redelivered"], counts["ignored"], *counts["quarantined"].values())
        assert sum(parts) == counts["rows_in"]
        assert min(parts) >= 0


def test_counts_per_file_are_those_of_first_and_later_deliveries(world, rows, events):
    _, truth = world
    winners = {event.event_id: event for event in events}
    counts, seen = defaultdict(Counter), set()
    for path, event in rows:
        if "part-0" not in path:
            continue
        if event is None:
            counts[path]["not_json"] += 1
        elif event["event_type"] == "session.opened":
            counts[path]["ignored"] += 1
        elif read_timestamp(event["timestamp"]) != winners[event["event_id"]].at:
            counts[path]["conflicting_redelivery"] += 1
        else:
            assert event["data"] == winners[event["event_id"]].data
            counts[path]["redelivered" if event["event_id"] in seen else "kept"] += 1
            seen.add(event["event_id"])
    for path, found in counts.items():
        told = truth["files"][path]
        flat = {name: told[name] for name in ("kept", "redelivered", "ignored")} | told["quarantined"]
        assert found == Counter(flat), path


def test_every_reason_is_planted_and_the_damaged_file_still_holds_good_rows(world):
    _, truth = world
    assert set(truth["totals"]["events"]["quarantined"]) == {
        "not_json", "missing_field", "wrong_type", "unreadable_instant", "instant_before_2000",
        "captured_after_timestamp", "confidence_out_of_range", "missing_user", "id_too_long", "too_deep",
        "nul_character", "text_too_long", "unknown_value", "conflicting_redelivery", "unreadable_file", "not_utf8",
    }  # fmt: skip
    assert [row["event_count"] for row in truth["clusters"] if row["role"] == "beside_damage"] == [5, 5]


# The contract's section 3 in one statement, so that the figures in the truth are not only the generator's word.
WEEKLY_CLUSTERS = """
with weighed as (
    select *, date_trunc('week', captured) as week,
        {'save_claim_mismatch_attempt': 1.0, 'workflow_violation': .95, 'quality_issue_detected': .9,
         'repair_auto_rejected': .88, 'save_handshake_pending': .78, 'repair_proposed': .65,
         'clarification_requested': .72}::json as severities,
        coalesce((severities ->> signal_type)::double, .6)
            * case mismatch when 'warning' then .5 when 'info' then .1 when 'none' then 0 else 1 end as factor_s,
        case signal_type when 'save_claim_mismatch_attempt' then 1 when 'workflow_violation' then .95
            when 'quality_issue_detected' then .86 when 'repair_auto_rejected' then .9
            when 'save_handshake_pending' then .78 when 'repair_proposed' then .6
            when 'clarification_requested' then .72 else case category when 'friction_signal' then .82
            when 'outcome_signal' then .42 else .6 end end
            * case mismatch when 'warning' then .5 when 'info' then .1 when 'none' then 0 else 1 end as impact
    from signals where band in ('high', 'medium')
),
kept as (
    select * from weighed
    qualify row_number() over (partition by week, signature, person order by captured, event_id) <= 3
)
select strftime(week, '%G-W%V'), signature, count(*), count(distinct person), round(
    least(1, count(*) / 12) * avg(factor_s * case band when 'high' then 1 else .92 end) * avg(impact)
    * (least(1, count(distinct person) / 4) + least(1, count(*) / count(distinct person) / 2)) / 2, 12)
from kept group by week, signature having count(*) >= 3 and count(distinct person) >= 2
"""


def test_planted_weekly_clusters_and_no_others_follow_from_the_files(world, rows, events):
    _, truth = world
    damaged = [event for _, event in rows if event and str(event.get("event_id")).startswith("beside-damage")]
    good = events + [Event(e["event_id"], e["event_type"], read_timestamp(e["timestamp"]), e["data"]) for e in damaged]
    as_of = datetime(2026, 2, 16, 2, tzinfo=UTC)
    columns = list(zip(*(_columns(e) for e in good if "signal_type" in e.data and e.at <= as_of), strict=True))
    names = ("event_id", "captured", "person", "signature", "signal_type", "category", "band", "mismatch")
    unnested = ", ".join(f"unnest(${n + 1}) as {name}" for n, name in enumerate(names))
    with duckdb.connect() as con:
        con.execute(f"create table signals as select {unnested}", [list(column) for column in columns])
        found = {row[:2]: row[2:] for row in con.execute(WEEKLY_CLUSTERS).fetchall()}
    planted = {key: value for key, value in found.items() if key[1] in truth["planted_signatures"]}
    told = {
        (row["period_key"], row["cluster_signature"]): (
            row["event_count"],
            row["unique_users"],
            row["score_before_rounding"],
        )
        for row in truth["clusters"]
        if row["period_granularity"] == "week"
    }
    assert planted.keys() == told.keys()
    for key, figures in planted.items():
        assert figures == pytest.approx(told[key], abs=1e-9), key
    assert max(score for key, (_, _, score) in found.items() if key not in planted) <= 0.39


def _columns(event):
    data, about = event.data, event.data["signature"]
    captured = read_timestamp(data["captured_at"]) if "captured_at" in data else event.at
    return (
        event.event_id, captured.replace(tzinfo=None), data["user_ref"]["pseudonymized_user_id"],
        expected.cluster_signature(data), data["signal_type"], data["category"], about["confidence_band"],
        data["attributes"].get("mismatch_severity"),
    )  # fmt: skip


def test_a_lone_flood_is_no_cluster_and_one_in_company_counts_three(world):
    _, truth = world
    missed = {row["role"]: row["reason"] for row in truth["no_clusters"]}
    assert missed == {
        "flood_alone": "min_unique_users",
        "short_of_users": "min_unique_users",
        "short_of_support": "min_support",
        "after_as_of": "min_support",
        "low_confidence": "low_confidence",
    }
    weekly = [row for row in truth["clusters"] if row["period_granularity"] == "week"]
    assert [row["event_count"] for row in weekly if row["role"] == "flood_in_company"] == [5, 5]
    assert not {row["role"] for row in weekly} & set(missed)


def test_edges_of_weeks_files_and_contents_fall_on_their_side(world):
    _, truth = world
    weekly = {(row["role"], row["period_key"]) for row in truth["clusters"] if row["period_granularity"] == "week"}
    assert {("captured_on_sunday", "2026-W06"), ("late_to_the_bar", "2026-W04")} <= weekly
    assert {("conflict_kept", "2026-W05"), ("on_the_bar", "2026-W07")} <= weekly
    assert signals.NAMES["conflict_lost"] not in truth["planted_signatures"]


def test_alerts_are_exactly_the_versions_that_turned_from_their_week_on(world):
    _, truth = world
    assert truth["turning_weeks"] == {"turns_overconfident": "2026-W05", "turns_in_the_latest_week": "2026-W07"}
    told = {(row["role"], row["period_key"], row["status"], row["drift_status"]) for row in truth["alerts"]}
    assert [(row["role"], row["status"]) for row in truth["underperforming"]] == [
        ("turns_in_the_latest_week", "drift_alert"),
        ("never_sure", "underperforming"),
        ("few_samples", "underperforming"),
        ("turns_overconfident", "underperforming"),
    ]
    assert told == {
        ("turns_overconfident", "2026-W05", "degraded", "drift_alert"),
        ("turns_overconfident", "2026-W06", "degraded", "stable"),
        ("turns_overconfident", "2026-W07", "degraded", "stable"),
        ("turns_in_the_latest_week", "2026-W07", "degraded", "drift_alert"),
    }


def test_planted_streams_have_their_samples_and_states(world):
    _, truth = world
    by_role = defaultdict(set)
    for row in truth["calibration"]:
        by_role[row["role"]].add((row["sample_count"], row["correct_count"], row["status"]))
    assert by_role["well_calibrated"] == {(40, 35, "healthy"), (41, 36, "healthy")}  # one week has the conflict
    assert by_role["few_samples"] == {(2, 2, "monitor"), (3, 3, "healthy")}
    assert by_role["healthy_with_a_gap"] == {(20, 17, "healthy")}
    assert by_role["never_sure"] == {(10, 7, "monitor")}
    assert by_role["turns_overconfident"] == {(40, 35, "healthy"), (30, 15, "degraded")}


@pytest.mark.parametrize("scale", [1, 3], ids=["scale 1", "scale 3"])
def test_no_background_stream_ever_alerts(tmp_path, scale):
    truth = write_world(tmp_path, seed=11, days=35, scale=scale)
    events = {}
    for path in sorted(truth["files"]):
        if path.startswith("events/") and "part-0" in path:
            for row in _read(tmp_path / path):
                if row is not None:
                    at = read_timestamp(row["timestamp"])
                    events.setdefault(row["event_id"], Event(row["event_id"], row["event_type"], at, row["data"]))
    background = [event for event in events.values() if re.match(r"(ev|fix)-\d+-\d+$", event.event_id)]
    alerts = [
        row
        for row in expected.calibration(background, datetime(2026, 2, 16, 2, tzinfo=UTC))
        if row["sample_count"] >= 100 and (row["status"] == "degraded" or row["drift_status"] == "drift_alert")
    ]
    assert alerts == []


def test_scale_multiplies_the_background_and_leaves_the_planted_truths(world, tmp_path):
    _, truth = world
    larger = write_world(tmp_path, seed=7, days=WORLD_DAYS, scale=3)
    for name in ("clusters", "no_clusters", "calibration", "planted_event_counts"):
        assert larger[name] == truth[name]
    assert larger["totals"]["events"]["ignored"] == 3 * truth["totals"]["events"]["ignored"]


def test_raw_user_ids_of_the_truth_are_in_the_files_so_that_a_search_for_them_means_something(world):
    out, truth = world
    opened = [path for path in out.rglob("part*") if path.suffix in (".jsonl", ".csv")]
    text = "\n".join(path.read_text("utf-8", errors="replace") for path in opened)
    for user_id in truth["planted_user_ids"] + truth["sender_pseudonyms"]:
        assert json.dumps(user_id, ensure_ascii=False)[1:-1] in text or json.dumps(user_id)[1:-1] in text


def test_a_world_is_written_anew_over_an_earlier_one_but_not_over_foreign_files(tmp_path):
    write_world(tmp_path, seed=1, days=42)
    decision = tmp_path / "backlog_decisions" / "decisions.jsonl"
    decision.write_text("{}\n")
    truth = write_world(tmp_path, seed=1, days=28)
    written = {str(path.relative_to(tmp_path)) for path in (tmp_path / "events").rglob("*") if path.is_file()}
    assert written == {path for path in truth["files"] if path.startswith("events/")}
    assert decision.exists()
    for foreign in ("events/mine.jsonl", "ingest_runs/mine.jsonl"):
        (tmp_path / foreign).write_text("{}\n")
        with pytest.raises(FileExistsError, match="another origin"):
            write_world(tmp_path, seed=1, days=28)
        (tmp_path / foreign).unlink()


@pytest.mark.parametrize(
    "wrong",
    [{"days": 27}, {"scale": 0}, {"seed": -1}, {"as_of_end": datetime(2026, 2, 17, 2, tzinfo=UTC)}],
    ids=["too few days for a drift", "no scale", "negative seed", "not a Monday"],
)
def test_arguments_of_which_no_world_can_be_made_are_refused(tmp_path, wrong):
    with pytest.raises(ValueError, match=r"\d"):
        write_world(tmp_path, **({"seed": 1} | wrong))
    assert list(tmp_path.iterdir()) == []
