"""Exports: what came from data stays text in every tracker, and an issue is made once, by the person's own gh."""

from __future__ import annotations

import csv
import io
import json
import stat
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from typer.testing import CliRunner

from house import House
from learning_loop.backlog import export
from learning_loop.backlog.cli import app
from learning_loop.errors import WrongUse
from learning_loop.terminal import plain

MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])
ACTING = st.text(st.sampled_from("ab1 \n*_`~#>|-+=.:&;<()[]!\\$\t/@"), max_size=40)


def words_of(tokens: list[Any]) -> str:
    """What a reader of the page sees: the texts, without any markup."""
    return "".join(
        "\n" if token.type in ("softbreak", "hardbreak") else token.content
        for block in tokens
        for token in (block.children or [])
    )


@given(st.one_of(ACTING, st.text(max_size=60)))
def test_a_text_in_markdown_is_one_paragraph_or_several_of_just_that_text(text: str) -> None:
    tokens = MARKDOWN.parse(export.escaped(text))
    assert {token.type for token in tokens} <= {"paragraph_open", "inline", "paragraph_close"}
    inline = {token.type for block in tokens for token in (block.children or [])}
    assert inline <= {"text", "softbreak", "hardbreak", "text_special"}
    squeezed = plain(text, keep_newlines=True).replace(export.UNSEEN, "").split()
    assert words_of(tokens).replace(export.UNSEEN, "").split() == squeezed or "\n\n" in export.escaped(text)


@pytest.mark.parametrize("text", ["2026-W07 (0.5 to 1.2)", "set.weight by parser p-3.0", "snake_case: 3", "10:30, P1!"])
def test_nothing_is_escaped_that_would_not_act(text: str) -> None:
    assert export.escaped(text) == text


def candidate(title: str, text: str = "It happened.") -> dict[str, Any]:
    payload = {
        "schema_version": 2, "approval_required": True, "type": "bug", "priority": "P1",
        "labels": ["learning-loop", "a label"], "title": title, "description": text, "design": text,
        "root_cause_hypothesis": text, "acceptance_criteria": [text], "trend": None, "examples": [],
        "impacted_metrics": {"period_key": "2026-W07", "score": 1.0},
        "suggested_updates": {"invariant_updates": [], "policy_updates": [], "regression_tests": []},
        "promotion_checklist": {"steps": []},
        "source": {"candidate_key": "cluster:x:00ff00ff00ff00ff", "priority_score": 1.0},
    }  # fmt: skip
    return {"candidate_key": "cluster:x:00ff00ff00ff00ff", "status": "approved", "issue_payload": json.dumps(payload)}


@pytest.mark.parametrize("form", ["linear-csv", "jira-csv"])
def test_csv_holds_a_row_per_candidate_and_no_formula(form: str) -> None:
    found = [candidate("=cmd|' /C calc'!A0"), candidate('said "so", twice\nand again', "{code} [~ann] *loud* @team")]
    rows = list(csv.DictReader(io.StringIO("\n".join(export.export_all(found, form)) + "\n")))
    assert len(rows) == 2
    assert not any(text.startswith(("=", "+", "-", "@")) for row in rows for text in row.values())
    told = rows[1]["Description"]
    assert "@team" not in told and "[~" not in told.replace("\\[", "")
    assert export.marker(json.loads(found[0]["issue_payload"])) in told


GH = """#!{python}
import json, pathlib, sys
store = pathlib.Path(__file__).with_name("issues.json")
issues = json.loads(store.read_text()) if store.exists() else []
log = pathlib.Path(__file__).with_name("calls.jsonl")
log.open("a").write(json.dumps(sys.argv[1:]) + "\\n")
given = dict(word.split("=", 1) for word in sys.argv[1:] if word.startswith("--") and "=" in word)
if sys.argv[2] == "list":
    print(json.dumps(issues))
else:
    body = pathlib.Path(given["--body-file"]).read_text()
    issues.append({{"url": f"https://github.example/o/r/issues/{{len(issues) + 1}}", "body": body}})
    store.write_text(json.dumps(issues))
    print(issues[-1]["url"])
"""


@pytest.fixture
def gh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "bin"
    folder.mkdir()
    file = folder / "gh"
    file.write_text(GH.format(python=sys.executable))
    file.chmod(file.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(folder))
    return folder


def run(house: House, *words: str, answer: str | None = None) -> tuple[int, str]:
    places = ["--warehouse", str(house.warehouse), "--landing", str(house.landing)]
    done = CliRunner().invoke(app, ["export", *words, *places], input=answer)
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.exit_code, done.output


def test_create_asks_makes_each_issue_once_and_records_the_reference(copy: House, gh: Path) -> None:
    approved = {
        row[0] for row in copy.query("select short_key from learning_backlog_candidates where status='approved'")
    }
    code, output = run(copy, "--approved", "--create", "--dry-run", "--repo", "o/r")
    assert code == 0 and not (gh / "calls.jsonl").exists() and all(key in output for key in approved)
    code, output = run(copy, "--approved", "--create", "--repo", "o/r", answer="n\n" * len(approved))
    assert output.count("left alone") == len(approved) and not (gh / "issues.json").exists()
    code, output = run(copy, "--approved", "--create", "--repo", "o/r", "--by", "ann", "--yes")
    made = json.loads((gh / "issues.json").read_text())
    assert len(made) == len(approved) == output.count(": made https://github.example/")
    calls = [json.loads(line) for line in (gh / "calls.jsonl").read_text().splitlines()]
    assert all(call[:1] == ["issue"] and "--repo=o/r" in call for call in calls)
    landed = [json.loads(path.read_text()) for path in (copy.landing / "backlog_decisions").glob("dec_*.jsonl")]
    promoted = [row for row in landed if row.get("issue_ref", "").startswith("https://github.example/")]
    assert len(promoted) == output.count("promoted by ann")
    assert len(promoted) + output.count("promote it then") == len(approved)
    left = output.count("promote it then")
    code, output = run(copy, "--approved", "--create", "--repo", "o/r", "--yes")
    assert output.count("already there") == left
    assert len(json.loads((gh / "issues.json").read_text())) == len(approved)


def test_create_is_for_approved_keys_and_says_what_is_missing(copy: House, tmp_path: Path, monkeypatch: Any) -> None:
    waiting = copy.query("select short_key from learning_backlog_candidates where status = 'candidate' limit 1")[0][0]
    monkeypatch.setenv("PATH", str(tmp_path))
    for words, said in (
        ((waiting, "--create"), "is not approved"),
        (("--approved", "--create"), "no `gh` on the PATH"),
        (("--approved", "--create", "--repo", "o/r; rm -rf"), "is no repository"),
        (("--approved", "--dry-run"), "belong to --create"),
    ):
        with pytest.raises(WrongUse, match=said):
            run(copy, *words)
