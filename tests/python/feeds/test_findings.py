"""`check` names what the night will quarantine, row for row, and says it all at once."""

from __future__ import annotations

import json
from datetime import datetime

import pytest
from typer.testing import CliRunner

from learning_loop.cli import app
from learning_loop.feeds import judge
from learning_loop.feeds.findings import check
from learning_loop.landing.tombstones import tombstones

AS_OF = datetime.fromisoformat("2026-02-16T02:00:00+00:00")
LABEL = {
    "id": "l1", "candidate_id": "c1", "action": "promoted", "actor_user_id": "secret-editor",
    "created_at": "2026-02-12T10:00:00Z",
}  # fmt: skip


@pytest.fixture
def landing(tmp_path):
    """A folder with a good label, three bad ones, a file of no form that is read, and a misspelt feed."""
    (tmp_path / "ingest_editor_labels").mkdir()
    rows = [
        LABEL,
        LABEL | {"id": "l2", "action": "Accept"},
        {"id": "l3", "candidat_id": "c1", "action": "rejected", "created_at": "noon"},
        LABEL | {"id": "l4", "action": "Accept"},
    ]
    (tmp_path / "ingest_editor_labels/a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (tmp_path / "ingest_editor_labels/b.xlsx").write_text("no form that is read")
    (tmp_path / "event").mkdir()
    (tmp_path / "event/a.jsonl").write_text("{}\n")
    return tmp_path


@pytest.fixture
def run(recorded, monkeypatch):
    """The command line, with what the user's cache would hold."""
    monkeypatch.setattr(judge, "recorded_statements", lambda: recorded)
    return lambda *words: CliRunner().invoke(app, ["check", *map(str, words), "--as-of", AS_OF.isoformat()])


def test_check_names_what_the_night_quarantines_row_for_row(sample_world, recorded):
    house, truth = sample_world
    found = check(house.landing, recorded, datetime.fromisoformat(truth["as_of"]))
    named = {
        (file.feed, file.source_file, line, reason.reason_code)
        for file in found.files
        for reason in file.reasons
        for line in reason.lines
    }
    quarantined = set(
        house.query("select feed, source_file, row_number, reason_code from quarantined_rows where released_at is null")
    )
    assert len(quarantined) > 100
    assert not quarantined - named
    assert {row[:3] for row in named} == {row[:3] for row in quarantined}
    counted = {
        (file.feed or "(none)", file.source_file): (
            file.rows_in, file.kept, file.redelivered, file.ignored, file.quarantined, bool(file.not_read),
        )
        for file in found.files
    }  # fmt: skip
    ledger = house.query(
        "select feed, source_file, rows_in, kept, redelivered, ignored, quarantined, status = 'not_read'"
        " from landing_files"
    )
    assert counted == {row[:2]: row[2:] for row in ledger}


def test_all_reasons_of_a_row_are_told_at_once_with_lines_and_the_nearest_known_field(landing, recorded):
    labels = next(file for file in check(landing, recorded, AS_OF).files if file.feed == "ingest_editor_labels")
    assert (labels.rows_in, labels.kept, labels.quarantined) == (4, 1, 3)
    assert {(reason.reason_code, reason.detail): reason.lines for reason in labels.reasons} == {
        ("unknown_value", "action"): [2, 4],
        ("missing_field", "candidate_id"): [3],
        ("missing_field", "actor_user_id"): [3],
        ("unreadable_instant", "created_at"): [3],
        ("missing_reject_reason", "reject_reason_code"): [3],
    }
    assert labels.hints == [
        "line 3: `candidat_id` is no field of ingest_editor_labels, and `candidate_id` is missing: is it meant?"
    ]


def test_what_is_read_by_nobody_is_named_with_the_nearest_feed(landing, recorded):
    found = check(landing, recorded, AS_OF)
    assert {file.source_file: file.not_read for file in found.files if file.not_read} == {
        "event/a.jsonl": "no feed reads it",
        "ingest_editor_labels/b.xlsx": "no form that is read ends so",
    }
    assert found.unknown_folders == {"event": "events"}


def test_no_value_leaves_the_terminal(landing, run):
    for done in (run(landing), run(landing, "--json")):
        assert done.exit_code == 1
        assert "candidate_id" in done.output
        assert not any(value in done.output for value in ("Accept", "secret-editor", "noon"))
    assert json.loads(run(landing, "--json").stdout)["is_clean"] is False


def test_a_terminal_shows_the_value_of_a_choice(landing, run, monkeypatch):
    monkeypatch.setattr("learning_loop.feeds.cli.console", type("Terminal", (), {"is_terminal": True}))
    shown = run(landing).output
    assert "lines 2, 4: `action` is `Accept`: one of promoted, promoted_after_edit, rejected, needs_work" in shown
    assert "secret-editor" not in shown


def signal(number: int, **signature: str) -> dict:
    return {
        "event_id": f"e{number}",
        "event_type": "learning.signal.logged",
        "timestamp": "2026-02-12T10:00:00Z",
        "data": {
            "signal_type": "workflow_violation",
            "user_ref": {"pseudonymized_user_id": f"user-{number % 3}"},
            "signature": {"issue_type": "x", **signature},
        },
    }


@pytest.mark.parametrize("signature", [{}, {"confidence_band": "high"}], ids=["without a band", "of a high band"])
def test_what_the_policy_leaves_out_is_told_before_the_night(tmp_path, run, signature):
    (tmp_path / "events").mkdir()
    rows = [json.dumps(signal(number, **signature)) for number in range(6)]
    (tmp_path / "events/a.jsonl").write_text("\n".join([*rows, ""]))
    done = run(tmp_path)
    is_left_out = "6 of 6 signals have no confidence_band, so they count as low and are left out" in done.output
    assert is_left_out == (not signature)
    assert ("1 clusters in 2026-W07" in done.output) == bool(signature)
    assert done.exit_code == (0 if signature else 1)


def test_check_writes_nothing_to_the_landing_folder(landing, run):
    before = sorted(str(path) for path in landing.rglob("*"))
    run(landing)
    assert sorted(str(path) for path in landing.rglob("*")) == before


def test_the_rows_of_an_erased_person_are_ignored_by_the_salt_of_the_night(landing, run, monkeypatch):
    said = {"erasure_id": "e1", "actor": "a", "created_at": "2026-02-13T10:00:00Z"}
    (landing / "erasures").mkdir()
    (landing / "erasures/a.jsonl").write_text(
        json.dumps(said | {"tombstones": tombstones("a salt of the night", "secret-editor")}) + "\n"
    )
    monkeypatch.setenv("LEARNING_LOOP_SALT", "a salt of the night")
    files = {file["source_file"]: file for file in json.loads(run(landing, "--json").output)["files"]}
    labels = files["ingest_editor_labels/a.jsonl"]
    assert (labels["kept"], labels["ignored"]) == (0, 3)


def test_a_folder_that_is_not_there_is_wrong_use(run, tmp_path):
    assert "does not exist" in str(run(tmp_path / "gone").exception)
