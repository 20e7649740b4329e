"""Which rows of the marts differ between two published files."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import yaml

from learning_loop.project import project_dir
from learning_loop.warehouse import opened

# When a row was computed is no part of what it says, and the clock's times differ whenever a night is run again.
PASSED_OVER = {"computed_at", "started_at", "finished_at"}
WALL_CLOCK_OF = {"nightly_runs", "learning_backlog_bridge_runs"}  # where started_at and finished_at are a run's own
BATCH_ROWS = 10_000
# Without a key, equal rows are told apart by their number.
JOINED = """
with
a as (select k, v, row_number() over (partition by k) as n from rows_a),
b as (select k, v, row_number() over (partition by k) as n from rows_b),
joined as (
    select
        case
            when b.n is null then 'only_in_a'
            when a.n is null then 'only_in_b'
            when a.v is distinct from b.v then 'changed'
        end as side,
        coalesce(a.k, b.k) as key_text,
        a.v as a_text,
        b.v as b_text
    from a full join b on a.k = b.k and a.n = b.n
)
"""


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


@dataclass(frozen=True)
class Files:
    """Two published files, each in a connection of its own: their views name the one catalog that both files have."""

    a: duckdb.DuckDBPyConnection
    b: duckdb.DuckDBPyConnection
    both: duckdb.DuckDBPyConnection

    def columns(self, side: str, mart: str) -> list[str]:
        """Return the columns of a mart on a side that say something; none where it is not there."""
        passed_over = PASSED_OVER if mart in WALL_CLOCK_OF else {"computed_at"}
        found = self._of(side).execute(
            "select column_name from information_schema.columns where table_catalog = current_database()"
            " and table_schema = 'main' and table_name = $1 order by ordinal_position",
            [mart],
        )
        return [name for (name,) in found.fetchall() if name not in passed_over]

    def marts(self) -> list[str]:
        """Return the marts of both, by name."""
        query = (
            "select table_name from information_schema.tables"
            " where table_catalog = current_database() and table_schema = 'main'"
        )
        return sorted({name for side in "ab" for (name,) in self._of(side).execute(query).fetchall()})

    def count(self, side: str, mart: str) -> int:
        """Return the number of rows of a mart on a side."""
        found: int = self._of(side).execute(f'select count(*) from main."{mart}"').fetchall()[0][0]
        return found

    def join(self, mart: str, key: list[str], shared: list[str], select: str) -> list[tuple[Any, ...]]:
        """Select from `joined`: side, and of both files the key and the row as lists of text."""
        for side in "ab":
            key_list, row_list = (", ".join(f'"{name}"::varchar' for name in names) for names in (key, shared))
            rows = f'select [{key_list}] as k, [{row_list}] as v from main."{mart}"'
            if not self.columns(side, mart):
                rows = "select null::varchar[] as k, null::varchar[] as v limit 0"
            # Handed over batch by batch: no file's rows are ever held whole.
            self.both.register(f"rows_{side}", self._of(side).execute(rows).to_arrow_reader(BATCH_ROWS))
        return self.both.execute(f"{JOINED} {select}").fetchall()

    def _of(self, side: str) -> duckdb.DuckDBPyConnection:
        return {"a": self.a, "b": self.b}[side]


@contextmanager
def opened_both(a: Path, b: Path) -> Iterator[Files]:
    """Open two published files read-only.

    Raises:
        WrongUse: one of them cannot be opened.
    """
    with opened(a) as first, opened(b) as second, duckdb.connect() as both:
        yield Files(first, second, both)


def compare(files: Files) -> list[MartDifference]:
    """Compare every mart of both files, by name; a mart that one file lacks is empty there."""
    keys = grains()
    return [_compare(files, name, keys.get(name, [])) for name in files.marts()]


def rows(files: Files, mart: str, limit: int) -> list[dict[str, Any]]:
    """Return up to `limit` rows of a mart that differ: {side, key, a, b}, of a changed row only what changed.

    `side` is only_in_a, only_in_b or changed; values are text as DuckDB writes it, by column.
    """
    columns_a, columns_b = files.columns("a", mart), files.columns("b", mart)
    shared = [name for name in columns_a if name in columns_b] or [*columns_a, *columns_b]
    key = [name for name in grains().get(mart, []) if name in shared] or shared
    found = files.join(
        mart, key, shared,
        "select side, key_text, a_text, b_text from joined where side is not null"
        f" order by side, key_text limit {int(limit)}",
    )  # fmt: skip
    out = []
    for side, key_values, a, b in found:
        row: dict[str, Any] = {"side": side, "key": dict(zip(key, key_values, strict=True))}
        pairs = zip(shared, a or [None] * len(shared), b or [None] * len(shared), strict=True)
        shown = [(name, x, y) for name, x, y in pairs if name not in key and (side != "changed" or x != y)]
        row["a"] = {name: x for name, x, _ in shown} if side != "only_in_b" else None
        row["b"] = {name: y for name, _, y in shown} if side != "only_in_a" else None
        out.append(row)
    return out


def _compare(files: Files, mart: str, grain: list[str]) -> MartDifference:
    columns_a, columns_b = files.columns("a", mart), files.columns("b", mart)
    if not columns_a or not columns_b:
        counts = [files.count(side, mart) if there else 0 for side, there in (("a", columns_a), ("b", columns_b))]
        return MartDifference(mart, grain, counts[0], counts[1], 0)
    shared = [name for name in columns_a if name in columns_b]
    key = [name for name in grain if name in shared]
    only_in_a, only_in_b, changed = files.join(
        mart, key or shared, shared,
        "select count(*) filter (side = 'only_in_a'), count(*) filter (side = 'only_in_b'),"
        " count(*) filter (side = 'changed') from joined",
    )[0]  # fmt: skip
    return MartDifference(
        mart,
        key,
        only_in_a,
        only_in_b,
        changed,
        [name for name in columns_a if name not in columns_b],
        [name for name in columns_b if name not in columns_a],
    )
