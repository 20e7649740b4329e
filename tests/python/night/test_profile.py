"""dbt parses the whole project anew when its profile is another one, which costs more than a night without rows."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

from learning_loop.night import steps

PROFILE = Path(__file__).parents[3] / "profiles/profiles.yml"


def test_wherever_a_warehouse_lies_and_whenever_its_night_runs_the_profile_is_the_same(tmp_path, monkeypatch):
    monkeypatch.setenv("LEARNING_LOOP_SALT", "a salt for tests only")
    nights = [
        steps.Night(tmp_path / name, tmp_path / name / "learning_loop.duckdb", datetime(2026, 2, day, tzinfo=UTC))
        for day, name in ((16, "here"), (17, "there"))
    ]
    for night in nights:
        night.work_dir.mkdir(parents=True)
    here, there = (steps.environment(night) for night in nights)
    read = set(re.findall(r"env_var\('(\w+)'", PROFILE.read_text("utf-8").partition("published:")[0]))
    assert "LEARNING_LOOP_BUILD" in read
    assert {name: here.get(name) for name in read} == {name: there.get(name) for name in read}
    assert here["LEARNING_LOOP_LANDING"] != there["LEARNING_LOOP_LANDING"]


def test_the_profile_sets_nothing_on_each_cursor():
    assert "settings:" not in PROFILE.read_text("utf-8").partition("published:")[0]
