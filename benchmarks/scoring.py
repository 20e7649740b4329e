"""What it costs to score candidates by the models: python benchmarks/scoring.py [FILE] [COUNT …].

The SQL that ships, over the candidates of a build (by default that of `make build`), each as often as it takes. A score is
a sum of products with its five largest parts, so twice the candidates should cost twice.
"""

from __future__ import annotations

import resource
import sys
import time

import duckdb
import shipped

from learning_loop.night import context

COUNTS = (500_000, 1_000_000, 2_000_000)
MODEL = "candidate_model_scores"
AS_OF = "2026-02-16T02:00:00+00:00"


def cost(connection: duckdb.DuckDBPyConnection, sql: str) -> tuple[float, float]:
    """Run a statement and return its CPU seconds and its seconds."""
    before, started = resource.getrusage(resource.RUSAGE_SELF), time.monotonic()
    connection.execute(sql)
    after = resource.getrusage(resource.RUSAGE_SELF)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, time.monotonic() - started


def main() -> None:
    """Measure and print a line per count."""
    words = sys.argv[1:]
    file = words.pop(0) if words and not words[0].isdigit() else "build/ci/learning_loop.duckdb"
    sql = shipped.compiled([MODEL])
    connection = duckdb.connect()
    connection.execute("set timezone = 'UTC'; set threads = 2; set memory_limit = '4GB'")
    context.lay_down(connection, {"as_of": AS_OF}, "timestamptz")
    connection.execute(f"attach '{file}' as built (read_only)")
    for schema in ("policy", "scratch"):
        connection.execute(f"create schema {schema}")
    connection.execute("create table policy.model_policy as from built.policy.model_policy")
    connection.execute("create table model_versions as from built.model_versions")
    for count in [int(word) for word in words] or COUNTS:
        connection.execute(
            "create or replace table scratch.int_scoring__candidates as"
            " select * replace (candidate_id || '-' || turn as candidate_id, true as is_scored)"
            f" from built.scratch.int_scoring__candidates, generate_series(1, {count}) as turns (turn) limit {count}"
        )
        cpu, seconds = cost(connection, f"create or replace table {MODEL} as {sql[MODEL]}")
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(
            f"{count:>9,} candidates scored by {MODEL}: {cpu:.1f} CPU seconds, {seconds:.1f} seconds,"
            f" {cpu / count * 1e6:.1f} for each million, peak {peak:,.0f} MB"
        )


if __name__ == "__main__":
    main()
