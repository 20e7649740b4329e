"""What a night tells of the commands that it names: with the export they work in the shell that ran it."""

from __future__ import annotations

import shlex
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from learning_loop.night import cli
from learning_loop.night.steps import Night


def night(landing: Path, warehouse: Path) -> Night:
    return Night(
        landing=landing, warehouse=warehouse, as_of=datetime(2026, 2, 16, 2, tzinfo=UTC), full_refresh=False,
        with_bridge=True, keep=0, all_tests=False, may_be_ahead=True,
    )  # fmt: skip


def test_a_shell_is_told_what_differs_from_its_defaults_and_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("LEARNING_LOOP_LANDING", "LEARNING_LOOP_WAREHOUSE"):
        monkeypatch.delenv(name, raising=False)
    usual = tmp_path / "warehouse" / "learning_loop.duckdb"
    monkeypatch.setattr(cli.shutil, "which", lambda _: "/usr/bin/learning-loop")
    assert cli._places(night(tmp_path / "landing", usual)) == ""
    other = tmp_path / "of ann's"
    told = shlex.split(cli._places(night(other, other / "learning_loop.duckdb")))
    assert told == [
        "export", f"LEARNING_LOOP_LANDING={other}", f"LEARNING_LOOP_WAREHOUSE={other / 'learning_loop.duckdb'}"
    ]  # fmt: skip
    monkeypatch.setattr(cli.shutil, "which", lambda _: None)
    told = shlex.split(cli._places(night(tmp_path / "landing", usual)))
    assert told[0] == "export" and told[1].startswith("PATH=/") and told[1].endswith(":$PATH")


def test_a_night_names_its_landing_folder_though_the_build_writes_it_into_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("LEARNING_LOOP_LANDING", raising=False)
    monkeypatch.setattr(cli.shutil, "which", lambda _: "/usr/bin/learning-loop")
    landing, said = tmp_path / "sample", []

    def run(night: Night, *_: object) -> None:
        monkeypatch.setenv("LEARNING_LOOP_LANDING", str(night.landing))

    monkeypatch.setattr(cli, "runner", lambda: run)
    monkeypatch.setattr(cli.summary, "summarize", lambda *_: None)
    monkeypatch.setattr(cli, "_tell", lambda *told: said.extend(told))
    monkeypatch.setenv("LEARNING_LOOP_TARGET", "local")
    done = CliRunner().invoke(cli.app, ["--landing", str(landing), "--as-of", "2026-02-16T02:00:00Z"])
    assert done.exit_code == 0, done.output
    assert said[-1] == f"export LEARNING_LOOP_LANDING={landing}"
