"""`learning-loop status`: what wants a person, in the terminal and for monitors."""

from __future__ import annotations

import json
from typing import Any

import pytest
from typer.testing import CliRunner

from house import House
from learning_loop import cli
from learning_loop.report import cli as report_cli
from report.test_page import COUNTS

AT_THE_NIGHT = "2026-02-16T06:00:00Z"


def status(house: House, *arguments: str, columns: str | None = None) -> tuple[int, str]:
    # Whatever width the tests themselves run at.
    runner = CliRunner(env={"COLUMNS": columns})
    done = runner.invoke(cli.app, ["status", "--warehouse", str(house.warehouse), *arguments])
    return done.exit_code, done.output


def test_fresh_warehouse_exits_0_and_counts_as_the_database_does(nights: Any) -> None:
    code, output = status(nights[0], "--now", AT_THE_NIGHT, "--json")
    told = json.loads(output)
    assert (code, told["is_stale"], told["stale"]) == (0, False, [])
    assert {kind["kind"]: kind["item_count"] for kind in told["wants_a_person"]} == {
        kind: nights[0].query(sql)[0][0] for kind, sql in COUNTS.items()
    }
    quarantined = nights[0].query("select count(*) from quarantined_rows where released_at is null")[0][0]
    assert sum(reason["row_count"] for reason in told["quarantine"]) == quarantined > 0
    alone = nights[0].column("select source_file from landing_files where status = 'not_read' order by 1")
    assert [entry["source_file"] for entry in told["not_read"]] == alone
    feeds = nights[0].column("select feed from feed_freshness")
    assert sorted(feed["feed"] for feed in told["feeds"]) == sorted(feeds)
    assert told["file"]["size_bytes"] == nights[0].warehouse.stat().st_size


@pytest.mark.parametrize(
    ("is_cloned", "said"),
    [(True, "works on a clone of it"), (False, "copies it"), (None, "cannot be told without the right to write")],
)
def test_it_says_whether_a_night_clones_the_file_or_copies_it(nights: Any, monkeypatch, is_cloned, said) -> None:
    monkeypatch.setattr(report_cli, "can_clone", lambda _: is_cloned)
    (line,) = [line for line in status(nights[0], "--now", AT_THE_NIGHT)[1].splitlines() if "The file has" in line]
    assert said in line
    assert json.loads(status(nights[0], "--now", AT_THE_NIGHT, "--json")[1])["file"]["is_cloned"] is is_cloned


def test_stopped_feeds_are_said_first_and_exit_4(nights: Any) -> None:
    code, output = status(nights[1], "--now", "2026-02-21T06:00:00Z")
    assert code == 4
    stopped = nights[1].column("select feed from feed_freshness where verdict = 'stale' order by age_hours")
    said = [line for line in output.splitlines() if line.startswith("The feed ")]
    assert output.startswith("The feed events stopped")
    assert [line.split()[2] for line in said] == stopped
    code, output = status(nights[1], "--now", "2026-02-21T06:00:00Z", "--json")
    assert (code, json.loads(output)["stale"]) == (4, stopped)


@pytest.mark.parametrize(
    ("now", "code"), [("2026-02-17T08:00:00Z", 0), ("2026-02-17T08:00:01Z", 4)], ids=["at the bar", "a second over it"]
)
def test_night_is_stale_above_its_bar_only(nights: Any, now: str, code: int) -> None:
    assert status(nights[0], "--now", now)[0] == code


def test_on_a_terminal_no_line_is_wider_than_it_but_for_a_word_that_is(nights: Any) -> None:
    for line in status(nights[0], "--now", AT_THE_NIGHT, columns="80")[1].splitlines():
        assert len(line) <= 80 or " " not in line.strip(), line


