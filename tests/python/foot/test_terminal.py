"""What all commands share: texts made safe to show, instants, JSON, and options that are said once."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from importlib import import_module
from pathlib import Path

import duckdb
import pytest
import typer
from typer.testing import CliRunner

from learning_loop import cli, terminal
from learning_loop.backlog import export_cli
from learning_loop.editorial import suggestions_cli
from learning_loop.errors import WrongUse


@pytest.mark.parametrize(
    "text, shown",
    [
        pytest.param("plain £ text, 日本語", "plain £ text, 日本語", id="letters_of_any_script"),
        pytest.param("\x1b[2Jgone", "\ufffd[2Jgone", id="escape_sequence"),
        pytest.param("a\x00b\x07c\x7fd\x9be", "a\ufffdb\ufffdc\ufffdd\ufffde", id="control_characters"),
        pytest.param("a\tb\nc\rd\u2028e\u2029f", "a b c d e f", id="line_breaks"),
        pytest.param("\u202etxt.exe\u202c", "\ufffdtxt.exe\ufffd", id="reading_order"),
        pytest.param("zero\u200bwidth", "zero\ufffdwidth", id="unseen"),
        pytest.param("half\ud800pair", "half\ufffdpair", id="surrogate"),
    ],
)
def test_plain_keeps_what_is_read_and_nothing_that_is_obeyed(text, shown):
    assert terminal.plain(text) == shown
    assert terminal.plain(shown) == shown


def test_plain_keeps_newlines_when_asked():
    assert terminal.plain("a\nb\r", keep_newlines=True) == "a\nb "


def test_what_looks_like_markup_or_an_emoji_is_text(capsys):
    terminal.say("[bold]x[/bold] :warning: [/]", "\x1b[31mred", "x" * 300)
    terminal.say_marked(f"[bold]y[/bold] {terminal.safe('[bold]z[/]')}")
    assert capsys.readouterr().out.splitlines() == [
        "[bold]x[/bold] :warning: [/]", "\ufffd[31mred", "x" * 300, "y [bold]z[/]",
    ]  # fmt: skip


def shown_table(monkeypatch, capsys, width, *arguments, **more):
    monkeypatch.setenv("COLUMNS", str(width))
    terminal.say_table(*arguments, **more)
    return capsys.readouterr().out.splitlines()


def test_a_table_wraps_texts_and_cuts_no_word(monkeypatch, capsys):
    rows = [["stage_b_failure_malformed", "one two three four five six seven", 1]]
    lines = shown_table(monkeypatch, capsys, 50, ["feed", "what", "n"], rows, to_the_right=("n",))
    assert lines[1].startswith("stage_b_failure_malformed  one two three") and max(map(len, lines)) <= 50
    assert " ".join(" ".join(lines[1:]).split()) == "stage_b_failure_malformed one two three four 1 five six seven"


def test_a_table_that_is_too_wide_is_a_paragraph_for_each_row(monkeypatch, capsys):
    rows = [["stage_b_failure_malformed", "x" * 40, None], ["events", "y", 2]]
    assert shown_table(monkeypatch, capsys, 50, ["feed", "file", "n"], rows) == [
        "stage_b_failure_malformed", f"  file  {'x' * 40}", "events", "  file  y", "  n     2",
    ]  # fmt: skip


def test_a_pipe_gets_a_line_a_row(monkeypatch, capsys):
    monkeypatch.delenv("COLUMNS", raising=False)
    terminal.say_table(["a", "b"], [["x" * 300, "one two " * 40]])
    assert len(capsys.readouterr().out.splitlines()) == 2


def test_a_list_ends_with_a_screen_and_says_what_it_leaves_out():
    assert terminal.first_of("abc", 3) == ("abc", "") and terminal.first_of("abc", 0) == ("abc", "")
    assert terminal.first_of(range(1200), 20) == (range(20), "and 1,180 more: --limit 0 lists all 1,200")


def test_a_table_shows_cells_as_text_and_null_as_nothing(capsys):
    terminal.say_table(["what", "count"], [["[red]a[/]\x1b", 1], [None, 20]], "A [title]", to_the_right=("count",))
    title, head, first, second = capsys.readouterr().out.splitlines()
    assert title.strip() == "A [title]" and head.split() == ["what", "count"]
    assert first.split() == ["[red]a[/]\ufffd", "1"] and second.split() == ["20"]
    assert first.rstrip().endswith("    1") and second.rstrip().endswith("   20")


def test_json_holds_instants_as_a_run_id_is_written(capsys):
    terminal.say_json({"at": datetime(2026, 2, 16, 3, tzinfo=timezone(timedelta(hours=1))), "name": "ä"})
    assert json.loads(capsys.readouterr().out) == {"at": "2026-02-16T02:00:00Z", "name": "ä"}


@pytest.mark.parametrize(
    "text, instant",
    [
        ("2026-02-16T02:00:00Z", datetime(2026, 2, 16, 2, tzinfo=UTC)),
        ("2026-02-16T02:00:00", datetime(2026, 2, 16, 2, tzinfo=UTC)),
        ("2026-02-16T02:00:00+05:30", datetime(2026, 2, 15, 20, 30, tzinfo=UTC)),
        ("2026-02-16", datetime(2026, 2, 16, tzinfo=UTC)),
        ("20260216T020000.25Z", datetime(2026, 2, 16, 2, 0, 0, 250000, tzinfo=UTC)),
    ],
    ids=["utc", "without_offset", "other_offset", "day", "basic_with_fraction"],
)
def test_an_instant_is_read_whatever_its_form_and_written_in_one(text, instant):
    assert terminal.parse_instant(text, "--at") == instant
    assert terminal.parse_instant(terminal.instant_text(instant), "--at") == instant
    assert terminal.instant_text(instant).endswith("Z")


@pytest.mark.parametrize("text, hours", [("2w", 336), ("3d", 72), ("12h", 12)])
def test_a_span_leads_from_an_instant_into_the_past_or_the_future(text, hours):
    base = datetime(2026, 2, 16, 2, tzinfo=UTC)
    assert terminal.parse_instant(text, "--since", base) == base - timedelta(hours=hours)
    assert terminal.parse_instant(text, "--until", base, ahead=True) == base + timedelta(hours=hours)
    with pytest.raises(WrongUse, match="is no instant"):
        terminal.parse_instant(text, "--as-of")


def test_what_is_no_instant_is_wrong_use_that_names_the_option():
    with pytest.raises(WrongUse, match="--at 'tomorrow' is no instant"):
        terminal.parse_instant("tomorrow", "--at")


def test_an_option_of_several_commands_has_one_help_text():
    texts: dict[str, set[str]] = {}

    def collect(command: typer.core.TyperGroup | typer.core.TyperCommand) -> None:
        for option in command.params:
            for name in option.opts:
                if name in ("--landing", "--warehouse", "--json", "--by"):
                    texts.setdefault(name, set()).add(option.help)
        for inner in getattr(command, "commands", {}).values():
            collect(inner)

    collect(typer.main.get_command(cli.app))
    assert {name: len(found) for name, found in texts.items()} == dict.fromkeys(texts, 1) and len(texts) == 4


# What takes long to load, and no command needs that only reads the published file or adds a line to the landing folder.
HEAVY = {
    "adbc_driver_postgresql", "altair", "dbt", "jinja2", "numpy", "pandas", "pyarrow", "scipy", "statsmodels",
    "vl_convert", "yaml",
}  # fmt: skip


def loaded_by(*words: str) -> set[str]:
    program = (
        f"import sys; from learning_loop import cli; sys.argv = ['learning-loop', *{words!r}]\n"
        "try:\n    cli.main()\nexcept SystemExit:\n    pass\n"
        "print('loaded', sorted({name.split('.')[0] for name in sys.modules}))"
    )
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    return set(re.findall(r"'(\w+)'", told.rpartition("loaded")[2]))


def test_help_is_printed_without_what_only_a_command_needs():
    loaded = loaded_by("--help")
    assert "typer" in loaded and not loaded & {*HEAVY, "duckdb", "rich"}


def test_a_command_waits_for_nothing_heavy_while_it_is_loaded():
    for room in ("backlog", "status", "experiment", "sources", "source", "stage-b", "policy"):
        assert not loaded_by(room, "--help") & {*HEAVY, "rich"}, room


def test_help_says_of_each_command_what_the_command_says_of_itself():
    root = typer.main.get_command(cli.app)
    said = {name: room.says for rooms in cli.SECTIONS.values() for name, room in rooms.items()}
    assert {name: root.commands[name].get_short_help_str(1000) for name in root.commands} == said


def test_every_command_of_a_room_stands_in_help():
    of_another_app = {Path(suggestions_cli.__file__), Path(export_cli.__file__)}
    stems = set(Path(cli.__file__).parent.glob("*/*cli.py")) - of_another_app
    modules = {f"learning_loop.{path.parent.name}.{path.stem}" for path in stems}
    known = {room.module for rooms in cli.SECTIONS.values() for room in rooms.values()}
    assert modules <= known
    for module in modules:
        app = import_module(module).app
        named = {name for rooms in cli.SECTIONS.values() for name, room in rooms.items() if room.module == module}
        if not any(room.is_app for rooms in cli.SECTIONS.values() for room in rooms.values() if room.module == module):
            inner = typer.main.get_command(app)
            assert named == set(getattr(inner, "commands", named)), module


@pytest.mark.parametrize("name", ["", " ", "\t", "\u200b", "a\x1b[31m", "an\u202en", "x" * 201], ids=repr)
def test_nobody_signs(name):
    with pytest.raises(WrongUse, match="--by"):
        terminal.signer(name)


def test_without_a_name_the_environment_signs_and_else_git(monkeypatch, tmp_path):
    (tmp_path / "config").write_text("[user]\n\tname = Zoë Git\n", encoding="utf-8")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "config"))
    monkeypatch.chdir(tmp_path)
    app, signed = typer.Typer(), []

    @app.command()
    def sign(by: terminal.By):
        signed.append(by)

    CliRunner().invoke(app, [], env={"LEARNING_LOOP_BY": "ann"})
    CliRunner().invoke(app, [])
    CliRunner().invoke(app, ["--by", "eve"], env={"LEARNING_LOOP_BY": "ann"})
    assert signed == ["ann", "Zoë Git", "eve"]
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", os.devnull)
    assert "git's user.name" in str(CliRunner().invoke(app, []).exception)


def test_a_name_signs_as_it_is_written():
    assert terminal.signer(" Zoë O'Neill ") == " Zoë O'Neill "


def test_every_command_that_is_signed_refuses_a_blank_name(tmp_path):
    signed = [
        ("erase", "someone"), ("override", "c1", "shown", "--reason", "x"), ("source", "pause", "s", "--reason", "x"),
        ("source", "resume", "s", "--reason", "x"), ("backlog", "approve", "k"), ("backlog", "dismiss", "k"),
        ("backlog", "promote", "k"), ("backlog", "reopen", "k"), ("backlog", "check", "k", "step", "--evidence", "x"),
    ]  # fmt: skip
    for words in signed:
        told = CliRunner().invoke(cli.app, [*words, "--by", " "])
        assert isinstance(told.exception, WrongUse) and "--by is blank" in str(told.exception), words


@pytest.mark.parametrize(
    "text", ["9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00", "290000-01-01", "1999-12-31"]
)
def test_an_instant_that_no_feed_takes_is_wrong_use(text):
    with pytest.raises(WrongUse, match=f"--until '{re.escape(text)}'"):
        terminal.parse_instant(text, "--until")


def test_json_keeps_every_character_and_prints_none_that_is_obeyed(capsys):
    evil = "\x1b[31m \u202e \x9b \u200b \U000e0041 \ud800 Zoë 😀"
    terminal.say_json({"name": evil})
    told = capsys.readouterr().out
    assert json.loads(told)["name"] == evil
    assert "Zoë 😀" in told and terminal.plain(told, keep_newlines=True) == told


def test_markup_from_data_is_no_markup_and_obeys_nobody(capsys):
    terminal.say_marked(f"[bold]{terminal.safe('[red]x')}[/bold]\x1b]0;t\x07 \u202e")
    assert capsys.readouterr().out.rstrip() == "[red]x\ufffd]0;t\ufffd \ufffd"


def test_an_ascii_terminal_shows_what_it_can(tmp_path):
    asked = [sys.executable, "-m", "learning_loop.cli"]
    place = tmp_path / "zoë…"
    for words in (["nightly", "--landing", str(place)], ["status", "--warehouse", str(place / "w.duckdb")], ["--help"]):
        environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
        told = subprocess.run([*asked, *words], env=environment, capture_output=True, check=False)
        assert told.returncode in (0, 2) and b"Traceback" not in told.stderr, told.stderr


def test_the_day_of_an_instant_beyond_python_is_what_duckdb_calls_it():
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        found = connection.execute("select timestamptz '290000-01-01', timestamptz '2026-03-01'").fetchall()[0]
    assert [terminal.day(instant) for instant in found] == ["290000-01-01", "2026-03-01"]
