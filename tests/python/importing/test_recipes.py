"""What docs/importing.md shows is what runs."""

from __future__ import annotations

import hashlib
import hmac
import io
import json
import os
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from datetime import datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest
import yaml

from learning_loop.importing import importer
from learning_loop.project import project_dir

PAGE = (project_dir() / "docs" / "importing.md").read_text("utf-8")
OPERATIONS = (project_dir() / "docs" / "operations.md").read_text("utf-8")
EXAMPLES = Path(__file__).with_name("examples")


def block(kind: str, holds: str, page: str = PAGE) -> str:
    [found] = [text for text in re.findall(rf"```{kind}\n(.*?)```", page, re.DOTALL) if holds in text]
    return found


def shell(lines: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run lines of a page, with the commands of this environment."""
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
    return subprocess.run(
        ["bash", "-e", "-c", lines], cwd=folder, env=os.environ | {"PATH": path} | environment, capture_output=True,
        text=True, timeout=120,
    )  # fmt: skip


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


@pytest.mark.skipif(shutil.which("sqlite3") is None, reason="no sqlite3 here")
def test_the_rows_of_an_sqlite_database_become_labels_and_a_day_without_any_is_none(tmp_path):
    with sqlite3.connect(tmp_path / "app.db") as database:
        database.execute(
            "create table verdicts (id integer primary key, item text, verdict text, editor text, decided_at text)"
        )
    database.close()
    (tmp_path / "labels.yml").write_text(
        "settings: {feed: ingest_editor_labels}\n"
        "columns: {id: id, candidate_id: item, action: verdict, actor_user_id: editor, created_at: decided_at}\n"
        "values: {action: {ok: promoted}}\n"
    )
    lines, landing = block("bash", "sqlite3 -readonly", OPERATIONS), tmp_path / "landing"
    done = shell(lines, tmp_path, LEARNING_LOOP_LANDING=str(landing))
    assert done.returncode == 0 and not landing.exists(), done.stderr
    with sqlite3.connect(tmp_path / "app.db") as database:
        database.execute("insert into verdicts values (1, 'c1', 'OK', 'ann', datetime('now'))")
        database.execute("insert into verdicts values (2, 'c2', 'OK', 'ann', datetime('now', '-9 days'))")
    database.close()
    done = shell(lines, tmp_path, LEARNING_LOOP_LANDING=str(landing))
    assert done.returncode == 0, done.stderr
    [path] = (landing / "ingest_editor_labels").iterdir()
    [row] = [json.loads(line) for line in path.read_text().splitlines()]
    assert (row["candidate_id"], row["action"]) == ("c1", "promoted")


@contextmanager
def storage(folder: Path):
    """An S3 server on loopback; gives the environment in which the AWS CLI speaks to it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = ["moto_server", "--host", "127.0.0.1", "--port", str(port)]
    with (folder / "server.log").open("w") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        for _ in range(200):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/moto-api/", timeout=1).close()
                break
            except OSError:
                time.sleep(0.1)
        yield {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}", "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b",
            "AWS_DEFAULT_REGION": "us-east-1", "BUCKET": "team",
        }  # fmt: skip
    finally:
        server.kill()
        server.wait()


@pytest.mark.skipif(not (shutil.which("aws") and shutil.which("moto_server")), reason="no aws, or no moto_server here")
def test_a_bucket_is_synced_into_the_landing_folder_which_keeps_what_people_decided(tmp_path):
    sync = block("bash", "aws s3 sync", OPERATIONS).splitlines()[0]
    landing = tmp_path / "landing"
    (landing / "backlog_decisions").mkdir(parents=True)
    (landing / "backlog_decisions" / "a.jsonl").write_text("{}\n")
    (landing / ".land_state.json").write_text("{}")
    (tmp_path / "a.jsonl").write_text('{"user_id": "ann"}\n')
    put = 'aws s3 cp a.jsonl "s3://$BUCKET/landing/events/a.jsonl"'
    with storage(tmp_path) as environment:
        environment["LEARNING_LOOP_LANDING"] = str(landing)

        def run(lines: str) -> str:
            done = shell(lines, tmp_path, **environment)
            assert done.returncode == 0, done.stderr
            return done.stdout

        run(f'aws s3 mb "s3://$BUCKET"\n{put}\naws s3 cp a.jsonl "s3://$BUCKET/landing/events/b.jsonl.part"\n{sync}')
        synced = landing / "events" / "a.jsonl"
        assert sorted(path.name for path in landing.rglob("*") if path.is_file()) == [
            ".land_state.json", "a.jsonl", "a.jsonl",
        ]  # fmt: skip
        assert "download" not in run(sync)  # what is here is not brought again
        (tmp_path / "a.jsonl").write_text('{"user_id": "eve"}\n')  # corrected, of the same size
        time.sleep(1.1)
        run(f"{put}\n{sync}")
        assert "eve" in synced.read_text()
        told = run('aws s3api head-object --bucket "$BUCKET" --key landing/events/a.jsonl --query LastModified')
        put_at = told.strip().strip('"')  # the CLI's versions write it each in their way
        put_at = parsedate_to_datetime(put_at) if "," in put_at else datetime.fromisoformat(put_at)
        assert abs(synced.stat().st_mtime - put_at.timestamp()) < 2  # the file time is the time of the put
        synced.write_text("")  # as an erasure leaves it: the next sync brings the person back, as the page warns
        run(sync)
        assert "eve" in synced.read_text()
