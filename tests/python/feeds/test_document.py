"""What is said of the feeds follows from their declarations."""

from __future__ import annotations

import json
import os
import re

import pytest
from typer.testing import CliRunner

from learning_loop.cli import app
from learning_loop.errors import WrongUse
from learning_loop.feeds.document import document
from learning_loop.landing.declaration import DeclarationError, declared_feeds
from learning_loop.landing.folder import known_feeds
from learning_loop.project import project_dir

FEEDS = known_feeds()
MODEL = """
models:
  - name: stg_shelves
    config:
      materialized: landing_feed
      meta: {feed: shelves, files: "shelves/*", reader_version: 1, identity: [shelf_id], instant: at%s}
    columns:
      - {name: shelf_id, config: {meta: {field: %s}}}
      - {name: at, config: {meta: {field: instant}}}
"""


def run(*words: str):
    return CliRunner().invoke(app, ["feeds", *words])


def test_docs_feeds_md_is_what_the_command_writes():
    path = project_dir() / "docs/feeds.md"
    if os.environ.get("LEARNING_LOOP_REWRITE_DOCS"):
        path.write_text(document(FEEDS), encoding="utf-8")
    assert path.read_text("utf-8") == document(FEEDS), "Write it anew: learning-loop feeds document --out docs/feeds.md"


@pytest.mark.parametrize("feed", FEEDS, ids=[feed.name for feed in FEEDS])
def test_every_feed_says_what_it_is_when_one_needs_it_and_what_it_switches_on(feed):
    assert feed.says.endswith(".") and feed.needed.endswith(".")
    assert feed.switches_on and feed.examples
    models = {path.stem for path in (project_dir() / "models/marts").rglob("*.sql")}
    named = {re.match(r"`(\w+)`: ", made)[1] for made in feed.switches_on}  # type: ignore[index]
    assert named <= models, f"no mart of that name: {named - models}"


def test_feeds_lists_shows_and_gives_templates(tmp_path):
    assert all(feed.name in run().output for feed in FEEDS)
    assert "`data.user_ref.pseudonymized_user_id`" in run("show", "events").output
    lines = run("template", "events").output.splitlines()
    assert [json.loads(line)["event_type"] for line in lines] == [
        "learning.signal.logged", "evidence.claim.logged", "set.corrected", "event.retracted",
    ]  # fmt: skip
    run("schema", "--out", str(tmp_path))
    assert {path.name for path in tmp_path.iterdir()} == {f"{feed.name}.schema.json" for feed in FEEDS}
    missing = run("show", "event").exception
    assert isinstance(missing, WrongUse) and "'event'" in str(missing)


@pytest.mark.parametrize(
    ("more", "kind", "said"),
    [
        (", says: 'Shelves.', sais: x", "id", "stg_shelves: sais means nothing"),
        ("", "idd", "stg_shelves.shelf_id is declared as field: idd"),
        ("", "choice", "stg_shelves.shelf_id: a choice"),
    ],
    ids=["a misspelt word of the feed", "a misspelt kind", "a choice of nothing"],
)
def test_a_feed_that_is_declared_wrongly_is_refused_by_name(tmp_path, more, kind, said):
    (tmp_path / "models/staging").mkdir(parents=True)
    (tmp_path / "models/staging/shelves.yml").write_text(MODEL % (more, kind))
    with pytest.raises(DeclarationError, match=re.escape(said)):
        declared_feeds(tmp_path)
