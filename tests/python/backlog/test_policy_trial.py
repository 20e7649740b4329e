"""What another policy row would have shown: the night's filter, ranks and caps over a log of proposals of old."""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from compiled import kept
from typer.testing import CliRunner

from house import House
from learning_loop.backlog import policy
from learning_loop.backlog.policy_cli import app
from learning_loop.backlog.sql import KeptSql
from learning_loop.errors import WrongUse
from learning_loop.project import project_dir

SEEDS = project_dir() / "seeds" / "policy"
LAST = datetime(2026, 2, 16, 2, tzinfo=UTC)
BARS = {"cluster_min_score": 0.18, "cluster_min_events": 3, "cluster_min_unique_users": 2}
TYPES = {
    "backlog": "timestamptz, decimal(9,6), integer, integer, integer, integer, integer, decimal(9,6), decimal(9,6)",
    "backlog_evidence": "timestamptz, boolean",
    "backlog_priority": "timestamptz" + ", double" * 14,
    "backlog_sources": "varchar, timestamptz, varchar, boolean",
    "calibration": "timestamptz, integer, double, double, integer, double, double, double, double, double, integer",
}


class Log:
    """A published file in memory: the policies that ship, a log of proposals, and what people made of them."""

    def __init__(self) -> None:
        self.con = duckdb.connect()
        self.con.execute("set timezone = 'UTC'; create schema policy")
        for name, types in TYPES.items():
            header = (SEEDS / f"{name}.csv").read_text().splitlines()[0].split(",")
            kinds = dict(zip(header, [*types.split(", "), "varchar"], strict=True))
            self.con.execute(f"create table policy.{name} as from read_csv('{SEEDS / name}.csv', columns = {kinds})")
        self.con.execute(
            """
            create table learning_backlog_proposals (run_id varchar, proposal_number bigint, candidate_key varchar,
                source_type varchar, subject_ref varchar, period_starts_on date, priority_score double,
                priority varchar, verdict varchar, reopens_because varchar, guardrails json, evidence json,
                reopen_min_priority_gain decimal(9, 6), reopen_min_label_gain decimal(9, 6), proposed_at timestamptz,
                event_count bigint, unique_users bigint, weeks_recurring bigint);
            create table learning_backlog_history (candidate_key varchar, state_number bigint, status varchar,
                entered_at timestamptz, entry_kind varchar, decision_id varchar, snooze_until timestamptz,
                priority_score double, priority varchar);
            """
        )
        self.runs: dict[datetime, list[dict[str, Any]]] = {}

    def run(self, days_ago: int, proposals: list[dict[str, Any]]) -> None:
        """Log a run; each proposal has at least a key and a verdict."""
        at = LAST - timedelta(days=days_ago)
        for number, row in enumerate(proposals, 1):
            measured = {name: row.pop(name, 99) for name in BARS}
            rails = [
                {"guardrail": name, "measured": measured[name], "bar": bar, "is_passed": measured[name] >= bar}
                for name, bar in BARS.items()
            ]
            usual = {
                "run_id": at.isoformat(),
                "proposal_number": number,
                "source_type": "issue_cluster",
                "subject_ref": row["candidate_key"],
                "priority_score": 0.5,
                "priority": "P2",
                "evidence": "{}",
                "guardrails": json.dumps(rails),
                "proposed_at": at,
                "verdict": "written",
                "period_starts_on": (at - timedelta(hours=24, days=(at - timedelta(hours=24)).weekday())).date(),
            }
            self.runs.setdefault(at, []).append(usual | row | {"measured": measured})
        self._insert("learning_backlog_proposals", self.runs[at])

    def states(self, key: str, *states: tuple[str, int, str]) -> None:
        """Log the states of a key: (status, days ago, what brought it)."""
        self._insert("learning_backlog_history", [
            {"candidate_key": key, "state_number": number, "status": status, "entry_kind": kind,
             "entered_at": LAST - timedelta(days=ago), "priority_score": 0.5, "priority": "P2",
             "decision_id": None if kind == "run" else f"{key}-{number}"}
            for number, (status, ago, kind) in enumerate(states, 1)
        ])  # fmt: skip

    def tried(self, tmp_path: Path, name: str, **changes: object) -> policy.Trial:
        """Try the latest row of a shipped policy with these changes."""
        return policy.try_policy(self.con, kept(), LAST, changed(tmp_path, name, **changes))

    def verdicts(self) -> dict[tuple[datetime, str], tuple[str, str]]:
        rows = self.con.execute(
            "select proposed_at, candidate_key, verdict_then, verdict_now from temp.int_backlog__tried_verdicts"
        ).fetchall()
        return {(row[0].astimezone(UTC), row[1]): row[2:] for row in rows}

    def _insert(self, table: str, rows: list[dict[str, Any]]) -> None:
        names = [row[0] for row in self.con.execute(f"describe {table}").fetchall()]
        self.con.register("given", pa.table({name: [row.get(name) for row in rows] for name in names}))
        self.con.execute(f"insert into {table} by name from given")
        self.con.unregister("given")


