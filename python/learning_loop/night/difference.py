"""Which rows of the marts differ between two published files."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import yaml

from learning_loop.project import project_dir

# When a row was computed is no part of what it says, and the clock's times differ whenever a night is run again.
PASSED_OVER = {"computed_at", "started_at", "finished_at"}
WALL_CLOCK_OF = {"nightly_runs", "learning_backlog_bridge_runs"}  # where started_at and finished_at are a run's own


@dataclass(frozen=True)
class MartDifference:
    """The rows of one mart that two files do not share; without a key, a changed row is one only in each."""

    mart: str
    key: list[str]
    only_in_a: int
    only_in_b: int
    changed: int
    columns_only_in_a: list[str] = field(default_factory=list)
    columns_only_in_b: list[str] = field(default_factory=list)

    @property
    def is_any(self) -> bool:
        """Whether anything differs."""
        return bool(
            self.only_in_a + self.only_in_b + self.changed + len(self.columns_only_in_a) + len(self.columns_only_in_b)
        )

    def as_json(self) -> dict[str, Any]:
        """Return the fields by name."""
        return asdict(self)


def grains() -> dict[str, list[str]]:
    """Return each mart's key, as its models' YAML tests it: `unique_combination`, else the first `unique` column."""
    found: dict[str, list[str]] = {}
    for path in sorted((project_dir() / "models/marts").rglob("*.yml")):
        for model in yaml.safe_load(path.read_text(encoding="utf-8")).get("models") or ():
            tests = [
                test["unique_combination"] for test in model.get("data_tests") or () if "unique_combination" in test
            ]
            singles = [
                column["name"] for column in model.get("columns") or () if "unique" in column.get("data_tests", ())
            ]
            if tests or singles:
                found[model["name"]] = tests[0]["arguments"]["columns"] if tests else singles[:1]
    return found


def attached(a: Path, b: Path) -> duckdb.DuckDBPyConnection:
    """Open both files read-only in one connection, as the databases `a` and `b`."""
    connection = duckdb.connect()
    connection.execute("set timezone = 'UTC'")
    for name, path in (("a", a), ("b", b)):
        connection.execute(f"attach '{str(path).replace(chr(39), chr(39) * 2)}' as {name} (read_only)")
    return connection


def compare(connection: duckdb.DuckDBPyConnection) -> list[MartDifference]:
    """Compare every mart of `a` and `b`, by name; a mart that one file lacks is empty there."""
    keys = grains()
    names = connection.execute(
        "select distinct table_name from information_schema.tables"
        " where table_catalog in ('a', 'b') and table_schema = 'main' order by 1"
    ).fetchall()
    return [_compare(connection, name, keys.get(name, [])) for (name,) in names]


def rows(connection: duckdb.DuckDBPyConnection, mart: str, limit: int) -> list[dict[str, Any]]:
    """Return up to `limit` rows of a mart that differ: {side, key, a, b}, of a changed row only what changed.

    `side` is only_in_a, only_in_b or changed; values are text as DuckDB writes it, by column.
    """
    columns_a, columns_b = _columns(connection, "a", mart), _columns(connection, "b", mart)
    shared = [name for name in columns_a if name in columns_b] or [*columns_a, *columns_b]
    key = [name for name in grains().get(mart, []) if name in shared] or shared
    found = connection.execute(
        f"{_joined(connection, mart, key, shared)} select side, key_text, a_text, b_text from joined"
        f" where side is not null order by side, key_text limit {int(limit)}"
    ).fetchall()
    out = []
    for side, key_values, a, b in found:
        row: dict[str, Any] = {"side": side, "key": dict(zip(key, key_values, strict=True))}
        pairs = zip(shared, a or [None] * len(shared), b or [None] * len(shared), strict=True)
        shown = [(name, x, y) for name, x, y in pairs if name not in key and (side != "changed" or x != y)]
        row["a"] = {name: x for name, x, _ in shown} if side != "only_in_b" else None
        row["b"] = {name: y for name, _, y in shown} if side != "only_in_a" else None
        out.append(row)
    return out


def _compare(connection: duckdb.DuckDBPyConnection, mart: str, grain: list[str]) -> MartDifference:
    columns_a, columns_b = _columns(connection, "a", mart), _columns(connection, "b", mart)
    if not columns_a or not columns_b:
        counts = [
            connection.execute(f'select count(*) from {name}.main."{mart}"').fetchall()[0][0] if there else 0
            for name, there in (("a", columns_a), ("b", columns_b))
        ]
        return MartDifference(mart, grain, counts[0], counts[1], 0)
    shared = [name for name in columns_a if name in columns_b]
    key = [name for name in grain if name in shared]
    only_in_a, only_in_b, changed = connection.execute(
        f"{_joined(connection, mart, key or shared, shared)} select count(*) filter (side = 'only_in_a'),"
        " count(*) filter (side = 'only_in_b'), count(*) filter (side = 'changed') from joined"
    ).fetchall()[0]
    return MartDifference(
        mart,
        key,
        only_in_a,
        only_in_b,
        changed,
        [name for name in columns_a if name not in columns_b],
        [name for name in columns_b if name not in columns_a],
    )


def _joined(connection: duckdb.DuckDBPyConnection, mart: str, key: list[str], shared: list[str]) -> str:
    """Return CTEs up to `joined`: side, and of both files the key and the row as lists of text."""
    sides = []
    for name in ("a", "b"):
        there = bool(_columns(connection, name, mart))
        key_list, row_list = (", ".join(f'"{column}"::varchar' for column in columns) for columns in (key, shared))
        # Without a key, equal rows are told apart by their number.
        sides.append(
            f"{name} as (select [{key_list}] as k, [{row_list}] as v, row_number() over (partition by k) as n"
            f' from {name}.main."{mart}")'
            if there
            else f"{name} as (select null::varchar[] as k, null::varchar[] as v, 0 as n limit 0)"
        )
    return (
        f"with {sides[0]}, {sides[1]}, joined as (select"
        " case when b.n is null then 'only_in_a' when a.n is null then 'only_in_b'"
        " when a.v is distinct from b.v then 'changed' end as side,"
        " coalesce(a.k, b.k) as key_text, a.v as a_text, b.v as b_text"
        " from a full join b on a.k = b.k and a.n = b.n)"
    )


def _columns(connection: duckdb.DuckDBPyConnection, database: str, mart: str) -> list[str]:
    passed_over = PASSED_OVER if mart in WALL_CLOCK_OF else {"computed_at"}
    return [
        row[0]
        for row in connection.execute(
            "select column_name from information_schema.columns"
            " where table_catalog = $1 and table_schema = 'main' and table_name = $2 order by ordinal_position",
            [database, mart],
        ).fetchall()
        if row[0] not in passed_over
    ]
