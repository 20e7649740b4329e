"""A config, an address, a number that cannot be meant is one line that says what and where; no password is in it."""

import json

import pytest

from learning_loop.errors import WrongUse
from learning_loop.operational_db import config, postgres

from .test_land import land

TABLE = {
    "feed": "events", "table": "events", "watermark": "timestamp", "id": "id",
    "columns": {"event_id": "id", "event_type": "event_type", "timestamp": "timestamp", "data": "data"},
}  # fmt: skip
SECRET = "hunter2-of-nobody"


def text(**changes: object) -> str:
    return json.dumps({"tables": [TABLE | changes]})


CONFIGS = {
    "no_yaml": ("tables: [", "line 1 is no YAML"),
    "tab": ("tables:\n\t- x", "line 2 is no YAML"),
    "nul": ("tables: \0", "is no YAML"),
    "very_deep": ("[" * 100_000, "is no YAML"),
    "no_date": ("tables: 2026-99-99", "is no YAML"),
    "number_too_long": ("tables: " + "9" * 5000, "is no YAML"),
    "hexadecimal_number_too_long": ("batch_rows: 0x" + "f" * 5000 + "\ntables: " + json.dumps([TABLE]), "is no number"),
    "unhashable_key": ("? [a]\n: b", "is no YAML"),
    "python_object": ("tables: !!python/object/apply:os.getcwd []", "is no YAML"),
    "two_documents": ("tables: []\n---\ntables: []", "is no YAML"),
    "empty": ("", "lists no tables"),
    "a_text": ("tables", "lists no tables"),
    "tables_is_a_map": ("tables: {}", "lists no tables"),
    "no_entry": ("tables: [7]", "line 1: table 1: write feed"),
    "key_twice": ("tables:\n- feed: events\n  feed: events\n", "line 3: `feed` is there twice"),
    "unknown_key": ("tables:\n- feed: events\n  colums: [id]\n", "line 3: table 1: `colums` is unknown"),
    "unknown_key_above": ("tabels: []\ntables: [{}]", "line 1: `tabels` is unknown"),
    "unknown_key_no_text": ("tables:\n- {1: x}", "`1` is unknown"),
    "feed_is_a_list": (text(feed=["events"]), "there is no feed"),
    "feed_is_unknown": (text(feed="event"), "there is no feed 'event'"),
    "feed_without_a_table": (text(feed="stage_b_runs"), "there is no feed 'stage_b_runs'"),
    "table_is_a_list": (text(table=["events"]), "write the table as schema.table"),
    "three_parts": (text(table="a.b.c"), "write the table as schema.table"),
    "watermark_is_a_map": (text(watermark={"a": "b"}), "`watermark` must be"),
    "id_holds_a_number": (text(id=["id", 7]), "`id` must be"),
    "columns_hold_a_number": (text(columns=["event_id", 7]), "`columns` must be"),
    "columns_hold_null": (text(columns={"event_id": None}), "`columns` must be"),
    "columns_hold_nothing": (text(columns=["event_id", ""]), "`columns` must be"),
    "columns_hold_nul": (text(columns=["event_id", "a\0b"]), "`columns` must be"),
    "optional_columns_is_a_text": (text(optional_columns="note"), "`optional_columns` must be"),
    "required_field_is_not_mapped": (
        text(columns={"event_id": "id", "event_type": "event_type", "timestamp": "timestamp"}),
        "the feed events requires `data`",
    ),
    "field_in_both": (text(optional_columns=["data"]), "`data` is in both"),
    "table_twice": (json.dumps({"tables": [TABLE, TABLE]}), "public.events is there twice"),
    "optional_is_a_text": (text(optional="yes please"), "`optional` 'yes please' is neither true nor false"),
    "only_visible_rows_is_a_number": (text(only_visible_rows=1), "`only_visible_rows` 1 is neither true nor false"),
    "overlap_is_no_span": (text(overlap="often"), "`overlap` 'often' is no span"),
    "overlap_is_a_number": (text(overlap=6), "`overlap` 6 is no span"),
    "overlap_is_null": (text(overlap=None), "`overlap` None is no span"),
    "overlap_is_negative": (text(overlap="-1 hours"), "is no span"),
    "overlap_is_huge": (text(overlap="999999999999 days"), "is no span"),
    "overlap_is_beyond_python": (text(overlap="9" * 5000 + " seconds"), "is no span"),
    "overlap_is_over_the_bar": (text(overlap="36501 days"), "at most 36500 days"),
    "overlap_above_is_huge": (json.dumps({"overlap": "999999999 days", "tables": [TABLE]}), "is no span"),
    "batch_rows_is_zero": (text(batch_rows=0), "`batch_rows` 0 is no number of rows"),
    "batch_rows_is_huge": (text(batch_rows=10**20), "is no number of rows"),
    "batch_rows_is_over_the_bar": (text(batch_rows=10_000_001), "at most 10,000,000"),
    "batch_rows_is_infinite": ("batch_rows: .inf\n" + "tables: " + json.dumps([TABLE]), "is no number of rows"),
    "batch_rows_is_true": (text(batch_rows=True), "is no number of rows"),
    "batch_rows_is_a_text": (text(batch_rows="many"), "is no number of rows"),
}


@pytest.mark.parametrize(("content", "message"), CONFIGS.values(), ids=CONFIGS)
def test_a_config_that_cannot_be_meant_is_one_line(tmp_path, content, message):
    (tmp_path / "land.yml").write_text(content)
    told = land("--from", "postgresql://reader@127.0.0.1:1/x", "--config", tmp_path / "land.yml")
    assert (told.returncode, told.stdout, len(told.stderr.strip().splitlines())) == (2, "", 1), told.stderr
    assert message in told.stderr
    assert len(told.stderr) < 1000


