"""An importer, whoever wrote it, sees the records that were handed in and nothing else."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest

from learning_loop.errors import WrongUse
from learning_loop.importing import importer, importing, sandbox
from learning_loop.landing.folder import known_feeds
from learning_loop.project import project_dir

HEADER = "-- expects: something\n-- follows: nothing\n-- feeds: [quality_flags]\n"
GOOD = "create view quality_flags as select record ->> 'id' as candidate_id from sent;\n"
SECRET = "planted secret"
# What a statement of its own does is refused by its kind; what hides within a view meets a closed door.
BY_KIND = [
    "copy (select 1) to '{out}'", "copy sent to '{export}' (use_tmp_file false)", "export database '{out}'",
    "import database '{out}'", "attach '{out}'", "set threads = 2", "set enable_external_access = true",
    "set allowed_directories = ['/']", "reset lock_configuration", "pragma threads = 2", "install httpfs",
    "load httpfs",
    "call pragma_version()", "insert into sent select * from sent", "update sent set record = null",
    "delete from sent", "drop table sent", "set variable settings = null", "checkpoint", "begin", "use memory",
    "explain select 1", "vacuum", "prepare p as select 1", "execute p", "detach memory",
]  # fmt: skip
BY_DOOR = [
    "read_text('{secret}')", "read_blob('{secret}')", "read_csv('{secret}')", "read_json('{secret}')", "'{secret}'",
    "read_json_objects('{secret}')", "read_parquet('{secret}')", "glob('{folder}/*')", "read_text('file://{secret}')",
    "query('select * from read_text(''{secret}'')')", "sniff_csv('{secret}')", "read_text('{export}')",
    "read_text('{export}/../secret.txt')", "read_json('{export}')", "read_csv('https://example.org/x.csv')",
    "parquet_metadata('{secret}')", "read_duckdb('{secret}')",
]  # fmt: skip


@pytest.fixture
def places(tmp_path):
    """An export, a secret beside it, and where something could be written."""
    (tmp_path / "export.json").write_text(json.dumps([{"id": "c1"}]))
    (tmp_path / "secret.txt").write_text(SECRET)
    names = {"out": "out", "export": "export.json", "secret": "secret.txt"}
    return {name: str(tmp_path / file) for name, file in names.items()} | {"folder": str(tmp_path)}


def opened(sql: str, places: dict[str, str]) -> duckdb.DuckDBPyConnection:
    path = Path(places["folder"]) / "own.sql"
    path.write_text(HEADER + GOOD + sql.format(**places) + ";")
    return sandbox.opened([Path(places["export"])], importer.load(str(path)))


def content(folder: str) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in Path(folder).iterdir() if path.name != "own.sql"}


@pytest.mark.parametrize("statement", BY_KIND)
def test_a_statement_that_does_more_than_say_what_is_read_is_refused(places, statement):
    before = content(places["folder"])
    with pytest.raises(WrongUse, match=r"own.sql") as no:
        opened(statement, places)
    assert "may only create views" in str(no.value) or "is no SQL" in str(no.value)
    assert content(places["folder"]) == before


def test_a_view_that_wants_a_file_finds_none(places):
    before = content(places["folder"])
    with opened("select 1", places) as con:
        for source in BY_DOOR:
            with pytest.raises(duckdb.Error, match=r"disabled|does not exist") as no:
                con.execute(f"create table t as from {source}".format(**places))
            assert SECRET not in str(no.value)
    with pytest.raises(WrongUse, match=r"own.sql does not run: it wants a file"):
        opened("create table t as from read_text('{secret}')", places)
    assert content(places["folder"]) == before


def test_whoever_gets_by_the_list_of_statements_finds_the_door_shut_and_the_settings_locked(places):
    with opened("select 1", places) as con:
        before = content(places["folder"])
        for statement in BY_KIND[:12]:
            with pytest.raises(duckdb.Error, match=r"disabled|locked"):
                con.execute(statement.format(**places))
        with pytest.raises(duckdb.Error):
            con.execute("create persistent secret s (type http)")
        assert content(places["folder"]) == before
        frame = {"of python": SECRET}
        with pytest.raises(duckdb.Error):
            con.execute("from frame")
        assert frame


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("select 1", "lacks expects, follows, feeds"),
        ("-- expects: x\n-- follows: y\nselect 1", "lacks feeds"),
        ("-- feeds: [\nselect 1", "is no YAML"),
        (HEADER + "-- planted: 1\nselect 1", "planted means nothing here"),
        (HEADER + "selec 1", "is no SQL"),
        (HEADER + "create view quality_flags as select nothing from sent;", "does not run: Binder Error"),
        (HEADER + "create view quality_flags as select 1 as candidat from sent;", "names `candidat`, which is no"),
        (HEADER + "create view quality_flags as select 1 as candidate_id from sent where false;", "Nothing came out"),
        (HEADER + "create view quality_flags as select (record ->> 'id')::int as candidate_id from sent;",
            "does not run: Conversion at a value"),
    ],
)  # fmt: skip
def test_a_wrong_importer_is_said_in_a_line(places, text, said):
    path = Path(places["folder"]) / "own.sql"
    path.write_text(text)
    with pytest.raises(WrongUse, match=said) as no:
        one = importer.load(str(path))
        importing.run(one, [Path(places["export"])], Path(places["out"]), known_feeds(), project_dir(), None)
    assert "c1" not in str(no.value) and not Path(places["out"]).exists()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[", "line 1 is no YAML"), ("- 1", "no YAML mapping"), ("planted: 1", "planted means nothing here"),
        ("settings: [1]", "settings is no mapping"), ("values: {action: 1}", "values is no mapping"),
        ("settings: {acton: x}", "settings has no acton"),
        ("values: {acton: {}}", "values has no acton"),
    ],
)  # fmt: skip
def test_a_wrong_map_is_said_in_a_line(tmp_path, text, said):
    (tmp_path / "map.yml").write_text(text)
    with pytest.raises(WrongUse, match=said):
        importer.with_map(importer.load("label_studio"), tmp_path / "map.yml")
    with pytest.raises(WrongUse, match="cannot be read"):
        importer.with_map(importer.load("label_studio"), tmp_path / "absent.yml")


def test_a_stranger_adds_an_importer_in_forty_lines_of_sql_without_python(tmp_path, monkeypatch):
    own = """\
