"""docs/adopt.md: its commands do what the page says."""

from __future__ import annotations

import functools
import re
import shlex

import pytest
from dbt.cli.main import dbtRunner
from typer.testing import CliRunner

from house import UNTESTED, manifest
from learning_loop.cli import app
from learning_loop.feeds import judge
from learning_loop.night import dbt_runner
from learning_loop.project import project_dir

PAGE = project_dir() / "docs/adopt.md"


@pytest.fixture
def shell(tmp_path, monkeypatch, recorded):
    """Run a line of the page in a folder of its own, and return (exit code, output)."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(judge, "recorded_statements", lambda: recorded)
    build = dbt_runner.build
    monkeypatch.setattr(dbt_runner, "build", lambda night, words, tell: build(night, [*words, *UNTESTED], tell))
    monkeypatch.setattr(dbt_runner, "dbtRunner", functools.partial(dbtRunner, manifest()))

    def run(line: str) -> tuple[int, str]:
        words, target = shlex.split(line), None
        if words[-2:-1] == [">"]:
            words, target = words[:-2], tmp_path / words[-1]
        if words[0] == "mkdir":
            (tmp_path / words[-1]).mkdir(parents=True)
            return 0, ""
        if words[0] == "mv":
            (tmp_path / words[1]).rename(tmp_path / words[2])
            return 0, ""
        if words[0] == "echo":
            code, output = 0, words[1] + "\n"
        else:
            done = CliRunner().invoke(app, words[1:])
            code, output = done.exit_code, done.output
            assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        if target:
            target.write_text(output)
        return code, output

    return run


@pytest.mark.parametrize(
    "has_night", [False, pytest.param(True, marks=pytest.mark.faults)], ids=["up to the night", "with the night"]
)
def test_the_commands_of_the_page_lead_from_an_example_line_to_a_night(shell, has_night):
    blocks = re.findall(r"(?:^ {4}.*\n)+", PAGE.read_text("utf-8"), re.MULTILINE)
    lines = [
        line.strip()
        for block in blocks
        for line in block.splitlines()
        if block.startswith(("    mk", "    ec", "    le"))
    ]
    if not has_night:
        lines = [line for line in lines if " nightly " not in line and " status " not in line]
    told = [(line, *shell(line)) for line in lines]
    checks = [(code, output) for line, code, output in told if " check " in line]
    assert [code for code, _ in checks] == [1, 1, 1]
    assert "events/first.jsonl: events, 4 rows: 4 kept" in checks[0][1]
    shown = next(block for block in blocks if "candidat_id` is no field" in block)
    for line in shown.splitlines():
        without_value = line.strip().replace(" is `Accept`: one of ", " is none of ")
        assert without_value in checks[1][1]
    assert "ingest_candidates.jsonl: not read: no feed reads it" in checks[2][1]
    if not has_night:
        return
    _, code, status = next(one for one in told if " status " in one[0])
    assert code == 0, status
    assert "ingest_editor_labels" in status and "shadow_evaluations" not in status
    assert "other feeds never brought a row" in status