@pytest.mark.parametrize("overlap", ["0 seconds", "36500 days", "1 hour"])
def test_an_overlap_on_the_bar_is_taken(tmp_path, overlap):
    (tmp_path / "land.yml").write_text(text(overlap=overlap, batch_rows=10_000_000))
    [table] = config.load(str(tmp_path / "land.yml"), config.feeds())
    assert table.overlap.days in (0, 36500)


@pytest.mark.parametrize("name", config.shipped())
def test_the_shipped_configs_name_only_fields_that_their_feeds_know(name):
    known = {feed.name: {field.path.split(".")[0] for field in feed.fields} for feed in config.feeds()}
    for table in config.load(name, config.feeds()):
        assert set(table.columns) <= known[table.feed]


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"tables: \xe4"])
def test_a_config_that_is_no_text_is_one_line(tmp_path, content):
    (tmp_path / "land.yml").write_bytes(content)
    told = land("--from", "postgresql://reader@127.0.0.1:1/x", "--config", tmp_path / "land.yml")
    assert told.returncode == 2 and "no UTF-8" in told.stderr


@pytest.mark.parametrize("number", ["0", "-1", "10000001", "9" * 25, "many"])
def test_a_number_of_rows_that_cannot_be_meant_is_wrong_use(number):
    assert land("--from", "postgresql://reader@127.0.0.1:1/x", "--batch-rows", number).returncode == 2


PASSWORDS = {
    "plain": "postgresql://reader:{}@h/x",
    "without_user": "postgres://:{}@h/x",
    "in_the_query": "postgresql://h/x?user=reader&password={}",
    "in_the_query_encoded": "postgresql://h/x?pass%77ord={}",
    "of_the_key": "postgresql://h/x?sslpassword={}",
    "scram_key": "postgresql://h/x?scram_client_key={}",
    "oauth": "postgresql://h/x?oauth_client_secret={}",
    "with_a_slash": "postgresql://reader:a/{}@h/x",
    "with_a_question_mark": "postgresql://reader:a?{}@h/x",
    "with_a_hash": "postgresql://reader:a#{}@h/x",
    "with_an_at": "postgresql://reader:a@{}@h/x",
    "with_a_bracket": "postgresql://reader:[{}@h/x",
    "broken_address": "postgresql://reader:{}@[::1",
    "encoded_colon": "postgresql://reader%3A{}@h/x",
    "dbname_is_an_address": "postgresql://h/?dbname=postgresql%3A%2F%2Freader%3A{}%40h%2Fx",
    "dbname_is_a_conninfo": "postgresql://h/?dbname=user%3Dreader%20password%3D{}",
    "in_the_fragment": "postgresql://h/x#password={}",
    "conninfo": "host=h user=reader password={}",
    "other_scheme": "mysql://reader:{}@h/x",
    "upper_case": "POSTGRESQL://reader:{}@h/x",
}


@pytest.mark.parametrize("url", PASSWORDS.values(), ids=PASSWORDS)
@pytest.mark.parametrize("as_what", ["from", "argument", "config"])
def test_no_error_repeats_a_password(tmp_path, url, as_what):
    url = url.format(SECRET)
    arguments = {
        "from": ["--from", url],
        "argument": [url],
        "config": ["--from", "postgresql://reader@127.0.0.1:1/x", "--config", url],
    }[as_what]
    told = land(*arguments, "--landing", tmp_path / "landing")
    assert told.returncode == 2
    assert SECRET not in told.stdout + told.stderr
    assert not (tmp_path / "landing").exists()


@pytest.mark.parametrize(
    "url",
    [
        "", "postgresql", "postgresql:/h/x", "postgresql://[::1", "postgresql://h℀/x", "postgresql://\udcff@h/x",
        "postgresql://h:port/x", "postgresql://h/%zz", "postgresql://h/x?nix=1", "postgresql://h/x?port=99999999999",
        "postgresql://h:99999/x", "postgresql://h/%00", "postgresql://h/x?connect_timeout=often", "postgresql://?",
        "postgresql://h/x?host", "postgresql://h/x?service=nix",
    ],
)  # fmt: skip
def test_an_address_that_cannot_be_read_is_one_line(tmp_path, monkeypatch, url):
    monkeypatch.setenv("PGHOST", "127.0.0.1")
    monkeypatch.setenv("PGPORT", "1")
    monkeypatch.setenv("PGCONNECT_TIMEOUT", "2")
    told = land("--from", url, "--landing", tmp_path / "landing")
    assert (told.returncode, told.stdout, len(told.stderr.strip().splitlines())) == (2, "", 1), told.stderr


@pytest.mark.parametrize(
    "url",
    ["postgresql://h:5432/x", "postgresql://reader@[::1]:5432/x", "postgresql://h/x?options=-c%20search_path%3Da%3Ab"],
)
def test_an_address_without_a_password_is_taken(url):
    postgres.refuse_password(url)


def test_a_password_of_the_environment_is_taken_out_of_every_error(monkeypatch):
    monkeypatch.setenv("PGPASSWORD", SECRET)
    with pytest.raises(WrongUse) as refused:
        postgres.Postgres(f"postgresql://127.0.0.1:1/{SECRET}")
    assert SECRET not in str(refused.value)
