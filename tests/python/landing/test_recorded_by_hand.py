"""`shadow record`, `change record` and `flag` land rows that a night keeps, and refuse what none would."""

from __future__ import annotations

import json

import pytest
from jsonschema import Draft202012Validator
from typer.testing import CliRunner

from learning_loop.cli import app
from learning_loop.errors import WrongUse
from learning_loop.feeds.schema import schema
from learning_loop.landing.folder import known_feeds

FEEDS = {feed.name: feed for feed in known_feeds()}


@pytest.fixture
def run(tmp_path):
    """The command line, without a warehouse; returns what it printed, or what it refused."""
    (tmp_path / "landing").mkdir()

    def invoke(*words: str):
        own = ["--landing", str(tmp_path / "landing"), "--warehouse", str(tmp_path / "no.duckdb")]
        done = CliRunner().invoke(app, [*words, *own])
        return done.exception if isinstance(done.exception, WrongUse) else done

    return invoke


@pytest.mark.parametrize(
    ("words", "feed", "expected"),
    [
        (
            ["shadow", "record", "pass", "c-0f006126", "--deltas", '{"rate": -0.1}', "--at", "2026-02-16"],
            "shadow_evaluations",
            {"candidate_key": "c-0f006126", "verdict": "pass", "metric_deltas": {"rate": -0.1}},
        ),
        (
            ["shadow", "record", "insufficient_data", "--experiment", "e1", "--deltas", "few", "--at", "2026-02-16"],
            "shadow_evaluations",
            {"experiment_id": "e1", "verdict": "insufficient_data", "metric_deltas": "few"},
        ),
        (
            [
                *("change", "record", "shop", "v4", "--by", "ann", "--mode", "canary", "--experiment", "e1"),
                *("--change", '{"prompt": "short"}', "--at", "2026-02-16T10:00:00Z"),
            ],
            "ingest_tuning_changes",
            {
                "source_key": "shop", "config_version": "v4", "approved_by": "ann", "deployment_mode": "canary",
                "experiment_id": "e1", "change_json": {"prompt": "short"},
            },
        ),
        (
            ["flag", "c1", "safety", "--raised-by", "bob", "--at", "2026-02-16"],
            "quality_flags",
            {"candidate_id": "c1", "flag": "safety", "raised_by": "bob"},
        ),
    ],
    ids=["a candidate's fix", "an experiment", "a change", "a flag"],
)  # fmt: skip
def test_what_is_recorded_is_a_row_that_the_night_keeps(run, tmp_path, words, feed, expected):
    done = run(*words)
    assert done.exit_code == 0 and f"Recorded in {feed}, for the next night." in done.output
    [path] = (tmp_path / "landing" / feed).iterdir()
    [row] = [json.loads(line) for line in path.read_text().splitlines()]
    assert expected.items() <= row.items()
    assert row[FEEDS[feed].instant].startswith("2026-02-16T")
    assert Draft202012Validator(schema(FEEDS[feed])).is_valid(row)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["shadow", "record", "pass"], "Name a KEY or an --experiment"),
        (["shadow", "record", "pass", "c-1", "--experiment", "e"], "Name a KEY or an --experiment"),
        (["change", "record", "shop", "v4", "--by", "ann", "--change", "[1]"], "--change is no JSON object"),
        (["change", "record", " ", "v4", "--by", "ann"], "source_key is blank"),
        (["flag", "c" * 257, "safety"], "candidate_id is blank, or longer than 256"),
        (["flag", "c1", "safety", "--at", "noon"], "--at"),
    ],
    ids=["nothing", "both", "no object", "blank", "too long", "no instant"],
)
def test_what_no_night_would_keep_is_refused_and_nothing_is_written(run, tmp_path, words, said):
    assert said in str(run(*words))
    assert not list((tmp_path / "landing").iterdir())


def test_json_says_the_row_and_the_file(run):
    told = json.loads(run("flag", "c1", "compliance_incident", "--json").stdout)
    assert told["row"]["flag"] == "compliance_incident" and told["beware"] is None and told["file"].endswith(".jsonl")