-- expects: What the inspectors' app exports: an array of inspections, each with the flags that were raised.
-- follows: version 3 of the app
-- feeds: [quality_flags]
-- settings:
--   who: inspector
-- values:
--   flag: {danger: safety, rules: compliance_incident}

create view problems as
select place, 'is no inspection: it has no `flags`.' as problem from sent where json_type(record, '$.flags') is null;

create view quality_flags as
select
    place as _place, as_instant(one ->> 'at') as _changed_at, record ->> 'idea' as candidate_id,
    mapped('flag', one ->> 'kind') as flag, instant_text(as_instant(one ->> 'at')) as raised_at,
    text_at(record, setting('who')) as raised_by
from (select *, unnest((record -> '$.flags[*]')::json[]) as one from sent);
"""
    assert len(own.splitlines()) <= 40
    project = tmp_path / "project"
    (project / "importers").mkdir(parents=True)
    (project / "importers" / "inspections.sql").write_text(own)
    for part in ("models", "seeds", "dbt_project.yml"):
        (project / part).symlink_to(project_dir() / part)
    monkeypatch.setenv("LEARNING_LOOP_PROJECT", str(project))
    assert {"inspections", "label_studio"} <= set(importer.known())
    export = tmp_path / "export.json"
    export.write_text(
        json.dumps([{"idea": "c1", "inspector": "ann", "flags": [{"kind": "Danger", "at": "2026-02-10"}]}])
    )
    for named in ("inspections", str(project / "importers" / "inspections.sql")):
        done = importing.run(importer.load(named), [export], tmp_path / "out", known_feeds(), project_dir(), None)
        assert [(one.feed, one.row_count) for one in done.written] == [("quality_flags", 1)]
    [path] = (tmp_path / "out" / "quality_flags").iterdir()
    assert json.loads(path.read_text()) == {
        "candidate_id": "c1", "flag": "safety", "raised_at": "2026-02-10T00:00:00.000000Z", "raised_by": "ann",
    }  # fmt: skip
