"""Each kind of rule on both sides of its bar, as the warehouse's own engine judges it, and rules on trial."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest
from jinja2 import Environment

from editorial.harness import AS_OF, ROOT, World
from learning_loop.editorial import quality_rules
from learning_loop.warehouse import open_published

CASES = [
    ("min_chars", "twelve chars", "12", None),
    ("min_chars", "eleven char", "12", "eleven char"),
    ("min_chars", "", "1", ""),
    ("max_chars", "1234", "4", None),
    ("max_chars", "12345", "4", "12345"),
    ("min_tokens", "go & out!", "2", None),
    ("min_tokens", "go &", "2", "go &"),
    ("starts_with_action_verb", "  BUILD: a boat", "build|draw", None),
    ("starts_with_action_verb", "Builders at work", "build|draw", "builders"),
    ("pattern", "no tags", "<[a-z]+>", None),
    ("pattern", "one <b>tag</b>", "<[a-z]+>", "<b>"),
    ("url_pattern", "https://example.org/tagged/1", "/tag/", None),
    ("url_pattern", "https://example.org/tag/1", "/tag/", "/tag/"),
    ("blocklist", "A coupons drawer", "coupon|press release", None),
    ("blocklist", "The Press-Release, again", "coupon|press release", "press release"),
    ("blocklist", "A  press \t\u2014release!", "coupon|press release", "press release"),
]


@pytest.mark.parametrize(("kind", "text", "parameter", "met"), CASES, ids=[f"{c[0]}: {c[1]!r}" for c in CASES])
def test_rule_of_each_kind_names_the_text_it_met(
    world: World, kind: str, text: str, parameter: str, met: str | None
) -> None:
    sql = "select main.quality_rule_met($1, $2, main.quality_words($2), $3)"
    assert world.connection.execute(sql, [kind, text, parameter]).fetchall() == [(met,)]


def changed_rules(folder: Path, **changes: str) -> Path:
    """Copy the shipped rules with some fields of some rules changed: rule_id='field=value'."""
    with (ROOT / "seeds/policy/quality_rules.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        if change := changes.get(row["rule_id"]):
            name, value = change.split("=", 1)
            row[name] = value
    path = folder / "rules.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


@pytest.fixture
def published(world: World, tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    rows = [
        {"candidate_id": "shouted", "title": "BUILD A BOAT OF PAPER", "description": "It floats on water for an hour."},
        {"candidate_id": "plain", "title": "Build a kite of paper", "description": "It flies in wind for an hour."},
    ]
    common = {
        "source_key": "s",
        "source_url": "https://example.org/1",
        "strategy": "css",
        "created_at": AS_OF - timedelta(days=1),
    }
    world.store("ingest_candidates", [row | common | {"idea_key": row["candidate_id"]} for row in rows])
    world.compute()
    world.connection.execute("update main.nightly_runs set status = 'success', as_of = $1", [AS_OF])
    world.connection.close()
    with open_published(tmp_path / "learning_loop.duckdb") as con:
        yield con


def test_unchanged_rules_move_nothing(published: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    trial = quality_rules.try_rules(published, changed_rules(tmp_path))
    assert (trial.candidate_count, trial.moves) == (2, [("shown", "shown", 2, 0)])
    assert trial.rules and all((row[1], row[3]) == (row[2], row[4]) for row in trial.rules)


def test_a_dearer_rule_moves_those_who_met_it(published: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    trial = quality_rules.try_rules(published, changed_rules(tmp_path, clarity_shouting="penalty=0.75"))
    assert trial.moves == [("shown", "hidden", 1, 0), ("shown", "shown", 1, 0)]
    assert [rule for rule in trial.rules if rule[3] != rule[4]] == [("clarity_shouting", 1, 1, 0.15, 0.75)]


def test_a_rule_switched_off_fires_no_more(published: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    trial = quality_rules.try_rules(published, changed_rules(tmp_path, clarity_shouting="is_active=false"))
    assert [rule for rule in trial.rules if rule[1] != rule[2]] == [("clarity_shouting", 1, 0, 0.15, 0.15)]


@pytest.mark.parametrize("change", ["kind=magic", "penalty=much"], ids=["unknown kind", "no number"])
def test_rules_that_cannot_be_asked_are_named(
    published: duckdb.DuckDBPyConnection, tmp_path: Path, change: str
) -> None:
    with pytest.raises(quality_rules.RulesError):
        quality_rules.try_rules(published, changed_rules(tmp_path, clarity_shouting=change))


def test_a_broken_pattern_is_said_to_be_one(published: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    with pytest.raises(quality_rules.RulesError, match="cannot be asked"):
        quality_rules.try_rules(published, changed_rules(tmp_path, clarity_shouting="parameter=("))


SAID = [
    ("10 best ideas for a rainy day", "It is told on. Read more: read more", "https://example.org/tag/1"),
    ("WHAT TO BAKE TODAY?", "<b>Copyright 2024</b>, it's all rights reserved!!", "https://www.scribd.com/1"),
    ("Build a kite of paper", "It flies in wind for an hour.", "https://example.org/1"),
    ("You won\u2019t\u00a0believe", "A Press\n\u2014 release, by coupons", "https://example.org/2"),
    ("Go  out", "Of a\u00e9self harmony and thé coupon.", "https://example.org/3"),
    ("Kites", "", "https://example.org/4"),
]
FIELDS = ["title", "description", "text", "source_url"]


def test_rules_as_literals_meet_what_they_meet_from_their_columns() -> None:
    con = duckdb.connect()
    con.execute(rendered("create_quality_engine"))
    con.execute(f"create table rules as from read_csv('{ROOT}/seeds/policy/quality_rules.csv')")
    con.execute("create table texts (candidate_id varchar, title varchar, description varchar, source_url varchar)")
    con.executemany("insert into texts values ($1, $1, $2, $3)", SAID)
    con.execute("alter table texts add column text varchar")
    con.execute("update texts set text = concat_ws(' ', title, description)")
    known = literals(con)
    as_literals, from_columns, half = (
        con.execute(rendered("quality_hits", "texts", "rules", FIELDS, given) + " order by all").fetchall()
        for given in (known, [], known[::2])
    )
    assert as_literals == from_columns == half
    met = {hit["rule_id"]: hit["text_met"] for _, hits in as_literals for hit in hits}
    assert {"clarity_clickbait", "action_news_or_promo", "specific_generic", "structure_boilerplate"} <= set(met)
    assert met["action_news_or_promo"] in ("press release", "coupon")
    assert len(met) == 18


def test_a_rule_that_changed_after_it_was_read_is_asked_as_it_stands() -> None:
    con = duckdb.connect()
    con.execute(rendered("create_quality_engine"))
    con.execute("create table texts as select 'c' as candidate_id, 'A cheap day out' as title")
    con.execute(f"create table rules as from read_csv('{ROOT}/seeds/policy/quality_rules.csv')")
    con.execute("delete from rules where kind != 'blocklist'")
    known = literals(con)
    con.execute("update rules set field = 'title', parameter = 'day out|cheap' where rule_id = 'safety_harm'")
    found = con.execute(rendered("quality_hits", "texts", "rules", ["title"], known)).fetchall()
    assert [(hit["rule_id"], hit["text_met"]) for _, hits in found for hit in hits] == [("safety_harm", "day out")]


def literals(con: duckdb.DuckDBPyConnection) -> list[dict[str, str | None]]:
    """Return what the macro known_rules reads of the table ``rules``."""
    read: list[dict[str, str | None]] = []

    def run_query(sql: str) -> object:
        rows = con.execute(sql).to_arrow_table().to_pylist()
        return type("Answer", (), {"rows": rows})

    stubs: dict[str, object] = {"execute": True, "load_relation": lambda name: name, "return": read.extend}
    rendered("known_rules", "rules", run_query=run_query, **stubs)
    return read


def rendered(macro: str, *arguments: object, **known: object) -> str:
    """Return what a macro of the project says that calls no others than those given."""
    text = (ROOT / "macros" / "editorial" / f"{macro}.sql").read_text()
    jinja = Environment(extensions=["jinja2.ext.do"])
    return str(getattr(jinja.from_string(text, known).module, macro)(*arguments))
