"""Each importer on an export shaped like its tool's documentation: the rows, and that a night keeps every one."""

from __future__ import annotations

import json
import re
import shutil
import stat
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from house import UNTESTED, WAREHOUSE, build, selection
from learning_loop.cli import app
from learning_loop.errors import WrongUse
from learning_loop.importing import importer as importers
from learning_loop.importing import importing
from learning_loop.landing.folder import known_feeds
from learning_loop.night import steps
from learning_loop.project import project_dir
from learning_loop.stage_b import export as stage_b_export

EXAMPLES = Path(__file__).with_name("examples")
FEEDS = known_feeds()
# Importer, files, map: what comes out of them, per feed.
CASES: dict[str, tuple[str, list[str], str | None, dict[str, int]]] = {
    "Label Studio, JSON": ("label_studio", ["label_studio.json"], None,
        {"ingest_candidates": 2, "ingest_editor_labels": 2, "stage_b_review_labels": 1}),
    "Label Studio, JSON_MIN": ("label_studio", ["label_studio_min.json"], None,
        {"ingest_candidates": 1, "ingest_editor_labels": 2, "stage_b_review_labels": 0}),
    "Argilla, the server": ("argilla", ["argilla.json"], None,
        {"ingest_candidates": 1, "ingest_editor_labels": 1, "stage_b_review_labels": 1}),
    "Argilla, the SDK": ("argilla", ["argilla_sdk.json"], "argilla_sdk.map.yml",
        {"ingest_candidates": 1, "ingest_editor_labels": 2, "stage_b_review_labels": 0}),
    "Langfuse": ("langfuse", ["langfuse.json", "langfuse_scores.jsonl", "langfuse_observations.jsonl"], None,
        {"events": 11}),
    "OpenInference": ("openinference",
        ["openinference_spans.jsonl", "openinference_annotations.json", "openinference_otlp.jsonl"], None,
        {"events": 7}),
    "Scrapy": ("scrapy", ["scrapy_2026-02-12T10-00-00+00-00.jl", "scrapy_items.json"], None,
        {"ingest_candidates": 3, "ingest_runs": 1}),
    "GitHub": ("github", ["github_issues.json", "github_pulls.json"], None,
        {"ingest_candidates": 3, "ingest_editor_labels": 3, "events": 3}),
    "a table": ("table", ["table_labels.csv"], "table_labels.map.yml", {"ingest_editor_labels": 2}),
}  # fmt: skip