def changed(tmp_path: Path, name: str, **changes: object) -> Path:
    """Write a copy of a shipped policy in which the last row says something else, from tomorrow on."""
    with (SEEDS / f"{name}.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    rows.append(rows[-1] | {"effective_from": "2026-02-17"} | {key: str(value) for key, value in changes.items()})
    path = tmp_path / f"{name}.csv"
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


@pytest.fixture
def log() -> Iterator[Log]:
    made = Log()
    with made.con:
        yield made


@pytest.mark.parametrize("seed", range(4))
def test_filter_ranks_and_caps_are_those_of_a_plain_reading_of_the_policy(log: Log, tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    for ago in range(40, 0, -3):
        log.run(ago, [
            {"candidate_key": f"cluster:{name}:{name * 8}", "verdict": "limited_by_source",
             "cluster_min_score": rng.choice([0.1, 0.18, 0.3, 0.5]), "cluster_min_events": rng.randrange(1, 9),
             "cluster_min_unique_users": rng.randrange(1, 5)}
            for name in rng.sample("abcdefghijkl", 8)
        ])  # fmt: skip
    bars = {"cluster_min_score": 0.3, "cluster_min_events": 2, "cluster_min_unique_users": 1}
    log.tried(tmp_path, "backlog", **bars, max_candidates_per_source=4, max_candidates_per_run=3)
    found, expected = log.verdicts(), {}
    for at, rows in log.runs.items():
        fit = [row for row in rows if all(row["measured"][name] >= bar for name, bar in bars.items())]

        def priority(row: dict[str, Any]) -> float:
            score, events, users = row["measured"].values()
            return round(min(1, score + min(0.2, events / 20 * 0.1 + users / 8 * 0.1)), 6)

        fit.sort(key=lambda row: (-priority(row), row["candidate_key"]))
        for row in rows:
            place = fit.index(row) + 1 if row in fit else 0
            verdict = ("filtered_noise" if not place else "written" if place <= 3
                       else "limited_by_run" if place == 4 else "limited_by_source")  # fmt: skip
            expected[at, row["candidate_key"]] = ("limited_by_source", verdict)
    assert found == expected
    assert {now for _, now in found.values()} == {"filtered_noise", "written", "limited_by_run", "limited_by_source"}


def test_what_people_had_settled_by_then_takes_no_slot_and_what_they_decided_later_does(
    log: Log, tmp_path: Path
) -> None:
    keys = [f"cluster:{name}:{name * 8}" for name in "abcd"]
    log.run(20, [{"candidate_key": key, "verdict": "filtered_noise", "cluster_min_events": 2} for key in keys])
    log.states(keys[0], ("candidate", 40, "run"), ("approved", 30, "approve"))
    log.states(keys[1], ("candidate", 20, "run"), ("approved", 10, "approve"))
    log.states(keys[2], ("candidate", 40, "run"), ("dismissed", 30, "dismiss"))
    log.tried(tmp_path, "backlog", cluster_min_events=2)
    found = {key: now for (_, key), (_, now) in log.verdicts().items()}
    assert found == dict(zip(keys, ["already_approved", "written", "still_dismissed", "written"], strict=True))


def test_months_count_what_is_kept_lost_and_new_and_what_came_of_it(log: Log, tmp_path: Path) -> None:
    shown = [
        f"cluster:{name}:{name * 8}" for name in ("kept promoted", "lost promoted", "lost unknown", "kept unknown")
    ]
    new = [f"cluster:{name}:{name * 8}" for name in ("new dismissed", "new unknown")]
    poor = {"cluster_min_events": 3}
    log.run(20, [
        {"candidate_key": shown[0], "cluster_min_score": 0.7}, {"candidate_key": shown[1], **poor},
        {"candidate_key": shown[2], **poor}, {"candidate_key": shown[3]},
        *({"candidate_key": key, "verdict": "filtered_noise", "cluster_min_unique_users": 1} for key in new),
    ])  # fmt: skip
    for key in (*shown[:2], shown[3]):
        log.states(key, ("candidate", 20, "run"), *[("approved", 15, "approve"), ("promoted", 10, "promote")][: 2 * (
            "promoted" in key)])  # fmt: skip
    log.states(new[0], ("candidate", 12, "run"), ("dismissed", 9, "dismiss"))
    trial = log.tried(tmp_path, "backlog", cluster_min_events=4, cluster_min_unique_users=1)
    assert [row["month"] for row in trial.months] == ["2026-01", "all"]
    month = trial.months[0]
    assert {name: month[name] for name in policy.COUNTS} == {
        "shown_then": 4, "shown_now": 4, "kept": 2, "lost": 2, "lost_promoted": 1, "new": 2, "new_undecided": 1
    }  # fmt: skip
    # Then 2 of 4 promoted and 2 unknown; now 1 promoted, 1 dismissed, 2 unknown: never a point.
    bounds = [month[f"precision_{when}{end}"] for when in ("then", "now") for end in ("_lower", "_upper", "")]
    assert bounds == [0.5, 1.0, None, 0.25, 0.75, None]
    text = "\n".join(policy.lines(trial))
    assert "cluster_min_events: 3 -> 4" in text and "25 to 75%" in text
    assert max(map(len, text.splitlines())) <= 80


def test_a_share_is_a_point_once_all_that_was_shown_has_an_answer(log: Log, tmp_path: Path) -> None:
    keys = [f"cluster:{name}:{name * 8}" for name in "ab"]
    log.run(20, [{"candidate_key": key} for key in keys])
    log.states(keys[0], ("candidate", 20, "run"), ("approved", 15, "approve"), ("promoted", 10, "promote"))
    log.states(keys[1], ("candidate", 20, "run"), ("dismissed", 15, "dismiss"))
    month = log.tried(tmp_path, "backlog").months[0]
    assert (month["precision_now_lower"], month["precision_now"], month["precision_now_upper"]) == (0.5, 0.5, 0.5)


def test_runs_of_more_than_a_year_ago_are_let_be(log: Log, tmp_path: Path) -> None:
    log.run(366, [{"candidate_key": "cluster:a:aaaaaaaa"}])
    log.run(364, [{"candidate_key": "cluster:b:bbbbbbbb"}])
    assert log.tried(tmp_path, "backlog").nights == 1


CLASS = {"status": "underperforming", "brier_score": 0.22, "precision_high_conf": 0.8, "sample_count": 9,
         "drift_delta_brier": 0.05, "evidence": "within_chance"}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "changes", "evidence", "verdict"),
    [
        ("calibration", {}, CLASS, "written"),
        ("calibration", {"brier_monitor_max": 0.22}, CLASS, "written"),
        ("calibration", {"brier_monitor_max": 0.220001}, CLASS, "not_proposed"),
        ("calibration", {"brier_monitor_max": 0.3, "drift_alert_delta_brier": 0.05}, CLASS, "written"),
        ("calibration", {"brier_monitor_max": 0.3, "min_samples_for_status": 10}, CLASS, "written"),
        ("calibration", {"brier_monitor_max": 0.3}, CLASS | {"precision_high_conf": None}, "written"),
        ("backlog_evidence", {"require_evidence": "true"}, CLASS, "filtered_noise"),
        ("backlog_evidence", {"require_evidence": "true"}, CLASS | {"evidence": "alarm"}, "written"),
        ("backlog_sources", {"is_active": "false"}, CLASS, "not_proposed"),
        ("backlog_priority", {"samples_weight": 0}, CLASS, "written"),
    ],
    ids=["as it is", "on the bar", "under it", "it drifts", "too few claims to say", "none of high confidence",
         "an alarm is asked for", "and stands", "source off", "other weights"],
)  # fmt: skip
def test_a_class_is_proposed_by_the_bars_that_are_tried(
    log: Log, tmp_path: Path, name: str, changes: dict[str, Any], evidence: dict[str, Any], verdict: str
) -> None:
    log.run(20, [{"candidate_key": "calibration:a:aaaaaaaa", "source_type": "extraction_calibration",
                  "evidence": json.dumps(evidence)}])  # fmt: skip
    log.tried(tmp_path, name, **changes)
    assert [now for _, now in log.verdicts().values()] == [verdict]
    priority = log.con.execute("select priority_score from temp.int_backlog__tried_proposals").fetchall()
    # .45 * .22 / .35 + .35 * .2 + .20 * 9 / 20
    if evidence["precision_high_conf"]:
        assert priority == [(0.352857 if name == "backlog_priority" else 0.442857,)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("effective_from,cluster_min_score,max_candidates_per_run,rationale\n", "not quite the policy backlog: it"),
        ("effective_from,require_evidence,rationale,more\n2026-03-01,true,,\n", "backlog_evidence: it has more"),
        ("effective_from,require_evidence,rationale\n2026-03-01,perhaps,\n", "line 2: require_evidence is 'perhaps'"),
        ("effective_from,require_evidence,rationale\n2026-03-01,,\n", "line 2: require_evidence is empty"),
        ("effective_from,require_evidence,rationale\n1970-01-01,true,\nsoon,true,\n", "line 3: effective_from is"),
        ("effective_from,require_evidence,rationale\n", "no row"),
        ("a,b\n1,2\n", "holds none of the policies"),
        ("", "holds none of the policies"),
    ],
    ids=["missing", "more", "type", "empty", "instant", "no row", "another table", "nothing"],
)  # fmt: skip
def test_a_file_with_wrong_names_or_types_is_refused_by_name(log: Log, tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "mine.csv"
    file.write_text(text)
    with pytest.raises(WrongUse, match=said):
        policy.read(log.con, file)


def test_a_count_is_whole_and_what_the_log_cannot_answer_is_refused(log: Log, tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match=r"line 3: max_candidates_per_run is '2\.5'"):
        log.tried(tmp_path, "backlog", max_candidates_per_run=2.5)
    with pytest.raises(WrongUse, match="changes high_conf_threshold"):
        log.tried(tmp_path, "calibration", high_conf_threshold=0.9)
    with pytest.raises(WrongUse, match="is not there"):
        policy.read(log.con, tmp_path / "absent.csv")


def test_a_file_of_a_version_that_could_not_try_says_to_run_a_night(log: Log, tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match="Run `learning-loop nightly` on it once"):
        policy.try_policy(log.con, KeptSql({}, []), LAST, changed(tmp_path, "backlog"))


def test_the_row_in_force_says_of_the_samples_nights_what_they_said(told: tuple[House, dict], tmp_path: Path) -> None:
    found = CliRunner().invoke(
        app, ["try", str(SEEDS / "backlog.csv"), "--json", "--warehouse", str(told[0].warehouse)]
    )
    assert found.exit_code == 0, found.exception
    trial = json.loads(found.output)
    assert trial["nights"] == len(told[1]["nights"]) and trial["changed"] == {}
    # A decision counts from when it was made: a run showed what had been dismissed before it, for the row came late.
    lost = {row["month"]: row["lost"] for row in trial["months"] if row["lost"]}
    assert lost == {"2026-02": 1}
    assert all(row["new"] == 0 and row["kept"] > 5 for row in trial["months"])
    file = changed(tmp_path, "backlog", max_candidates_per_source=2)
    text = CliRunner().invoke(app, ["try", str(file), "--warehouse", str(told[0].warehouse)]).output
    assert "max_candidates_per_source: 6 -> 2" in text
