"""A night as the benchmark watches it: python benchmarks/watched.py FOLDER [--count | --replay] nightly …

FOLDER keeps what dbt says of the night's nodes; with --count also every statement that DuckDB is sent, which takes time;
with --replay what sending them again costs, in all and by relation, through one connection and without dbt, while the
night's copies are there.
"""

from __future__ import annotations

import json
import os
import re
import resource
import shutil
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import duckdb

from learning_loop import cli
from learning_loop.night import steps


def keep_artefacts(folder: Path) -> None:
    """Have dbt write what it did, and keep it when the night forgets it."""
    os.environ["DBT_WRITE_JSON"] = "true"
    usual = steps.forget_rows

    def forget_rows(night: steps.Night) -> None:
        for name in ("manifest.json", "run_results.json"):
            if (night.work_dir / "target" / name).exists():
                shutil.copyfile(night.work_dir / "target" / name, folder / name)
        usual(night)

    steps.forget_rows = forget_rows


usual_connect = duckdb.connect


def log_statements(folder: Path) -> None:
    """Have each database that this process opens log what it is sent."""
    opened = iter(range(10_000))

    def connect(*arguments: Any, **options: Any) -> duckdb.DuckDBPyConnection:
        connection = usual_connect(*arguments, **options)
        place = folder / f"statements-{next(opened)}"
        connection.execute(f"call enable_logging('QueryLog', storage = 'file', storage_config = {{'path': '{place}'}})")
        return connection

    duckdb.connect = connect


WRITTEN = re.compile(r'\b(?:table|view|into|update|copy|delete from)\s+(?:"?\w+"?\.)*"?(\w+)"?', re.IGNORECASE)
COMMENTS = re.compile(r"/\*.*?\*/|--[^\n]*", re.DOTALL)


def relation_of(statement: str) -> str:
    """Return the name of what a statement writes, "" where it writes nothing.

    One that only asks is of the "tests", but for what a Python model reads: that is asked of a relation without a name.
    """
    bare = COMMENTS.sub("", statement).lstrip()
    if re.match(r"(?i)(select|with|from)\b", bare):
        return "read by Python models" if "unnamed_relation" in bare else "tests"
    found = WRITTEN.search(bare)
    # A feed is judged in a table of the session, which is named after the feed.
    return found[1].removeprefix("tonight_").removesuffix("__outcomes") if found else ""


def _cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def replay(folder: Path) -> None:
    """Have a first night's statements sent to a new file too, as long as its copies and its steps are there.

    Writes replay.json: how many there were, the CPU seconds they took, and these by relation. What a Python model hands
    over as a table of memory cannot be sent again: such tables are there from the beginning. Nor can what has parameters:
    a few of the load.
    """
    usual = steps.checkpoint

    def checkpoint(private_file: Path, code_version: str) -> None:
        logs = [str(path) for path in folder.glob("statements-*/*entries.csv")]
        statements = duckdb.execute(
            "select message from read_csv($1, all_varchar = true) where type = 'QueryLog'"
            " and not regexp_matches(message, '(?i)^\\s*(begin|commit|rollback)') order by timestamp",
            [logs],
        ).fetchall()
        nodes = json.loads((private_file.parent / "target" / "manifest.json").read_text())["nodes"].values()
        (folder / "replay").mkdir()
        with usual_connect(str(folder / "replay" / private_file.name)) as connection:
            connection.execute(f"attach '{private_file}' as done (read_only)")
            for node in nodes:
                if node.get("language") == "python":
                    connection.execute(f"create schema if not exists {node['schema']}")
                    table = f"{node['schema']}.{node['name']}"
                    connection.execute(f"create table {table} as from done.{table}")
            connection.execute("detach done")
            by_relation: dict[str, float] = defaultdict(float)
            begun, refused = _cpu(), 0
            for (statement,) in statements:
                before = _cpu()
                try:  # as the night reads it: rows of Python would cost more than the asking
                    connection.execute(statement).to_arrow_table()
                except duckdb.Error as error:
                    refused += 1
                    print(f"Not sent again: {statement[:60]!r}: {str(error)[:100]!r}", file=sys.stderr)
                by_relation[relation_of(statement)] += _cpu() - before
            took = _cpu() - begun
        if refused > len(statements) / 10:
            raise SystemExit(f"Of {len(statements)} statements {refused} could not be sent again: that is no replay.")
        shutil.rmtree(folder / "replay")
        told = {"statements": len(statements) - refused, "cpu": took, "by_relation": by_relation}
        (folder / "replay.json").write_text(json.dumps(told))
        usual(private_file, code_version)

    steps.checkpoint = checkpoint


def count(folder: Path) -> int:
    """Return how many statements were logged, without the comments of tables and columns."""
    found = (
        "select count(*) from read_csv($1, all_varchar = true) where type = 'QueryLog'"
        " and not regexp_matches(coalesce(message, ''), '(?i)^\\s*comment on')"
    )
    logs = [str(path) for path in folder.glob("statements-*/*entries.csv")]
    return sum(duckdb.execute(found, [log]).fetchall()[0][0] for log in logs)


if __name__ == "__main__":
    place, *rest = sys.argv[1:]
    keep_artefacts(Path(place))
    if rest[0] == "--replay":
        replay(Path(place))
    if rest[0] in ("--count", "--replay"):
        log_statements(Path(place))
        rest = rest[1:]
    sys.argv = ["learning-loop", *rest]
    cli.main()
