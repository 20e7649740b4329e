"""The editors' and admins' commands: what they show, what they land, what they refuse."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from house import House
from learning_loop.editorial.cli import app
from learning_loop.errors import WrongUse
from learning_loop.project import project_dir


@pytest.fixture
def desk(sample_world: tuple[House, dict], tmp_path: Path):
    """Runs a command on the published sample world; decisions land in a folder of the test's own."""
    landing = tmp_path / "landing"
    landing.mkdir()

    def say(*words: str, to: bool = False) -> str:
        places = ["--warehouse", str(sample_world[0].warehouse), *(["--landing", str(landing)] if to else [])]
        result = CliRunner().invoke(app, [*words, *places])
        if isinstance(result.exception, WrongUse):
            raise result.exception
        assert result.exit_code == 0, result.output
        return " ".join(result.output.split())

    return say, landing


def landed(landing: Path) -> list[dict]:
    return [json.loads(path.read_text()) for path in sorted(landing.rglob("*.jsonl"))]


def test_sources_shows_each_source_with_its_counts_bounds_and_state(sample_world, desk):
    said = desk[0]("sources", "--all")
    overview = sample_world[0].query(
        "select source_key, promoted_count, reviewed_count, promotion_rate_lower, promotion_rate_upper"
        " from source_overview"
    )
    assert len(overview) > 4
    for source, promoted, reviewed, lower, upper in overview:
        assert f"{source} " in said and f"{promoted} of {reviewed}" in said
        assert lower is None or f"({lower:.0%} to {upper:.0%})" in said
    assert "paused by" in said


def test_sources_without_a_review_are_one_line_and_filters_choose(sample_world, desk):
    say = desk[0]
    [(silent,)] = sample_world[0].query("select count(*) from source_overview where reviewed_count = 0")
    assert f"{silent} sources without a review in 30 days" in say("sources") and "0 of 0" not in say("sources")
    fallen = sample_world[0].column("select source_key from source_overview where trend = 'decaying'")
    told = json.loads(say("sources", "--trend", "decaying", "--json"))
    assert [row["source_key"] for row in told] == fallen
    with pytest.raises(WrongUse, match="unknown"):
        say("sources", "--trend", "sideways")


def test_rules_list_says_what_editors_made_of_what_each_rule_met(sample_world, desk):
    told = json.loads(desk[0]("rules", "list", "--json"))
    assert len(told) == sample_world[0].column("select count(*) from rule_performance")[0] > 20
    assert "insufficient data" in desk[0]("rules", "list")


def test_a_pause_is_landed_so_that_the_next_night_of_old_data_sees_it(sample_world, desk):
    say, landing = desk
    source = sample_world[0].column("select source_key from source_overview where not is_paused order by all")[0]
    said = say("source", "pause", source, "--by", "ann", "--reason", "broken feed", "--until", "2026-03-01", to=True)
    assert "is paused from the next night on, until 2026-03-01 00:00 UTC" in said and "Beware" not in said
    say("source", "resume", source, "--by", "ann", "--reason", "mended", to=True)
    rows = {row["action"]: row for row in landed(landing)}
    assert rows["pause"]["created_at"] < rows["resume"]["created_at"] < "2026-02-16T02:00:03Z"
    assert (rows["pause"]["source_key"], rows["pause"]["actor"], rows["pause"]["reason"]) == (
        source,
        "ann",
        "broken feed",
    )


def test_an_override_of_an_unknown_candidate_is_landed_with_a_warning(desk):
    say, landing = desk
    assert "Beware" in say("override", "nobody", "hidden", "--by", "ann", "--reason", "spam", to=True)
    assert [(row["candidate_id"], row["visibility"]) for row in landed(landing)] == [("nobody", "hidden")]


def test_a_decision_that_nobody_signs_is_refused(desk):
    say, landing = desk
    with pytest.raises(WrongUse, match="signed"):
        say("source", "pause", "s", "--by", " ", "--reason", "r", to=True)
    assert landed(landing) == []


def test_rules_on_trial_name_what_would_change_and_an_unchanged_file_changes_nothing(desk, tmp_path):
    shipped = project_dir() / "seeds" / "policy" / "quality_rules.csv"
    assert "No rule would change" in desk[0]("rules", "try", str(shipped))
    dearer = tmp_path / "dearer.csv"
    shutil.copy(shipped, dearer)
    lines = dearer.read_text().splitlines(keepends=True)
    dearer.write_text("".join(line for line in lines if not line.startswith("clarity_shouting,")))
    said = desk[0]("rules", "try", str(dearer))
    assert "clarity_shouting" in said and "none" in said
    with pytest.raises(WrongUse, match=r"is not there\. Copy"):
        desk[0]("rules", "try", str(tmp_path / "missing.csv"))


def test_without_a_warehouse_the_tables_say_how_to_make_one(tmp_path):
    result = CliRunner().invoke(app, ["sources", "--warehouse", str(tmp_path / "none.duckdb")])
    assert isinstance(result.exception, WrongUse) and "learning-loop nightly" in str(result.exception)