def imported(
    out: Path, name: str, files: list[Path], map_: Path | None = None, since: Any = None
) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of each feed as they were written."""
    chosen = importers.with_map(importers.load(name), map_)
    importing.run(chosen, files, out, FEEDS, project_dir(), since)
    return written(out)


@pytest.fixture(scope="module")
def landing(tmp_path_factory):
    """A landing folder for each case, which a test may read."""
    root = tmp_path_factory.mktemp("examples")
    return lambda case: root / re.sub(r"\W", "_", case)


@pytest.fixture
def example(landing):
    """The rows of a case, imported once."""

    def rows(case: str) -> dict[str, list[dict[str, Any]]]:
        name, files, map_, _ = CASES[case]
        if landing(case).exists():
            return written(landing(case))
        return imported(landing(case), name, [EXAMPLES / file for file in files], EXAMPLES / map_ if map_ else None)

    return rows


def written(out: Path) -> dict[str, list[dict[str, Any]]]:
    return {
        folder.name: [json.loads(line) for path in folder.glob("*.jsonl") for line in path.read_text().splitlines()]
        for folder in out.glob("*")
    }


def content(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def changed(tmp_path: Path, name: str, old: str, new: str) -> Path:
    text = (EXAMPLES / name).read_text()
    assert old in text
    path = tmp_path / name
    path.write_text(text.replace(old, new))
    return path


@pytest.mark.parametrize("case", CASES)
def test_the_same_export_twice_is_the_same_files_which_are_their_users_alone(landing, example, case):
    name, files, map_, expected = CASES[case]
    assert {feed: len(rows) for feed, rows in example(case).items()} == {feed: n for feed, n in expected.items() if n}
    before = content(landing(case))
    modified = {path: path.stat().st_mtime_ns for path in landing(case).rglob("*")}
    imported(landing(case), name, [EXAMPLES / file for file in files], EXAMPLES / map_ if map_ else None)
    assert content(landing(case)) == before
    assert {path: path.stat().st_mtime_ns for path in landing(case).rglob("*")} == modified
    assert {stat.S_IMODE(path.stat().st_mode) for path in modified} == {0o600, 0o700}


def test_the_night_keeps_every_row_of_every_importer(tmp_path, landing, example):
    delivered: Counter[str] = Counter()
    for case in CASES:
        if case != "Label Studio, JSON_MIN":  # the same labels as of JSON, less their notes
            for feed, rows in example(case).items():
                shutil.copytree(landing(case) / feed, tmp_path / "landing" / feed, dirs_exist_ok=True)
                delivered[feed] += len(rows)
    # Staging alone: it reads and judges.
    night = steps.Night(tmp_path / "landing", tmp_path / WAREHOUSE, datetime(2026, 2, 16, 2, tzinfo=UTC))
    night.work_dir.mkdir(parents=True)
    models = selection([f"+stg_{feed}" for feed in delivered])
    build(night, [*steps.dbt_arguments(night, steps.Published()), *models, *UNTESTED])
    with duckdb.connect(str(night.private_file), read_only=True) as con:
        refused = con.execute("select feed, reason_code, detail from scratch.landing_quarantine").fetchall()
        kept = {
            feed: con.execute(f"select count(*) from staging.stg_{feed} where not is_displaced").fetchone()[0]
            for feed in delivered
        }
        unnamed = "select count(*) from staging.stg_events where not regexp_full_match(user_id, 'u_[0-9a-f]{24}')"
        assert con.execute(unnamed).fetchone() == (0,)
    assert refused == []
    assert kept == delivered


def test_label_studio_gives_candidates_labels_and_reviews(tmp_path, example):
    found = example("Label Studio, JSON")
    labels = {row["candidate_id"]: row for row in found["ingest_editor_labels"]}
    assert set(labels) == {"label_studio:1", "c-77"}  # a task that names its candidate is about that one
    assert {row["id"] for row in found["ingest_candidates"]} == {"label_studio:1", "label_studio:4"}
    assert labels["label_studio:1"]["note"] == "Good as it is.\nShip it."
    rejected = labels["c-77"]
    assert (rejected["action"], rejected["reject_reason_code"]) == ("rejected", "too_vague_or_generic")
    assert rejected["actor_user_id"] == "11"  # never the address beside it
    [review] = found["stage_b_review_labels"]
    assert {name: review[name] for name in ("run_id", "mission", "ticket_key", "label", "note")} == {
        "run_id": "run-1", "mission": "bolts", "ticket_key": "t7::fail", "label": "fail", "note": "the bolt is missing",
    }  # fmt: skip


def test_json_min_makes_the_labels_that_json_makes(example):
    whole, least = (
        {(row["id"], row["candidate_id"], row["action"]) for row in example(case)["ingest_editor_labels"]}
        for case in ("Label Studio, JSON", "Label Studio, JSON_MIN")
    )
    assert whole == least


def test_an_edited_annotation_is_a_new_label(tmp_path, example):
    before = example("Label Studio, JSON")
    edited = changed(tmp_path, "label_studio.json", "2026-02-09T22:16:08.728378Z", "2026-02-14T09:00:00.000000Z")
    after = imported(tmp_path / "b", "label_studio", [edited])
    ids = [{row["id"] for row in found["ingest_editor_labels"]} for found in (before, after)]
    assert len(ids[0] - ids[1]) == len(ids[1] - ids[0]) == 1
    assert before["ingest_candidates"] == after["ingest_candidates"]


def test_a_ticket_in_json_min_has_lost_its_run_and_says_so(tmp_path):
    path = tmp_path / "min.json"
    lost = {"text": "x", "ticket": "t7::fail", "label_in_the_data": "fail", "id": 3, "label": "fail", "annotator": 1}
    at = "2026-02-10T08:00:00Z"
    path.write_text(json.dumps([lost | {"annotation_id": 9, "created_at": at, "updated_at": at}]))
    with pytest.raises(WrongUse, match=r"min.json, record 1: is a ticket .* JSON_MIN loses `meta`"):
        imported(tmp_path / "landing", "label_studio", [path])
    assert not (tmp_path / "landing").exists()


def test_the_tasks_that_stage_b_exports_come_back_as_reviews(tmp_path):
    ticket = {"run_id": "r", "mission": "m", "ticket_key": "t::pass"}
    shown = {
        "is_resolved": False,
        "pred_reason": "seen",
        "pred_verdict": "fail",
        "gt_label": "pass",
        "reason_code": "x",
    }
    files = stage_b_export.task_files([ticket | shown])
    [task] = json.loads(files["label_studio_tasks.json"])
    [prediction] = task["predictions"]
    answer = {"id": 5, "completed_by": 1, "updated_at": "2026-02-10T08:00:00Z", "result": prediction["result"]}
    (tmp_path / "ls.json").write_text(json.dumps([{"id": 1, "annotations": [answer], **task}]))
    [record] = json.loads(files["argilla_records.json"])
    record["responses"] = {"label": [{"value": "pass", "user_id": "u1"}]}
    (tmp_path / "argilla.json").write_text(json.dumps([record]))
    for name, file, label in (("label_studio", "ls.json", "fail"), ("argilla", "argilla.json", "pass")):
        map_ = EXAMPLES / "argilla_sdk.map.yml" if name == "argilla" else None
        found = imported(tmp_path / name, name, [tmp_path / file], map_)
        assert set(found) == {"stage_b_review_labels"}
        assert [{**ticket, "label": label}] == [
            {key: row[key] for key in (*ticket, "label")} for row in found["stage_b_review_labels"]
        ]


def test_argilla_of_the_sdk_wants_to_know_when(tmp_path, example):
    with pytest.raises(WrongUse, match=r"argilla_sdk.json, record 1: has answers without a time.*answered_at_for_all"):
        imported(tmp_path, "argilla", [EXAMPLES / "argilla_sdk.json"])
    labels = example("Argilla, the SDK")["ingest_editor_labels"]
    assert {(row["action"], row.get("note")) for row in labels} == {("promoted", None), ("needs_work", "which blue?")}
    [rejected] = example("Argilla, the server")["ingest_editor_labels"]
    assert (rejected["candidate_id"], rejected["reject_reason_code"]) == ("argilla:c9", "low_content_quality")


def by_type(rows: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    return {kind: [row for row in rows if row["event_type"] == kind] for kind in {row["event_type"] for row in rows}}


def test_a_judges_score_is_a_claim_that_a_persons_other_word_corrects(tmp_path, example):
    rows = by_type(example("Langfuse")["events"])
    claims = {row["data"]["lineage"]["event_id"]: row["data"] for row in rows["evidence.claim.logged"]}
    assert {about: claim["confidence"] for about, claim in claims.items()} == {
        "langfuse:o1": 0.9, "langfuse:o2": 0.9, "langfuse:t3": 0.8, "langfuse:t9": 0.95,
    }  # fmt: skip
    assert claims["langfuse:o1"]["provenance"] == {"parser_version": "judge-2"}
    corrections = {row["data"]["target_event_id"]: row["data"]["changed_fields"] for row in rows["set.corrected"]}
    assert corrections == {
        "langfuse:o1": {"faithful": {"from": "pass", "to": "fail"}},
        "langfuse:t3": {"faithful": {"from": "fail", "to": "pass"}},
    }
    signals = [row["data"] for row in rows["learning.signal.logged"]]
    assert sorted(
        (one["signature"]["issue_type"], one["user_ref"]["pseudonymized_user_id"], one["category"]) for one in signals
    ) == [
        ("faithful", "bob", "quality_signal"), ("faithful", "session-9", "quality_signal"),
        ("faithful: False", "id:u_planted-user", "quality_signal"), ("feedback: thumbs down", "bob", "friction_signal"),
    ]  # fmt: skip
    [overruled] = rows["event.retracted"]  # the alarm of the judge on t3, which a person did not share
    assert overruled["data"]["retracted_event_id"] not in {row["event_id"] for row in rows["learning.signal.logged"]}


def test_an_annotation_that_was_changed_takes_its_correction_and_its_signal_back(tmp_path, example):
    before = by_type(example("Langfuse")["events"])
    at = '"updatedAt": "2026-02-10T11:00:00.000Z"'
    edited = changed(tmp_path, "langfuse.json", at, at.replace("02-10", "02-13"))
    edited.write_text(
        edited.read_text().replace('"value": 0, "stringValue": "False"', '"value": 1, "stringValue": "True"')
    )
    files = [edited, EXAMPLES / "langfuse_scores.jsonl", EXAMPLES / "langfuse_observations.jsonl"]
    after = by_type(imported(tmp_path / "b", "langfuse", files)["events"])
    gone = {row["event_id"] for kind in ("set.corrected", "learning.signal.logged") for row in before[kind]} - {
        row["event_id"] for kind in ("set.corrected", "learning.signal.logged") for row in after[kind]
    }
    assert len(gone) == 2
    assert gone < {row["data"]["retracted_event_id"] for row in after["event.retracted"]}


def test_a_score_on_the_bar_is_good_and_bands_begin_on_their_bars(tmp_path):
    def score(number: int, value: float, sure: float, name: str = "faithful") -> dict[str, Any]:
        return {
            "id": f"s{number}", "name": name, "value": value, "source": "EVAL", "dataType": "NUMERIC",
            "traceId": f"t{number}", "timestamp": "2026-02-10T10:00:00Z", "metadata": {"confidence": sure},
        }  # fmt: skip

    scores = [
        score(1, 0.5, 0.9), score(2, 0.499999, 0.86), score(3, 0, 0.859999), score(4, 0, 0.6), score(5, 0, 0.599999),
        score(6, 0.5, 0.9, "toxicity"), score(7, 0.499999, 0.9, "toxicity"), score(8, 1.000001, 0.9), score(9, 0, 1.1),
    ]  # fmt: skip
    (tmp_path / "scores.json").write_text(json.dumps(scores))
    rows = by_type(imported(tmp_path / "landing", "langfuse", [tmp_path / "scores.json"])["events"])
    bands = {
        row["data"]["user_ref"]["pseudonymized_user_id"]: row["data"]["signature"]["confidence_band"]
        for row in rows["learning.signal.logged"]
    }
    assert bands == {"t2": "high", "t3": "medium", "t4": "medium", "t5": "low", "t6": "high", "t9": "high"}
    about = {row["data"]["lineage"]["event_id"] for row in rows["evidence.claim.logged"]}
    # Neither a score out of its range nor a confidence of 1.1.
    assert about == {f"langfuse:t{number}" for number in range(1, 8)}


def test_a_verdict_can_be_explained_and_left_out_and_nothing_else(tmp_path):
    for means, signals in (("fail", 4), ("pass", 3), ("null", 3)):
        (tmp_path / "map.yml").write_text(f"values: {{verdict: {{sports: {means}}}}}")
        found = imported(tmp_path / means, "langfuse", [EXAMPLES / "langfuse.json"], tmp_path / "map.yml")
        assert len(by_type(found["events"])["learning.signal.logged"]) == signals
    for wrong in ("verdict: {sports: passed}", "direction: {faithful: down}"):
        (tmp_path / "map.yml").write_text(f"values: {{{wrong}}}")
        with pytest.raises(WrongUse, match="The export: cannot be judged: in --map a verdict is pass, fail or null"):
            imported(tmp_path / "no", "langfuse", [EXAMPLES / "langfuse.json"], tmp_path / "map.yml")


def test_spans_of_phoenix_and_of_otlp_are_judged_alike(tmp_path, example):
    rows = by_type(example("OpenInference")["events"])
    claims = {row["data"]["claim_type"]: row["data"] for row in rows["evidence.claim.logged"]}
    assert {name: (claim["confidence"], claim["provenance"]["parser_version"]) for name, claim in claims.items()} == {
        "judge.correctness": (0.8, "m-1"), "judge.Relevance": (0.8, "m-2"),
    }  # fmt: skip
    assert [row["data"]["target_event_id"] for row in rows["set.corrected"]] == ["openinference:a100000000000001"]
    signals = {row["data"]["signature"]["issue_type"]: row["data"] for row in rows["learning.signal.logged"]}
    assert {name: signal["user_ref"]["pseudonymized_user_id"] for name, signal in signals.items()} == {
        "correctness: incorrect": "bob", "Relevance": "s1", "TimeoutError": "s9", "error": "s1",
    }  # fmt: skip
    assert "planted secret" not in json.dumps(rows)


def test_a_judge_that_does_not_say_how_sure_it_is_is_noted_and_makes_no_claim(tmp_path):
    said = {
        "span_id": "a1", "name": "correct", "annotator_kind": "LLM", "result": {"label": "wrong", "score": 0.2},
        "created_at": "2026-02-10T10:01:00Z", "updated_at": "2026-02-10T10:01:00Z",
    }  # fmt: skip
    (tmp_path / "a.json").write_text(json.dumps([said | {"id": "1"}, said | {"id": "2", "metadata": {"sure": 0.7}}]))
    for place, notes, claims in (("metadata.confidence", 2, 0), ("metadata.sure", 1, 1)):
        (tmp_path / "map.yml").write_text(f"settings: {{confidence: {place}}}")
        chosen = importers.with_map(importers.load("openinference"), tmp_path / "map.yml")
        done = importing.run(chosen, [tmp_path / "a.json"], tmp_path / place, FEEDS, project_dir(), None)
        assert [note.split(" x ")[0] for note in done.notes] == [str(notes)]
        assert "does not say how sure it is" in done.notes[0]
        found = by_type(written(tmp_path / place)["events"])
        assert len(found.get("evidence.claim.logged", [])) == claims


def test_an_item_of_scrapy_is_a_candidate_and_its_stats_are_a_run(tmp_path, example):
    found = example("Scrapy")
    candidates = {row["title"]: row for row in found["ingest_candidates"]}
    assert {title: (row["source_key"], row["created_at"]) for title, row in candidates.items()} == {
        "Build a boat": ("reeds", "2026-02-12T10:00:00.000000Z"),
        "Paint a door": ("example.org", "2026-02-12T10:00:00.000000Z"),
        "Do things": ("shelf", "2026-02-08T09:00:00.000000Z"),
    }
    assert candidates["Build a boat"]["meta_json"] == {
        "strategy": "css", "selector": "h2 a", "parser_confidence": 0.7, "rule_version": "r3",
        "quality_flags": ["thin"],
    }  # fmt: skip
    assert candidates["Do things"]["id"] == "c-77"
    [run] = found["ingest_runs"]
    assert (run["source_key"], run["status"], run["started_at"]) == ("reeds", "partial", "2026-02-12T10:00:00.123456Z")


def test_pull_requests_are_candidates_with_labels_and_issues_are_signals(tmp_path, example):
    found = example("GitHub")
    labels = {(row["candidate_id"], row["action"]): row for row in found["ingest_editor_labels"]}
    assert set(labels) == {
        ("github:acme/app#8", "needs_work"), ("github:acme/app#8", "rejected"), ("github:acme/app#9", "promoted"),
    }  # fmt: skip
    assert labels["github:acme/app#8", "rejected"]["reject_reason_code"] == "duplicate_existing_idea"
    assert {row["actor_user_id"] for row in labels.values()} == {"ann"}
    events = by_type(found["events"])
    signals = {row["event_id"]: row["data"]["signature"] for row in events["learning.signal.logged"]}
    assert sorted((one["issue_type"], one["confidence_band"]) for one in signals.values()) == [
        ("bug", "medium"), ("parser", "high"),
    ]  # fmt: skip
    [retracted] = events["event.retracted"]
    assert signals[retracted["data"]["retracted_event_id"]]["issue_type"] == "parser"


def test_a_table_says_the_same_as_csv_as_parquet_and_as_json(tmp_path):
    rows = [
        {"label uuid": "l1", "item": "c1", "verdict": "Accept", "who": "ann", "when": "2026-02-10T10:00:00Z"},
        {"label uuid": "l2", "item": "c2", "verdict": "Bin it", "who": "Bob, B.", "when": "2026-02-11T10:00:00Z"},
    ]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "t.parquet")
    (tmp_path / "t.json").write_text(json.dumps(rows, indent=1))
    found = [
        imported(tmp_path / path.suffix, "table", [path], EXAMPLES / "table_labels.map.yml")
        for path in (EXAMPLES / "table_labels.csv", tmp_path / "t.parquet", tmp_path / "t.json")
    ]
    assert found[0] == found[1] == found[2]
    assert {row["id"]: row.get("reject_reason_code") for row in found[0]["ingest_editor_labels"]} == {
        "l1": None, "l2": "not_actionable",
    }  # fmt: skip


def test_a_field_that_no_row_has_is_asked_for(tmp_path):
    (tmp_path / "map.yml").write_text("settings: {feed: quality_flags}\ncolumns: {candidate_id: item, raised_at: when}")
    with pytest.raises(WrongUse, match="none of the rows of quality_flags has `flag`, which it requires"):
        imported(tmp_path / "landing", "table", [EXAMPLES / "table_labels.csv"], tmp_path / "map.yml")
    text = (EXAMPLES / "table_labels.map.yml").read_text().replace("{id: label uuid,", "{id: label uuid, note: remark,")
    (tmp_path / "map.yml").write_text(text)
    chosen = importers.with_map(importers.load("table"), tmp_path / "map.yml")
    done = importing.run(chosen, [EXAMPLES / "table_labels.csv"], tmp_path / "landing", FEEDS, project_dir(), None)
    assert [one.row_count for one in done.written] == [2]  # a field that may be missing is missed aloud
    assert [note.partition(") ")[2][:16] for note in done.notes] == ["has no remark, w"]


def test_since_takes_what_changed_at_or_after_an_instant(tmp_path):
    at = datetime(2026, 2, 10, 8, 0, 1, tzinfo=UTC)
    labels = imported(tmp_path / "a", "label_studio", [EXAMPLES / "label_studio.json"], since=at)
    assert [row["candidate_id"] for row in labels["ingest_editor_labels"]] == ["c-77"]
    late = imported(tmp_path / "b", "label_studio", [EXAMPLES / "label_studio.json"], since=at.replace(second=2))
    assert "ingest_editor_labels" not in late and late["stage_b_review_labels"]


def test_a_word_that_the_map_does_not_know_stops_the_import_until_it_does(tmp_path):
    path = changed(tmp_path, "label_studio.json", '"Reject"', '"Planted word"')
    with pytest.raises(
        WrongUse, match=r"`action` of ingest_editor_labels .* 1 of the rows .*record 2.*values: \{action"
    ) as no:
        imported(tmp_path / "landing", "label_studio", [path])
    assert "lanted" not in str(no.value) and not (tmp_path / "landing").exists()
    for means, expected in (("rejected", 2), ("null", 1)):
        (tmp_path / "map.yml").write_text(f"values: {{action: {{planted word: {means}}}}}")
        found = imported(tmp_path / means, "label_studio", [path], tmp_path / "map.yml")
        assert len(found["ingest_editor_labels"]) == expected


@pytest.mark.parametrize("name", sorted(importers.known()))
def test_another_tools_export_is_refused_without_a_value_of_it(tmp_path, name):
    map_ = EXAMPLES / "table_labels.map.yml" if name == "table" else None
    own = {file for case in CASES.values() if case[0] == name for file in case[1]}
    for file in sorted({"label_studio.json", "openinference_spans.jsonl", "github_issues.json"} - own):
        with pytest.raises(WrongUse) as no:
            imported(tmp_path / "landing", name, [EXAMPLES / file], map_)
        assert file in str(no.value)
        assert not {"planted", "boat", "bob"} & set(str(no.value).lower().split())
    assert not (tmp_path / "landing").exists()


@pytest.mark.parametrize(
    ("name", "held", "said"),
    [
        ("a.json", b"", "holds no record"),
        ("a.json", b'[{"planted": 1', "cannot be read as JSON"),
        ("a.parquet", b"planted", "cannot be read as Parquet"),
        ("a.json.gz", b"planted", "cannot be read as JSON"),
        ("a.json", b"[1, 2]", "is no task"),
    ],
)
def test_a_broken_file_is_said_in_a_line(tmp_path, name, held, said):
    (tmp_path / name).write_bytes(held)
    with pytest.raises(WrongUse, match=said) as no:
        imported(tmp_path / "landing", "label_studio", [tmp_path / name])
    assert "planted" not in str(no.value)


def test_a_file_of_any_name_is_read_and_only_that_one(tmp_path):
    (tmp_path / "o'[d]").mkdir()
    path = tmp_path / "o'[d]" / "x*[1]'.json"
    shutil.copy(EXAMPLES / "label_studio.json", path)
    (tmp_path / "o'[d]" / "x*1'.json").write_text("no json")
    assert set(imported(tmp_path / "landing", "label_studio", [path])) == set(CASES["Label Studio, JSON"][3])


def test_no_link_is_followed_out_of_the_landing_folder(tmp_path, example):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "landing").mkdir()
    (tmp_path / "landing" / "events").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(WrongUse, match="is a link"):
        imported(tmp_path / "landing", "langfuse", [EXAMPLES / "langfuse.json"])
    assert not list((tmp_path / "elsewhere").iterdir())


def test_the_command_says_what_it_did_what_there_is_and_what_is_expected(tmp_path):
    run = CliRunner().invoke
    done = run(app, ["import", "langfuse", str(EXAMPLES / "langfuse.json"), "--out", str(tmp_path)])
    assert done.exit_code == 0, done.output
    assert "events: 9 rows in" in done.output and "says neither pass nor fail" in done.output
    assert f"Next: learning-loop check {tmp_path}" in done.output.replace("\n", "")
    listed = run(app, ["import"]).output
    assert all(name in listed for name in importers.known())
    shown = run(app, ["import", "label_studio"]).output
    assert "candidate_id: candidate_id" in shown and "accept: promoted" in shown
    again = run(app, ["import", "langfuse", str(EXAMPLES / "langfuse.json"), "--out", str(tmp_path), "--json"])
    assert [one["is_new"] for one in json.loads(again.output)["written"]] == [False]
    unknown = run(app, ["import", "labelstudio", "x.json"])
    assert isinstance(unknown.exception, WrongUse) and "label_studio" in str(unknown.exception)