def test_night_that_failed_since_is_said(nights: Any) -> None:
    file = nights[0].warehouse.with_name("failed_nights.jsonl")
    lines = [
        {"run_id": "old", "started_at": "2026-01-01T00:00:00+00:00", "error": "long ago"},
        {"run_id": "2026-02-17T02:00:00Z", "started_at": "2999-01-01T00:00:00+00:00", "error": "test x\x1b[31m\nmore"},
    ]
    file.write_text("".join(json.dumps(line) + "\n" for line in lines) + '{"run_id": "torn')
    try:
        output = status(nights[0], "--now", AT_THE_NIGHT)[1]
    finally:
        file.unlink()
    assert output.startswith("The night 2026-02-17T02:00:00Z failed since: test x\ufffd[31m")
    assert "long ago" not in output


@pytest.mark.parametrize("edition", ["first", "second"])
def test_what_is_left_alone_is_named_once_with_its_reason(edition: str, capsys: Any) -> None:
    import duckdb

    from learning_loop.report.cli import SHOWN_FILES, _tell_not_read
    from learning_loop.report.reading import rows

    with duckdb.connect() as connection:
        connection.execute("create table landing_files as select 'a' as source_file, now() as read_at")
        if edition == "second":
            connection.execute("alter table landing_files add column status varchar default 'read'")
            connection.execute("alter table landing_files add column reason varchar")
            connection.execute(
                "insert into landing_files select 'x' || i || '\x1b[1m', now(), 'not_read', 'no feed reads it'"
                f" from range({SHOWN_FILES + 2}) as t(i)"
            )
        _tell_not_read(rows(connection, "not_read"))
    said = capsys.readouterr().out.splitlines()
    if edition == "first":
        assert said == []
    else:
        assert said[1] == "Left alone in the landing folder:" and "\x1b" not in "".join(said)
        assert len({line for line in said if line.endswith(": no feed reads it")}) == SHOWN_FILES
        assert said[-1] == "  and 2 more in landing_files, where status = 'not_read'."


def test_texts_from_data_are_shown_as_texts(nights: Any) -> None:
    output = status(nights[0], "--now", AT_THE_NIGHT)[1]
    assert "\x1b" not in output
    assert "\u202e" not in output
    assert "</script></style></title></svg><script>window.planted = 1</script>" in output


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["status", "--warehouse", "absent.duckdb"], "There is no warehouse at"),
        (["status", "--now", "yesterday"], "--now 'yesterday' is no instant"),
        (["report", "--warehouse", "absent.duckdb", "--out", "report.html"], "There is no warehouse at"),
        (["report", "--out", "absent/report.html"], "absent/report.html cannot be written"),
        (["report", "--out", "."], ". cannot be written"),
    ],
    ids=["no warehouse", "no instant", "report without warehouse", "no such folder", "a folder"],
)
def test_wrong_use_is_one_line_and_exits_2(
    nights: Any, arguments: list[str], expected: str, tmp_path: Any, monkeypatch: Any, capsys: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.txt").touch()
    if "--warehouse" not in arguments:
        arguments = [*arguments, "--warehouse", str(nights[0].warehouse)]
    monkeypatch.setattr("sys.argv", ["learning-loop", *arguments])
    with pytest.raises(SystemExit) as left:
        cli.main()
    said = capsys.readouterr().err
    assert (left.value.code, len(said.splitlines())) == (2, 1)
    assert expected in said


def test_file_that_is_no_warehouse_and_one_of_an_older_version_are_refused(nights: Any, tmp_path: Any) -> None:
    import duckdb

    from learning_loop.errors import WrongUse
    from learning_loop.report.reading import rows
    from learning_loop.warehouse import open_published as published

    text = tmp_path / "text.duckdb"
    text.write_text("no database " * 500)
    with pytest.raises(WrongUse, match="cannot be opened as a DuckDB database"), published(text):
        pass
    older = tmp_path / "older.duckdb"
    with duckdb.connect(str(older)) as connection:
        connection.execute("create table nightly_runs (run_id varchar)")
    with pytest.raises(WrongUse, match="Run `learning-loop nightly`"), published(older) as connection:
        rows(connection, "feeds")
