"""Did a source fall: python benchmarks/sources.py [--nights 100].

Nights of 300 sources whose decisions of a day have luck in common, through the SQL that ships (compiled, over small
tables). Writes the section `sources` of docs/honesty.md: nights that list a source although none changed, and sources found
that promote two fifths less than before.
"""

from __future__ import annotations

import argparse
from typing import Any

import duckdb
import honesty
import numpy as np
import pyarrow as pa
import shipped

from learning_loop.night import context
from learning_loop.project import project_dir

CHAIN = {"int_editorial__trend_windows": "scratch", "source_trends": "main"}
SOURCES, DAYS = 300, 60
FALLEN, FALLS_TO = 3, 0.6  # of the 300, and what their rate is times then
CORRELATIONS = (0.0, 0.1, 0.3)  # of two decisions of one source and day


def compiled(manifest: Any = None) -> dict[str, str]:
    """Return the SQL of the models of CHAIN."""
    return shipped.compiled(CHAIN, manifest)


class Desk:
    """A database in memory with the shipped policies, and the decisions of one night after another."""

    def __init__(self, sql: dict[str, str]) -> None:
        """Set up the tables that the chain reads."""
        self.sql, self.connection = sql, duckdb.connect()
        execute = self.connection.execute
        execute("set timezone = 'UTC'; create schema scratch; create schema policy")
        context.lay_down(self.connection, {"as_of": "2026-03-01 00:00:00+00"}, "timestamptz")
        for seed in ("editorial", "source_trends_policy"):
            file = project_dir() / "seeds" / "policy" / f"{seed}.csv"
            execute(
                f"create table policy.{seed} as from read_csv('{file}', types = {{'effective_from': 'timestamptz'}},"
                " auto_type_candidates = ['integer', 'double', 'varchar'])"
            )

    def trends(self, decided: np.ndarray, promoted: np.ndarray) -> np.ndarray:
        """Return each source's trend of decisions and promotions by day (shape: sources, days; the last day latest)."""
        source, day = np.nonzero(decided)
        self.connection.register("days", pa.table({
            "source": source, "ago": DAYS - 1 - day, "decided": decided[source, day], "promoted": promoted[source, day],
        }))  # fmt: skip
        self.connection.execute(
            "create or replace temp table ingest_editor_labels as select source::varchar as source_key, true as is_counted,"
            " number <= promoted as is_promotion, timestamptz '2026-02-28 12:00:00+00' - to_days(ago::integer) as created_at"
            f" from days inner join (select unnest(range(1, {decided.max() + 1})) as number) on number <= decided"
        )
        for name, schema in CHAIN.items():
            self.connection.execute(f"create or replace table {schema}.{name} as {self.sql[name]}")
        found = np.full(decided.shape[0], "insufficient_data", dtype=object)
        for key, trend in self.connection.execute("select source_key, trend from source_trends").fetchall():
            found[int(key)] = trend
        return found


def night(
    rng: np.random.Generator, correlation: float, fallen: int = 0, sources: int = SOURCES
) -> tuple[np.ndarray, np.ndarray]:
    """Return decisions and promotions of the sources by day; the first `fallen` fall between the two windows.

    Those decide ten on each day at a rate of .5. Of the others some decide much and some little, each at its own rate.
    """
    decided = rng.poisson(rng.choice([1, 3, 10], sources)[:, None], (sources, DAYS))
    rates = np.repeat(rng.uniform(0.15, 0.75, sources)[:, None], DAYS, axis=1)
    decided[:fallen], rates[:fallen] = 10, 0.5
    rates[:fallen, DAYS // 2 :] *= FALLS_TO
    if correlation:
        sizes = 1 / correlation - 1
        rates = rng.beta(rates * sizes, (1 - rates) * sizes)
    return decided, rng.binomial(decided, rates)


def claims(desk: Desk, nights: int, seed: int = 7) -> list[honesty.Claim]:
    """Return what is claimed of sources, measured over so many nights of each kind."""
    rng = np.random.default_rng(seed)
    found = []
    where = "`source_trends.trend`"
    for correlation in CORRELATIONS:
        case = f"correlation within a day {correlation:g}"
        false = [(desk.trends(*night(rng, correlation)) == "decaying").any() for _ in range(nights)]
        found.append(honesty.Claim("no source changed, one is listed as fallen", case, where, 0.12, sum(false), nights))
    for correlation, floor in zip(CORRELATIONS, (0.9, 0.6, 0.2), strict=True):
        case = f"correlation within a day {correlation:g}"
        few = nights // 4
        hits = sum((desk.trends(*night(rng, correlation, FALLEN))[:FALLEN] == "decaying").sum() for _ in range(few))
        found.append(
            honesty.Claim("a rate that fell by 40 % is found", case, where, floor, int(hits), FALLEN * few, True)
        )
    return found


def main() -> None:
    """Measure and write the section."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nights", type=int, default=100, help="nights without a change, of each kind")
    nights = parser.parse_args().nights
    told = honesty.table(claims(Desk(compiled()), nights))
    print(told)
    if nights >= 100:
        honesty.write("sources", (
            "## Did a source fall\n\n"
            f"Written by `python benchmarks/sources.py`: {SOURCES} sources that decide 1, 3 or 10 a day at rates of .15 to .75, a"
            f" window of 30 days against the 30 before; {FALLEN} of them, of ten decisions a day, fall from .5 to .3. What is decided on"
            " one day may have its luck in common. A bar of one in forty for each source alone would list some"
            " of 300 on all nights.\n\n" + told
        ))  # fmt: skip


if __name__ == "__main__":
    main()
