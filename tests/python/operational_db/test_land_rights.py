"""What a role may not see is said: a copy that lacks rows or columns never passes for a whole one."""

import json

import pytest

from .test_land import EVENTS, STUDIO, land, landed, stored

CONFIG = """
tables:
  - feed: events
    table: {table}
    watermark: timestamp
    id: id
    {more}
    columns: {{event_id: id, event_type: event_type, timestamp: timestamp, data: data}}
"""


@pytest.fixture
def guarded(server, database, tmp_path):
    """A table of 10 rows under row-level security, and the arguments that copy it."""
    server.run(EVENTS, database)
    server.run("insert into events select from generate_series(1, 10)", database)
    server.run("alter table events enable row level security", database)
    return ["--from", server.url(database), "--landing", tmp_path / "landing"]


def is_refused(told, tmp_path) -> bool:
    return told.returncode == 2 and told.stdout == "" and not list((tmp_path / "landing").rglob("*.parquet"))


def test_a_table_whose_rows_are_hidden_is_refused_and_the_way_out_named(server, database, guarded, tmp_path):
    told = land(*guarded)
    assert is_refused(told, tmp_path)
    assert "public.events is under row-level security" in told.stderr
    assert len(told.stderr.strip().splitlines()) == 1
    for way_out in ("using (true)", "bypassrls", "only_visible_rows: true", "--from-start"):
        assert way_out in told.stderr


@pytest.mark.parametrize(
    "policies",
    [
        "create policy p on events for select to reader using (timestamp > now())",
        "create policy p on events for all using (event_type = 'x')",
        "create policy p on events for select to reader using (true);\n"
        "create policy r on events as restrictive for select using (event_type = 'x')",
        "create policy p on events for insert to reader with check (true)",
        "create policy p on events for select to postgres using (true)",
    ],
    ids=["some_rows", "for_all", "restricted", "only_insert", "of_another_role"],
)
def test_policies_that_hide_some_rows_refuse_too(server, database, guarded, tmp_path, policies):
    server.run(policies, database)
    assert is_refused(land(*guarded), tmp_path)


@pytest.mark.parametrize(
    "rights",
    [
        "create policy p on events for select to reader using (true)",
        "create policy p on events using (true)",
        "create policy p on events for select to public using (true);\n"
        "create policy r on events as restrictive for delete using (event_type = 'x')",
    ],
)
def test_policies_that_show_every_row_are_no_matter(server, database, guarded, tmp_path, rights):
    server.run(rights, database)
    told = land(*guarded)
    assert told.returncode == 0, told.stderr
    assert landed(tmp_path / "landing") == stored(server, database)


def test_a_role_that_bypasses_policies_sees_every_row(server, database, guarded, tmp_path):
    server.run("alter role reader bypassrls")
    try:
        assert land(*guarded).returncode == 0
    finally:
        server.run("alter role reader nobypassrls")
    assert landed(tmp_path / "landing") == stored(server, database)


def test_whoever_means_the_visible_rows_says_so_and_each_copy_repeats_it(server, database, guarded, tmp_path):
    server.run("create policy p on events for select to reader using (event_type = 'mine')", database)
    server.run("insert into events (event_type) values ('mine')", database)
    (tmp_path / "land.yml").write_text(CONFIG.format(table="events", more="only_visible_rows: true"))
    told = land(*guarded, "--config", tmp_path / "land.yml")
    assert told.returncode == 0, told.stderr
    assert "everything, of what row-level security shows this role" in told.stdout
    assert len(landed(tmp_path / "landing")) == 1
    told = land(*guarded, "--config", tmp_path / "land.yml", "--json")
    assert json.loads(told.stdout)[0]["is_filtered"] is True


def test_rows_that_were_hidden_come_once_every_row_is_shown(server, database, guarded, tmp_path):
    """They lie before the watermark: the copy begins anew."""
    server.run("create policy p on events for select to reader using (event_type = 'mine')", database)
    server.run("insert into events (event_type, timestamp) values ('mine', now() + interval '1 hour')", database)
    (tmp_path / "land.yml").write_text(
        CONFIG.format(table="events", more="only_visible_rows: true\n    overlap: 0 hours")
    )
    for _ in range(2):
        assert land(*guarded, "--config", tmp_path / "land.yml").returncode == 0
    assert len(set(landed(tmp_path / "landing"))) == 1
    server.run("alter table events disable row level security", database)
    server.run("update events set timestamp = timestamp - interval '1 day' where event_type != 'mine'", database)
    assert land(*guarded, "--config", tmp_path / "land.yml").returncode == 0
    assert set(landed(tmp_path / "landing")) == set(stored(server, database))


