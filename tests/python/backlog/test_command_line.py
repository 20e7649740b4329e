"""The command line of the backlog: what people see, decide and export, and what the rules refuse at once."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from typer.testing import CliRunner

from house import House
from learning_loop.backlog import decide, export
from learning_loop.backlog.cli import app
from learning_loop.errors import WrongUse
from learning_loop.landing import decisions
from learning_loop.sample.backlog import NAMES, TURNING, class_key, cluster_key
from learning_loop.terminal import plain

NEWCOMER = cluster_key("newcomer")
SHORT = f"c-{NEWCOMER[-16:][:8]}"


class Desk:
    """Someone at a terminal, with a house of their own."""

    def __init__(self, house: House):
        self.house = house
        self.places = ["--warehouse", str(house.warehouse), "--landing", str(house.landing)]

    def say(self, *words: str) -> str:
        result = CliRunner().invoke(app, [*words, *self.places])
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == 0, result.output
        return result.output

    def on_one_line(self, *words: str) -> str:
        return " ".join(self.say(*words).split())

    def ask(self, *words: str) -> Any:
        return json.loads(self.say(*words, "--json"))

    def refused(self, *words: str) -> str:
        before = self.landed()
        with pytest.raises(WrongUse) as error:
            self.say(*words)
        assert self.landed() == before, "a refused decision leaves nothing"
        return str(error.value)

    def landed(self) -> list[Path]:
        return sorted(path for path in self.house.landing.rglob("*") if path.is_file())


@pytest.fixture
def desk(copy: House) -> Desk:
    return Desk(copy)


@pytest.fixture(scope="session")
def reader(told: tuple[House, dict]) -> Desk:
    """For tests that decide nothing."""
    return Desk(told[0])


def test_a_file_of_an_earlier_version_says_to_run_a_night_once(copy: House) -> None:
    with duckdb.connect(str(copy.warehouse)) as con:
        con.execute("drop schema operations cascade")
    assert "Run `learning-loop nightly` on it once" in Desk(copy).refused("approve", NEWCOMER, "--by", "ann")


def shadow(house: House, key: str, verdict: str, at: str) -> None:
    row = {"evaluation_id": f"e-{at}", "candidate_key": key, "verdict": verdict, "evaluated_at": at}
    house.land(f"{at}.jsonl", [row], feed="shadow_evaluations")


def test_a_candidate_goes_from_approval_to_promotion_on_one_day_and_the_next_night_agrees(desk: Desk) -> None:
    assert desk.ask("approve", NEWCOMER[:20], "--by", "ann")["status_after"] == "approved"
    checked = desk.ask("check", SHORT, "regression_test_implementation", "--by", "ci", "--evidence", "tests/new.py")
    assert checked["pending_steps"] == ["shadow_re_evaluation"]
    message = desk.refused("promote", NEWCOMER, "--by", "ann", "--issue-ref", "T-1")
    assert "checklist_incomplete" in message and "shadow_re_evaluation" in message
    shadow(desk.house, SHORT, "pass", "2026-02-16T03:00:00Z")
    told = desk.ask("promote", NEWCOMER, "--by", "ann", "--issue-ref", "T-1")
    assert (told["status_before"], told["status_after"], told["pending_steps"]) == ("approved", "promoted", [])
    assert "promoted (next night)" in desk.say("list", "--status", "promoted")
    desk.house.night("2026-02-17T02:00:00+00:00")
    assert desk.house.query("select status from learning_backlog_candidates where candidate_key = ?", NEWCOMER) == [
        ("promoted",)
    ]
    assert desk.house.column("select count(*) from rejected_decisions") == [4]


@pytest.mark.parametrize("name", [SHORT, SHORT.upper(), SHORT[:6]], ids=["short", "in capitals", "cut"])
def test_every_command_takes_a_short_key(reader: Desk, name: str) -> None:
    assert reader.ask("show", name)["candidate_key"] == NEWCOMER
    assert json.loads(reader.say("export", name))["source"]["candidate_key"] == NEWCOMER
    if name == SHORT:
        assert "it is in the backlog" in reader.on_one_line("why", name)
        assert SHORT in reader.say("list", "--limit", "0")


def test_a_landed_decision_may_name_a_short_key_and_one_that_no_run_gave_is_refused(desk: Desk) -> None:
    row = {"decision": "approve", "actor": "ann", "decided_at": "2026-02-16T03:00:00Z"}
    rows = [row | {"decision_id": key, "candidate_key": key} for key in (SHORT, "c-00000000")]
    desk.house.land("by-hand.jsonl", rows, feed="backlog_decisions")
    assert desk.ask("show", NEWCOMER)["status"] == "approved"
    desk.house.night("2026-02-17T02:00:00+00:00")
    found = desk.house.query(
        "select status, short_key from learning_backlog_candidates where candidate_key = ?", NEWCOMER
    )
    assert found == [("approved", SHORT)]
    query = "select candidate_key, reason_code from rejected_decisions where decision_id = 'c-00000000'"
    assert desk.house.query(query) == [("c-00000000", "unknown_candidate")]


def test_without_at_decisions_on_old_data_follow_the_last_night_and_each_other(desk: Desk) -> None:
    first = desk.ask("approve", NEWCOMER, "--by", "ann")["row"]["decided_at"]
    second = desk.ask("reopen", NEWCOMER, "--by", "ann")["row"]["decided_at"]
    assert (first, second) == ("2026-02-16T02:00:01Z", "2026-02-16T02:00:02Z")


@pytest.mark.parametrize(
    ("words", "rule"),
    [
        (("promote", NEWCOMER, "--by", "ann"), "not_allowed_when_candidate"),
        (("reopen", NEWCOMER, "--by", "ann"), "not_allowed_when_candidate"),
        (("approve", cluster_key("settled-1"), "--by", "ann"), "not_allowed_when_approved"),
        (("approve", cluster_key("returns-the-same"), "--by", "ann"), "not_allowed_when_dismissed"),
        (("dismiss", cluster_key("promoted-returns"), "--by", "ann"), "not_allowed_when_promoted"),
        (("approve", "cluster:nobody", "--by", "ann"), "unknown_candidate"),
        (("approve", NEWCOMER, "--by", "ann", "--at", "2026-01-20T00:00:00Z"), "unknown_candidate"),
        (("check", NEWCOMER, "shadow_re_evaluation", "--by", "ann", "--evidence", "x"), "shadow_re_evaluation"),
        (("check", NEWCOMER, "human_approval_gate", "--by", "ann", "--evidence", "x"), "approve"),
        (("check", NEWCOMER, "made_up", "--by", "ann", "--evidence", "x"), "no step"),
        (("approve", "cluster:kilo", "--by", "ann"), "3 keys begin"),
        (("approve", NEWCOMER, "--by", "ann", "--at", "yesterday"), "no instant"),
        (("approve", NEWCOMER, "--by", "a" * 257), "200 at most"),
    ],
    ids=lambda value: value if isinstance(value, str) else " ".join(value[:1]),
)  # fmt: skip
def test_what_the_rules_forbid_is_refused_at_once(reader: Desk, words: tuple[str, ...], rule: str) -> None:
    assert rule in reader.refused(*words)


def test_a_late_decision_that_undoes_a_later_one_says_so(desk: Desk) -> None:
    desk.ask("approve", NEWCOMER, "--by", "ann", "--at", "2026-02-16T12:00:00Z")
    told = desk.ask("dismiss", NEWCOMER, "--by", "bob", "--at", "2026-02-16T11:00:00Z")
    assert told["status_after"] == "dismissed" and len(told["now_refused"]) == 1


def test_a_snooze_is_recorded_and_shown(desk: Desk) -> None:
    row = desk.ask("dismiss", NEWCOMER, "--by", "ann", "--snooze-until", "2026-03-01", "--reason", "later")["row"]
    assert row["snooze_until"] == "2026-03-01T00:00:00Z"
    history = desk.ask("show", NEWCOMER)["history"]
    assert [(state["status"], state["snooze_until"]) for state in history][-1] == ("dismissed", "2026-03-01T00:00:00Z")


def test_list_filters_and_orders_by_priority(reader: Desk) -> None:
    rows = reader.ask("list")
    assert [row["priority_score"] for row in rows] == sorted((row["priority_score"] for row in rows), reverse=True)
    assert {row["status"] for row in reader.ask("list", "--status", "dismissed")} == {"dismissed"}
    assert {row["source_type"] for row in reader.ask("list", "--source", "extraction_calibration")} == {
        "extraction_calibration"
    }
    assert {row["priority"] for row in reader.ask("list", "--priority", "P1")} == {"P1"}
    assert "No candidate is like that" in reader.say("list", "--priority", "P9")


def test_show_tells_what_why_evidence_checklist_history_and_verdicts(reader: Desk) -> None:
    text = reader.say("show", cluster_key("promoted-returns"))
    for part in ("promoted", "bl-interval-saved-as-one-", "[x] regression_test_implementation", "already_promoted",
                 "Did the fix work\n  Promoted in 2026-W04 as TRACKER-101: cannot tell yet after 3 weeks",
                 "seen again in 1 week, last 2026-W06", "cluster_min_score", "Why"):  # fmt: skip
        assert part in text


def test_show_ends_with_what_one_can_do_next(reader: Desk) -> None:
    newcomer = reader.say("show", NEWCOMER).split("\nNext\n")[1]
    key = reader.ask("show", NEWCOMER)["short_key"]
    assert newcomer.split("\n")[0].strip() == f"learning-loop backlog approve {key} --by WHO --reason WHY"
    assert "\nNext\n" not in reader.say("show", cluster_key("promoted-returns"))


@pytest.mark.parametrize(
    ("status", "pending", "said"),
    [
        ("approved", ["shadow_re_evaluation"], "learning-loop shadow record pass c-1"),
        ("approved", [], "learning-loop backlog promote c-1 --by WHO --issue-ref ISSUE"),
        ("dismissed", ["human_approval_gate"], "learning-loop backlog reopen c-1 --by WHO --reason WHY"),
    ],
    ids=["a step is open", "all steps are complete", "dismissed"],
)
def test_what_comes_next_follows_from_the_status_and_the_steps(status: str, pending: list[str], said: str) -> None:
    assert decide.next_commands(status, pending, "c-1") == [said]


@pytest.mark.parametrize(
    ("what", "answer"),
    [
        (NAMES["newcomer"], "it is in the backlog"),
        (NAMES["crowd-8"], "only 6 slots"),
        (NAMES["returns-the-same"], "a person dismissed it"),
        (TURNING, "or the class under its other status"),
        ("nobody saw this", "ever seen"),
    ],
)
def test_why_names_the_verdict_and_the_bar(reader: Desk, what: str, answer: str) -> None:
    assert answer in reader.on_one_line("why", what)


def test_why_of_a_dead_end_in_json_is_an_empty_list(reader: Desk) -> None:
    assert reader.ask("why", "never heard of") == []


def test_export_knows_three_formats(reader: Desk) -> None:
    payload = json.loads(reader.say("export", NEWCOMER))
    assert payload["schema_version"] == 2 and payload["approval_required"] is True
    issue = json.loads(reader.say("export", NEWCOMER, "--format", "github"))
    assert set(issue) == {"title", "body", "labels"} and "## Acceptance criteria" in issue["body"]
    lines = reader.say("export", "--approved", "--format", "beads").splitlines()
    beads = [json.loads(line) for line in lines]
    assert len(beads) == 4 and {line["status"] for line in beads} == {"open"}
    for line in beads:
        assert line["priority"] in range(5) and line["issue_type"] == "bug" and len(line["title"].encode()) <= 500
        assert isinstance(line["acceptance_criteria"], str) and line["external_ref"].startswith("learning-loop:")


def test_export_of_nothing_says_so_beside_an_empty_output(sample_world: tuple[House, dict]) -> None:
    places = ["--warehouse", str(sample_world[0].warehouse), "--landing", str(sample_world[0].landing)]
    result = CliRunner().invoke(app, ["export", "--approved", *places])
    assert (result.exit_code, result.stdout) == (0, "")
    assert "Nothing is approved" in result.stderr


def test_export_wants_a_key_or_approved(reader: Desk) -> None:
    assert "KEY" in reader.refused("export")
    assert "unknown" in reader.refused("export", NEWCOMER, "--format", "jira")


@pytest.mark.parametrize(
    "text",
    ["@team look", "fixes #12", "closes GH-7", "![x](http://evil/x.png)", "<img src=x>",
     "see https://github.com/o/r/issues/1",
     "| a | b |", "`code`", "# head", "- [ ] task", "1. list", "a\x1b[31mred", "<!-- hidden -->", "o/r#3"],
)  # fmt: skip
def test_markdown_from_data_mentions_nobody_closes_nothing_and_is_text(text: str) -> None:
    shown = export.escaped(text)
    assert "\x1b" not in shown
    assert "@team" not in shown and "#12" not in shown and "#3" not in shown and "https://" not in shown
    assert (
        "GH-7" not in shown.replace("\\", "")
        and "](" not in shown.replace("\\]", "")
        and "<" not in shown.replace("\\<", "")
    )


def test_texts_of_others_are_shown_without_control_characters() -> None:
    assert plain("a\x1b[2Jb\u202ec\td\x00") == "a\ufffd[2Jb\ufffdc d\ufffd"
    assert plain("[bold]é[/bold]") == "[bold]é[/bold]"


def test_many_writers_at_once_leave_whole_lines(tmp_path: Path) -> None:
    at = datetime(2026, 2, 16, 3, tzinfo=UTC)

    def write(number: int) -> Path:
        row = decide.decision_row("k", "approve", f"w{number}", at)
        return decisions.record(tmp_path, "backlog_decisions", row, row["decision_id"])

    with ThreadPoolExecutor(8) as pool:
        paths = set(pool.map(write, range(40)))
    assert len(paths) == 40
    assert sorted(path.name for path in (tmp_path / "backlog_decisions").iterdir()) == sorted(
        path.name for path in paths
    )
    assert {json.loads(path.read_text())["actor"] for path in paths} == {f"w{n}" for n in range(40)}


def test_who_recorded_it_survives_the_blotting_of_addresses() -> None:
    assert "@" not in decide.recorded_by() and " on " in decide.recorded_by()


def test_without_a_published_file_it_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match="learning-loop nightly"):
        Desk(House(tmp_path)).say("list")


def test_a_class_key_is_found_by_its_class(reader: Desk) -> None:
    key = class_key(TURNING, "underperforming")
    assert reader.ask("show", f"calibration:{TURNING[:8]}")["candidate_key"] == key
