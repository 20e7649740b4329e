"""What is in the operational database is in the landing folder, whatever happens while it is copied."""

import io
import json
import os
import re
import subprocess
import sys
import threading
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from house import House
from learning_loop import cli
from learning_loop.operational_db import copying, postgres

from .conftest import PASSWORD

ROWS = int(os.environ.get("FAULTS_LAND_ROWS", "3000"))  # of the event store that a writer adds to
KILLED_COPY = Path(__file__).with_name("killed_copy.py")
EVENTS = """
create table events (
    id uuid primary key default gen_random_uuid(),
    timestamp timestamptz not null default now(),
    event_type text not null default 'learning.signal.logged',
    data jsonb not null default '{"signal_type": "s", "user_ref": {"pseudonymized_user_id": "user-1"}}'
);
create index on events (timestamp, id)
"""
NO_OVERLAP = """
tables:
  - {feed: events, table: events, watermark: timestamp, id: id, overlap: 0 seconds,
     columns: {event_id: id, event_type: event_type, timestamp: timestamp, data: data}}
"""


@dataclass
class Told:
    returncode: int
    stdout: str
    stderr: str


def land(*arguments: object) -> Told:
    """Run `learning-loop land` in this process."""
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.setattr(sys, "argv", ["learning-loop", "land", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
    return Told(int(ended.value.code or 0), out.getvalue(), err.getvalue())


def killed_land(moment: str, number: int, *arguments: object) -> int:
    """Run it in a process that kills itself at a moment, and return how that ended."""
    command = [sys.executable, KILLED_COPY, moment, number, *arguments]
    return subprocess.run(list(map(str, command)), check=False, capture_output=True, timeout=300).returncode


def landed(landing: Path, feed: str = "events", field: str = "event_id") -> list[str]:
    files = landing / feed / "**" / "*.parquet"
    return sorted(row[0] for row in duckdb.sql(f"select {field} from '{files}'").fetchall())


def stored(server, database: str) -> list[str]:
    return sorted(server.column("select id::text from events", database))


@pytest.fixture
def event_store(server, database, tmp_path):
    """An event store of 1,000 rows, of which hundreds share an instant; and the arguments to copy it."""
    server.run(EVENTS, database)
    server.run(
        "insert into events (timestamp) select timestamptz '2026-02-01' + (n / 400) * interval '1 hour'"
        " from generate_series(1, 1000) as n",
        database,
    )
    config = tmp_path / "land.yml"
    config.write_text(NO_OVERLAP)
    return [
        *("--from", server.url(database), "--config", config, "--landing", tmp_path / "landing", "--batch-rows", 97)
    ]


def test_rows_of_one_instant_are_copied_once_wherever_a_batch_ends(server, database, event_store, tmp_path):
    told = land(*event_store)
    assert told.returncode == 0, told.stderr
    assert "Copied 1,000 rows in 11 files" in told.stdout
    assert landed(tmp_path / "landing") == stored(server, database)


def test_the_next_copy_takes_what_is_new_and_changed(server, database, event_store, tmp_path):
    land(*event_store)
    server.run("insert into events (timestamp) values ('2026-02-03')", database)
    server.run(
        "update events set timestamp = '2026-02-04' where id = (select min(id::text)::uuid from events)", database
    )
    told = json.loads(land(*event_store, "--json").stdout)
    # The rows of the last instant come again: others of that instant may have come since.
    assert told[0]["rows"] == 2 + len(
        server.column("select 1 from events where timestamp = '2026-02-01 02:00'", database)
    )
    assert set(landed(tmp_path / "landing")) == set(stored(server, database))
    again = json.loads(land(*event_store, "--json").stdout)
    assert again[0]["rows"] == 1


@pytest.mark.parametrize("kind", ["file", "memory"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_killed_copy_loses_nothing_and_doubles_nothing(server, database, event_store, tmp_path, when, kind):
    """It goes on where it was killed, though rows come before and behind that place meanwhile."""
    for number in (1, 3):
        assert killed_land(f"{when}-{kind}", number, *event_store) == -9
        server.run("insert into events (timestamp) values ('2026-02-09')", database)
    told = land(*event_store)
    assert told.returncode == 0, told.stderr
    assert "going on where a copy had stopped" in told.stdout
    assert landed(tmp_path / "landing") == stored(server, database)
    assert not list((tmp_path / "landing").rglob("*.part"))


def test_a_row_whose_transaction_ends_after_the_copy_is_found_by_the_next(server, database, event_store, tmp_path):
    """The classic trap: its time is before the last one copied, and no overlap is set."""
    with server.connect(database, autocommit=False) as late, late.cursor() as cursor:
        cursor.execute("insert into events default values")
        server.run("insert into events default values", database)
        told = land(*event_store)
        assert "cannot see other sessions' transactions" in told.stdout
        server.run("grant pg_read_all_stats to reader")
        assert "cannot see" not in land(*event_store, "--from-start").stdout
        late.commit()
    land(*event_store)
    server.run("revoke pg_read_all_stats from reader")
    assert set(landed(tmp_path / "landing")) == set(stored(server, database))


def test_a_row_dated_in_the_far_future_hides_no_later_row(server, database, event_store, tmp_path):
    server.run("insert into events (timestamp) values ('2099-01-01'), ('10000-01-01'), ('infinity')", database)
    land(*event_store)
    assert landed(tmp_path / "landing") == stored(server, database)
    server.run("insert into events default values", database)
    land(*event_store)
    assert set(landed(tmp_path / "landing")) == set(stored(server, database))


def test_late_rows_within_the_overlap_are_found(server, database, event_store, tmp_path):
    config = tmp_path / "land.yml"
    config.write_text(NO_OVERLAP.replace("0 seconds", "2 hours"))
    land(*event_store)
    server.run("insert into events (timestamp) values ('2026-02-01 00:30'), ('2026-01-31 23:00')", database)
    land(*event_store)
    missing = set(stored(server, database)) - set(landed(tmp_path / "landing"))
    too_late = server.column("select id::text from events where timestamp = '2026-01-31 23:00'", database)
    assert missing == set(too_late)
    land(*event_store, "--from-start")
    assert set(landed(tmp_path / "landing")) == set(stored(server, database))


STUDIO = """
create table ingest_candidates (id uuid primary key default gen_random_uuid(), source_key text not null,
    source_url text not null, title varchar(200) not null, description text, raw_excerpt text,
    created_at timestamptz not null default now(), run_id uuid, meta_json jsonb);
create table ingest_editor_labels (id uuid primary key default gen_random_uuid(), candidate_id uuid not null,
    action text not null, reject_reason_code text, rewrite_severity text, duplicate_confirmed boolean,
    duplicate_of uuid, actor_user_id uuid not null, created_at timestamptz not null default now(), final_title text,
    final_description text, note text);
create table ingest_source_registry (source_key text primary key, display_name text, state text,
    approved_for_prod boolean, quality_threshold numeric(3, 2), include_url_patterns text[],
    exclude_url_patterns jsonb, cadence interval, config_version integer,
    updated_at timestamptz not null default now());
create table ingest_runs (id uuid primary key default gen_random_uuid(), source_key text not null,
    started_at timestamptz not null, finished_at timestamptz, status text not null, meta_json jsonb);
create table ingest_experiments (id uuid primary key default gen_random_uuid(), name text not null,
    hypothesis text not null, scope_json jsonb, status text not null, started_at timestamptz, ended_at timestamptz,
    updated_at timestamptz not null default now());
create table ingest_experiment_assignments (experiment_id uuid, candidate_id uuid, arm text,
    assigned_at timestamptz not null default now(), primary key (experiment_id, candidate_id, arm));
create table ingest_tuning_changes (id uuid primary key default gen_random_uuid(), experiment_id uuid,
    source_key text not null, config_version integer not null, change_json jsonb, approved_by text not null,
    applied_at timestamptz not null default now(), deployment_mode text not null);
insert into ingest_candidates (source_key, source_url, title, meta_json) values
    ('s1', 'https://a.example/1', 'A ''quoted" title', '{"strategy": "dom", "parser_confidence": 0.75}');
insert into ingest_editor_labels (candidate_id, action, actor_user_id, duplicate_confirmed)
    select id, 'promoted', gen_random_uuid(), true from ingest_candidates;
insert into ingest_source_registry values
    ('s1', 'One', 'active', true, 0.65, array['https://a.example/*', 'b'], '["c"]', '1 day', 3);
insert into ingest_runs (source_key, started_at, status) values ('s1', now() - interval '2 days', 'running');
insert into ingest_experiments (name, hypothesis, scope_json, status, started_at)
    values ('e', 'h', '{"source_keys": ["s1"]}', 'running', now());
insert into ingest_experiment_assignments (experiment_id, candidate_id, arm)
    select e.id, c.id, 'control' from ingest_experiments as e, ingest_candidates as c;
insert into ingest_tuning_changes (source_key, config_version, change_json, approved_by, deployment_mode)
    values ('s1', 4, '{"a": 1}', 'ann', 'canary')
"""


def test_a_night_stores_each_row_once_though_a_writer_adds_rows_and_copies_are_killed(server, database, tmp_path):
    """Both shipped configs in one night: an event store under load, and the studio's schema as the feeds read it."""
    server.run(EVENTS, database)
    server.run(STUDIO, database)
    server.run(f"insert into events select from generate_series(1, {ROWS})", database)
    stop = threading.Event()

    def write() -> None:
        with server.connect(database, autocommit=False) as connection, connection.cursor() as cursor:
            while not stop.wait(0.01):
                cursor.execute("insert into events select from generate_series(1, 5)")
                connection.commit()

    writer = threading.Thread(target=write)
    house = House(tmp_path, select=["+landing_files", "+quarantined_rows"])
    arguments = ["--from", server.url(database), "--landing", house.landing, "--batch-rows", max(1000, ROWS // 20)]
    writer.start()
    try:
        for moment, number in (("before-file", 3), ("after-file", 1)):
            assert killed_land(moment, number, *arguments) == -9
        assert land(*arguments).returncode == 0
    finally:
        stop.set()
        writer.join()
    assert land(*arguments).returncode == 0
    told = land(*arguments, "--config", "studio")
    assert "public.quality_flags: not there, passed over" in told.stdout, told.stderr
    server.run("update ingest_runs set status = 'success', finished_at = now()", database)
    assert land(*arguments, "--config", "studio").returncode == 0

    house.night("2030-01-01T00:00:00+00:00")
    assert house.query("select feed, reason_code, detail from quarantined_rows") == []
    events = house.column("select event_id from staging.stg_events where not is_displaced order by 1")
    assert events == stored(server, database) and len(events) > ROWS
    kept = dict(house.query("select feed, sum(kept)::integer from landing_files where feed != 'events' group by feed"))
    feeds = re.findall(r"create table (\w+)", STUDIO)
    assert kept == {feed: 2 if feed == "ingest_runs" else 1 for feed in feeds}
    source = house.query(
        "select approved_for_prod, quality_threshold, include_url_patterns, exclude_url_patterns, config_version"
        " from staging.stg_ingest_source_registry"
    )
    assert source == [(True, 0.65, ["https://a.example/*", "b"], ["c"], "3")]
    assert house.query("select title, parser_confidence from staging.stg_ingest_candidates") == [
        ("A 'quoted\" title", 0.75)
    ]


def wrong_uses():
    def config(**changes: object) -> str:
        columns = {"event_id": "id", "event_type": "event_type", "timestamp": "timestamp", "data": "data"}
        table = {
            "feed": "events",
            "table": "events",
            "watermark": "timestamp",
            "id": "id",
            "columns": columns,
        } | changes
        if "event_id" in changes:
            table["columns"] = columns | {"event_id": table.pop("event_id")}
        return json.dumps({"tables": [table]})

    def use(name: str, message: str, config: str = config(), url: str | None = None) -> tuple:
        return pytest.param(config, url, message, id=name)

    yield use("no_address", "--from is no PostgreSQL address", url="mysql://reader@127.0.0.1/x")
    yield use("no_server", "cannot be reached: connection to server", url="postgresql://reader@127.0.0.1:1/x")
    yield use("no_database", 'database "nowhere" does not exist', url="postgresql://reader@127.0.0.1:{port}/nowhere")
    yield use("wrong_password", "Check PGPASSFILE", url="postgresql://nobody@127.0.0.1:{port}/postgres")
    yield use("no_table", "has no table public.nix", config(table="nix"))
    yield use("no_column", "public.events has no column nix", config(event_id="nix"))
    yield use("no_permission", "does not let this role read public.secret", config(table="secret"))
    yield use("no_time", "a watermark must be a timestamp or a date", config(watermark="event_type"))
    yield use("id_may_be_null", "public.loose.id may be null", config(table="loose"))
    yield use("id_is_not_unique", "has no unique index on (event_type)", config(id="event_type"))
    yield use("no_yaml", "line 1 is no YAML", "tables: [")
    yield use("no_tables", "lists no tables", "tables: {}")
    yield use("unknown_word", "`colums` is unknown", config(colums=["id"]))
    yield use("unknown_feed", "there is no feed 'event'", config(feed="event"))
    yield use("missing_word", "`watermark` is missing", config(watermark=None))
    yield use("no_span", "`overlap` 'often' is no span", config(overlap="often"))


@pytest.fixture(scope="module")
def wrong_database(server):
    server.run("create database wrong")
    server.run(EVENTS, "wrong")
    server.run("create table secret as select * from events;\ncreate table loose as select * from events", "wrong")
    server.run("alter table secret add primary key (id);\ngrant select on events, loose to reader", "wrong")
    yield server.url("wrong")
    server.run("drop database wrong with (force)")


@pytest.mark.parametrize(("config", "url", "message"), list(wrong_uses()))
def test_wrong_use_is_one_line_and_exit_code_2(server, wrong_database, tmp_path, config, url, message):
    (tmp_path / "land.yml").write_text(config)
    address = url.format(port=server.port) if url else wrong_database
    told = land("--from", address, "--config", tmp_path / "land.yml", "--landing", tmp_path / "landing")
    assert (told.returncode, told.stdout) == (2, ""), told.stderr
    assert message in told.stderr and len(told.stderr.strip().splitlines()) == 1, told.stderr
    assert not list((tmp_path / "landing").rglob("*.parquet"))


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://reader:{PASSWORD}@127.0.0.1/x",
        f"postgres://:{PASSWORD}@127.0.0.1/x",
        f"postgresql://127.0.0.1/x?user=reader&password={PASSWORD}",
        f"postgresql://reader:{PASSWORD}@[::1",
    ],
)
def test_an_address_with_a_password_is_refused_and_not_repeated(url, tmp_path):
    told = land("--from", url, "--landing", tmp_path / "landing")
    assert told.returncode == 2
    assert PASSWORD not in told.stdout + told.stderr
    assert len(told.stderr.strip().splitlines()) == 1
    assert not (tmp_path / "landing").exists()


def test_the_password_reaches_no_output_and_no_file(server, database, event_store, tmp_path, monkeypatch):
    first = land(*event_store)
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    monkeypatch.delenv("PGPASSFILE")
    second = land(*event_store, "--json")
    refused = land("--from", server.url(database, "nobody"), "--landing", tmp_path / "landing")
    assert (first.returncode, second.returncode, refused.returncode) == (0, 0, 2)
    for told in (first, second, refused):
        assert PASSWORD not in told.stdout + told.stderr
    for path in (tmp_path / "landing").rglob("*"):
        assert not path.is_file() or PASSWORD.encode() not in path.read_bytes()


def test_the_session_cannot_write_even_where_the_role_could(server, database, monkeypatch):
    server.run(EVENTS, database)
    session = postgres.Postgres(server.url(database, "postgres"))
    try:
        with pytest.raises(Exception, match="read-only transaction"):
            session.rows("insert into events default values returning 1")
    finally:
        session.close()
    assert stored(server, database) == []


def test_a_lost_server_leaves_what_was_copied_and_the_next_copy_goes_on(server, database, event_store, tmp_path):
    """The server ends the session behind the third file, as an administrator would."""
    from learning_loop.operational_db.config import feeds, load

    session = postgres.Postgres(server.url(database))
    tables = load(str(tmp_path / "land.yml"), feeds())

    def end_the_session(done: copying.Copied) -> None:
        if done.files == 3:
            server.run("select pg_terminate_backend(pid) from pg_stat_activity where usename = 'reader'")

    small = [type(table)(**{**vars(table), "batch_rows": 97}) for table in tables]
    with pytest.raises(postgres.SourceLost, match="terminating connection due to administrator command"):
        copying.copy(session, small, tmp_path / "landing", False, end_the_session)
    session.close()
    assert len(landed(tmp_path / "landing")) == 3 * 97
    assert land(*event_store).returncode == 0
    assert landed(tmp_path / "landing") == stored(server, database)


def test_a_second_copy_at_once_is_told_so(event_store, tmp_path):
    with copying._exclusive(tmp_path / "landing"):
        told = land(*event_store)
    assert told.returncode == 3 and "Another copy is writing" in told.stderr


def test_a_column_without_a_time_is_counted_and_said(server, database, tmp_path):
    server.run(STUDIO, database)
    server.run("alter table ingest_experiments alter updated_at drop not null", database)
    server.run("update ingest_experiments set started_at = null, updated_at = null", database)
    told = land("--from", server.url(database), "--landing", tmp_path / "landing", "--config", "studio")
    assert "not copied: 1 row without a watermark" in told.stdout