@pytest.mark.parametrize("invoker", [True, False], ids=["of_the_reader", "of_the_owner"])
def test_a_view_over_a_guarded_table_is_asked_as_well(server, database, guarded, tmp_path, invoker):
    """The catalog says nothing of what lies below a view: the server refuses to filter instead."""
    if invoker:
        server.run("create view seen with (security_invoker = true) as select * from events", database)
    else:
        server.run(
            "drop role if exists owner;\ncreate role owner;\ngrant select on events to owner;\n"
            "grant create on schema public to owner;\ncreate view seen as select * from events;\n"
            "alter view seen owner to owner;\ngrant select on seen to reader",
            database,
        )
    try:
        (tmp_path / "land.yml").write_text(CONFIG.format(table="seen", more="batch_rows: 5"))
        told = land(*guarded, "--config", tmp_path / "land.yml")
        assert is_refused(told, tmp_path)
        assert "public.seen is under row-level security" in told.stderr
    finally:
        if not invoker:
            server.run("drop owned by owner;\ndrop role owner", database)


def test_a_policy_that_comes_while_a_copy_runs_hides_no_row(server, database, tmp_path):
    """The session asks for an error where rows would be hidden."""
    from learning_loop.operational_db import config, copying, postgres

    server.run(EVENTS, database)
    server.run("insert into events select from generate_series(1, 10)", database)
    (tmp_path / "land.yml").write_text(CONFIG.format(table="events", more="batch_rows: 5"))
    tables = config.load(str(tmp_path / "land.yml"), config.feeds())
    session = postgres.Postgres(server.url(database))

    def enable(done) -> None:
        server.run("alter table events enable row level security", database)

    try:
        with pytest.raises(Exception, match="row-level security"):
            copying.copy(session, tables, tmp_path / "landing", False, enable)
    finally:
        session.close()


# ---- columns --------------------------------------------------------------------------------------------------------


@pytest.fixture
def studio(server, database, tmp_path):
    server.run(STUDIO, database)
    return ["--from", server.url(database), "--landing", tmp_path / "landing", "--config", "studio"]


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("ingest_candidates", "meta_json"),
        ("ingest_candidates", "description"),
        ("ingest_editor_labels", "note"),
        ("ingest_runs", "finished_at"),  # listed under `columns`, and a part of the watermark
        ("ingest_experiments", "scope_json"),
        ("ingest_experiments", "started_at"),
        ("ingest_experiments", "ended_at"),
        ("ingest_experiments", "updated_at"),
        ("ingest_tuning_changes", "change_json"),
        ("ingest_tuning_changes", "experiment_id"),
    ],
)
@pytest.mark.parametrize("how", ["dropped", "hidden"])
def test_a_column_that_the_feed_calls_optional_may_be_missing_or_hidden(
    server, database, studio, tmp_path, table, column, how
):
    assert land(*studio).returncode == 0
    if how == "dropped":
        server.run(f"alter table {table} drop column {column}", database)
    else:
        others = server.column(
            f"select column_name from information_schema.columns where table_name = '{table}'"
            f" and column_name != '{column}'",
            database,
        )
        server.run(
            f"revoke select on {table} from reader;\ngrant select ({', '.join(others)}) on {table} to reader", database
        )
    told = land(*studio, "--from-start")
    assert told.returncode == 0, told.stderr
    assert f"{column} (not " in told.stdout
    assert len(list((tmp_path / "landing" / table).rglob("*.parquet"))) == 2


@pytest.mark.parametrize(
    ("table", "column"),
    [("ingest_candidates", "title"), ("ingest_runs", "started_at"), ("ingest_editor_labels", "created_at")],
)
def test_a_column_that_the_feed_requires_is_named_with_its_line_of_the_config(
    server, database, studio, tmp_path, table, column
):
    server.run(f"alter table {table} drop column {column}", database)
    told = land(*studio)
    assert is_refused(told, tmp_path)
    assert f"public.{table} has no column {column}" in told.stderr
    assert "--config studio, line " in told.stderr


def test_a_required_column_that_the_role_may_not_read_is_named_with_its_grant(server, database, studio, tmp_path):
    server.run("revoke select on ingest_runs from reader;\ngrant select (id) on ingest_runs to reader", database)
    told = land(*studio)
    assert is_refused(told, tmp_path)
    assert "grant select (source_key) on public.ingest_runs" in told.stderr


def test_a_column_called_optional_that_the_feed_requires_is_no_option(server, database, tmp_path):
    server.run(EVENTS, database)
    server.run("alter table events drop column data", database)
    (tmp_path / "land.yml").write_text(
        "tables:\n- feed: events\n  table: events\n  watermark: timestamp\n  id: id\n"
        "  columns: {event_id: id, event_type: event_type, timestamp: timestamp}\n  optional_columns:\n  - data\n"
    )
    told = land("--from", server.url(database), "--landing", tmp_path / "landing", "--config", tmp_path / "land.yml")
    assert is_refused(told, tmp_path)
    assert "land.yml, line 8: public.events has no column data, and the feed events requires it" in told.stderr
