"""What docs/importing.md shows is what runs."""

from __future__ import annotations

import hashlib
import hmac
import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import yaml

from learning_loop.importing import importer
from learning_loop.project import project_dir

PAGE = (project_dir() / "docs" / "importing.md").read_text("utf-8")
EXAMPLES = Path(__file__).with_name("examples")


def block(kind: str, holds: str) -> str:
    [found] = [text for text in re.findall(rf"```{kind}\n(.*?)```", PAGE, re.DOTALL) if holds in text]
    return found


def test_the_importer_that_the_page_shows_is_the_one_that_is_tested():
    tested = Path(__file__).with_name("test_sandbox.py").read_text("utf-8")
    shown = block("sql", "inspectors")
    assert len(shown.splitlines()) <= 40
    assert shown in tested


def test_every_importer_stands_in_the_table_of_the_page():
    rows = re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE)
    assert sorted(rows) == sorted(importer.known())


def test_the_step_of_the_action_imports_what_gh_writes(tmp_path):
    workflow = yaml.safe_load(block("yaml", "gh issue list"))
    [step] = workflow["jobs"]["import"]["steps"]
    gh = tmp_path / "gh"
    asked = {"issue": "github_issues.json", "pr": "github_pulls.json"}
    gh.write_text(
        f"#!{sys.executable}\nimport json, sys\n"
        f"rows = json.load(open({str(EXAMPLES)!r} + '/' + {asked!r}[sys.argv[1]]))\n"
        "fields = sys.argv[sys.argv.index('--json') + 1].split(',')\n"
        "print(json.dumps([{name: row.get(name) for name in fields} for row in rows]))\n"
    )
    gh.chmod(0o755)
    path = os.pathsep.join((str(tmp_path), str(Path(sys.executable).parent), os.environ["PATH"]))
    environment = os.environ | {"PATH": path, "LEARNING_LOOP_LANDING": str(tmp_path / "landing")}
    done = subprocess.run(
        ["bash", "-e", "-c", step["run"]], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert {path.name for path in (tmp_path / "landing").iterdir()} == {
        "events", "ingest_candidates", "ingest_editor_labels",
    }  # fmt: skip


def test_the_step_of_a_shadow_evaluation_writes_a_row(tmp_path):
    [step] = yaml.safe_load(block("yaml", "shadow_evaluations"))
    said = {"GITHUB_RUN_ID": "7", "GITHUB_RUN_ATTEMPT": "1", "CANDIDATE_KEY": "k", "VERDICT": "pass"}
    environment = os.environ | said | {"LEARNING_LOOP_LANDING": str(tmp_path)}
    subprocess.run(["bash", "-e", "-c", step["run"]], env=environment, check=True)
    row = json.loads((tmp_path / "shadow_evaluations" / "7-1.jsonl").read_text())
    assert row | {"evaluated_at": None} == {
        "evaluation_id": "7-1", "candidate_key": "k", "verdict": "pass", "evaluated_at": None,
    }  # fmt: skip


def test_the_webhook_takes_what_is_signed_and_nothing_else(tmp_path, monkeypatch):
    monkeypatch.setenv("LEARNING_LOOP_LANDING", str(tmp_path))
    monkeypatch.setenv("WEBHOOK_SECRET", "s")
    room: dict = {}
    exec(compile(block("python", "def application"), "webhook", "exec"), room)
    issue = {"id": 9, "created_at": "2026-02-10T10:00:00Z", "user": {"login": "bob"}, "labels": []}
    body = json.dumps({"action": "opened", "issue": issue, "repository": {"full_name": "acme/app"}}).encode()
    answers = []
    for secret in (b"s", b"another"):
        signed = "sha256=" + hmac.new(secret, body, hashlib.sha256).hexdigest()
        sent = {"wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": str(len(body)), "HTTP_X_HUB_SIGNATURE_256": signed}
        room["application"](sent, lambda status, _: answers.append(status))
    room["EMITTER"].close()
    assert answers == ["204 No Content", "403 Forbidden"]
    [path] = (tmp_path / "events").iterdir()
    [row] = [json.loads(line) for line in path.read_text().splitlines()]
    assert (row["event_id"], row["timestamp"]) == ("github-issue-9", "2026-02-10T10:00:00Z")
