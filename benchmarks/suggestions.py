"""What should be changed about a source: python benchmarks/suggestions.py [--nights 100] [--years 3].

Nights through the SQL that ships (compiled, over small tables). Writes the section `suggestions` of docs/honesty.md: nights
and half-years that confirm something of sources on which nothing depends, and planted changes of each kind that are found.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import duckdb
import honesty
import numpy as np
import pyarrow as pa
import shipped

from learning_loop.night import context
from learning_loop.project import project_dir

CHAIN = {
    "int_tuning__items": "scratch", "int_tuning__segments": "scratch", "int_tuning__batches": "scratch",
    "int_tuning__correlations": "scratch", "int_tuning__folds": "scratch", "int_tuning__measured": "scratch",
    "int_tuning__best_changes": "scratch", "tuning_suggestions": "main",
}  # fmt: skip
WINDOW, HALF_YEAR = 90, 182
SOURCES = 25
CORRELATIONS = (0.0, 0.1, 0.3)  # of two decisions of one source and day
SUFFIX = " | Site"
Rows = Mapping[str, Any]


def compiled(manifest: Any = None) -> dict[str, str]:
    """Return the SQL of the models of CHAIN."""
    return shipped.compiled(CHAIN, manifest)


class Desk:
    """A database in memory with the shipped policies, and what editors decided."""

    def __init__(self, sql: Mapping[str, str]) -> None:
        """Set up the tables that the chain reads."""
        self.sql, self.connection = sql, duckdb.connect()
        execute = self.connection.execute
        execute("set timezone = 'UTC'; set threads = 1")
        for schema in ("scratch", "policy", "staging", "intermediate"):
            execute(f"create schema {schema}")
        for seed in ("editorial", "tuning_policy"):
            file = project_dir() / "seeds" / "policy" / f"{seed}.csv"
            execute(
                f"create table policy.{seed} as from read_csv('{file}', types = {{'effective_from': 'timestamptz'}},"
                " auto_type_candidates = ['integer', 'double', 'varchar'])"
            )

    def fill(self, candidates: Rows, runs: Rows, states: Iterable[Rows] = ()) -> None:
        """Store decisions (by day from 0), runs, and what sources are set to beside the usual."""
        put = self.connection.register
        put("given", pa.table(dict(candidates)))
        put("ran", pa.table(dict(runs)))
        execute = self.connection.execute
        at = "timestamptz '2026-01-01 12:00:00+00' + to_days(day::integer)"
        execute(
            "create or replace temp table ingest_editor_labels as select id as candidate_id, source as source_key,"
            f" true as is_counted, promoted as is_promotion, {at} as created_at, if(promoted and edited,"
            " 'promoted_after_edit', if(promoted, 'promoted', 'rejected')) as action, final as final_title from given"
        )
        execute(
            "create or replace temp table idea_candidates as select id as candidate_id, title, selector, run as run_id,"
            " 'https://site.example' || folder || id as source_url from given"
        )
        execute(
            "create or replace temp table candidate_quality_scores as select id as candidate_id, score as total,"
            " false as is_hard_fail from given"
        )
        execute(
            f"create or replace table staging.stg_ingest_runs as select run as extraction_run_id, source as source_key,"
            f" 'success' as status, {at} as happened_at, '' as source_file, 1 as row_number, 1 as reader_version,"
            " false as is_displaced from ran"
        )
        execute(
            "create or replace table intermediate.int_editorial__source_states as select distinct source as source_key,"
            " 0.6::double as quality_threshold, false as is_paused, []::varchar[] as include_url_patterns,"
            " []::varchar[] as exclude_url_patterns from (select source from given union select source from ran)"
        )
        for state in states:
            for column, value in state.items():
                if column != "source_key":
                    execute(
                        f"update intermediate.int_editorial__source_states set {column} = $1 where source_key = $2",
                        [value, state["source_key"]],
                    )

    def night(self, day: int) -> list[tuple[str, str, str, str]]:
        """Return what the night after a day confirms: source, kind, direction, value."""
        at = datetime(2026, 1, 2, tzinfo=UTC) + timedelta(days=int(day))
        context.lay_down(self.connection, {"as_of": str(at)}, "timestamptz")
        for name, schema in CHAIN.items():
            self.connection.execute(f"create or replace table {schema}.{name} as {self.sql[name]}")
        return self.connection.execute(
            "select source_key, kind, direction, value from tuning_suggestions where verdict = 'confirmed' order by all"
        ).fetchall()


def noise(rng: np.random.Generator, correlation: float, days: int, sources: int = SOURCES) -> tuple[Rows, Rows]:
    """Return decisions and runs on which nothing depends, each at the worst place: on the bar.

    Sources decide 1, 2 or 6 a day at rates of .1 (the bar of a pause) to .7; a fifth of edits trim the title; runs bring
    something (or something promoted) at the bar too. Decisions, edits and runs of a day have luck in common.
    """
    per_day = rng.poisson(rng.choice([1, 2, 6], sources)[:, None], (sources, days))
    source, day = np.nonzero(per_day)
    size = per_day[source, day]
    rates = rng.choice([0.1, 0.25, 0.45, 0.7], sources)
    luck = _luck(rng, rates[source], correlation)
    trims = _luck(rng, np.full(len(source), 0.2), correlation)
    repeat = lambda values: np.repeat(values, size)  # noqa: E731
    count = int(size.sum())
    ids = np.arange(count)
    promoted = rng.random(count) < repeat(luck)
    edited = rng.random(count) < 0.6
    trimmed = rng.random(count) < repeat(trims)
    title = [f"Walk w{i}" + SUFFIX for i in ids]
    bring = np.arange(sources) % 2 == 0
    run_source, run_day = (axis.ravel() for axis in np.meshgrid(np.arange(sources), np.arange(days), indexing="ij"))
    brings = rng.random(len(run_source)) < _luck(rng, np.where(bring, 0.2, 0.8)[run_source], correlation)
    # A run that brings something brings one of the source's promoted candidates, or no candidate at all.
    names = np.array([f"r{n}" for n in range(len(run_source))])
    run = np.full(count, None, dtype=object)
    owner = repeat(source)
    for one in range(sources):
        mine = names[(run_source == one) & brings]
        taken = np.nonzero((owner == one) & promoted)[0][: len(mine)]
        run[taken] = mine[: len(taken)]
    return {
        "id": [str(i) for i in ids], "source": [f"s{s}" for s in owner], "day": repeat(day), "promoted": promoted,
        "edited": edited, "title": title, "final": [f"Walk w{i}" if t else f"Stroll w{i}" for i, t in zip(ids, trimmed, strict=True)],
        "folder": [f"/f{f}/" for f in rng.integers(0, 3, count)], "selector": [f"h{s}" for s in rng.integers(1, 4, count)],
        "score": rng.choice([0.6, 0.75, 0.85, 0.95], count), "run": pa.array(run, pa.string()),
    }, {"run": names, "source": [f"s{s}" for s in run_source], "day": run_day}  # fmt: skip


def _luck(rng: np.random.Generator, rates: np.ndarray, correlation: float) -> np.ndarray:
    if not correlation:
        return rates
    size = 1 / correlation - 1
    return rng.beta(rates * size, (1 - rates) * size)


# Each kind and direction that can arise: what the planted source is set to, and the rate of (what it touches, the rest).
PLANTED: dict[tuple[str, str, str], tuple[Rows, float, float]] = {
    ("include_pattern", "add", "/good/"): ({}, 0.75, 0.3),
    ("include_pattern", "remove", "/good/"): ({"include_url_patterns": ["https://site.example/good/*"]}, 0.15, 0.6),
    ("exclude_pattern", "add", "/good/"): ({}, 0.15, 0.6),
    ("exclude_pattern", "remove", "/good/"): ({"exclude_url_patterns": ["https://site.example/good/*"]}, 0.75, 0.3),
    ("selector_priority", "prefer", "h9"): ({}, 0.75, 0.3),
    ("selector_priority", "demote", "h9"): ({}, 0.15, 0.6),
    ("quality_threshold", "raise", "0.80"): ({"quality_threshold": 0.5}, 0.15, 0.6),
    ("quality_threshold", "lower", "0.80"): ({"quality_threshold": 0.9}, 1.0, 1.0),
    ("pause", "pause", "all"): ({}, 0.01, 0.01),
    ("pause", "resume", "all"): ({"is_paused": True}, 0.6, 0.6),
    ("run_frequency", "less", "less often"): ({}, 0.3, 0.3),
    ("run_frequency", "more", "more often"): ({}, 0.97, 0.97),
    ("text_normalisation_rule", "add", "strip_site_suffix"): ({}, 0.6, 0.6),
}


def planted(rng: np.random.Generator, what: tuple[str, str, str], days: int = WINDOW) -> tuple[Rows, Rows, Rows]:
    """Return a source of four decisions a day of which a half would be touched, its runs, and what it is set to."""
    state, inside, outside = PLANTED[what]
    kind, direction, _ = what
    day = np.repeat(np.arange(days), 4)
    count = len(day)
    touched = np.arange(count) % 2 == 0
    promoted = rng.random(count) < np.where(touched, inside, outside)
    trimmed = rng.random(count) < (0.7 if kind == "text_normalisation_rule" else 0.02)
    ids = [f"{kind}-{direction}-{i}" for i in range(count)]
    folder = kind.endswith("_pattern")
    # Three runs a day: each brings something, or one in twenty does, or every other one.
    run_of = {"less": 20, "more": 1}.get(direction, 2) if kind == "run_frequency" else 2
    name = f"{kind}-{direction}"
    lower = kind == "quality_threshold" and direction == "lower"
    scores = np.where(touched & (kind == "quality_threshold"), 0.75, 0.95)
    return {
        "id": ids, "source": [name] * count, "day": day, "promoted": promoted,
        "edited": np.full(count, kind == "text_normalisation_rule"), "title": [f"Walk {i}" + SUFFIX for i in ids],
        "final": [f"Walk {i}" if t else f"Stroll {i}" for i, t in zip(ids, trimmed, strict=True)],
        "folder": ["/good/" if t and folder else "/rest/" for t in touched],
        "selector": ["h9" if t and kind == "selector_priority" else "h1" for t in touched],
        "score": np.full(count, 0.8) if lower else scores,
        "run": pa.array([f"{name}-{r}" if r % run_of == 0 else None for r in day * 3 + np.arange(count) % 4 % 3], pa.string()),
    }, {"run": [f"{name}-{r}" for r in range(3 * days)], "source": [name] * 3 * days, "day": np.arange(3 * days) // 3}, {
        "source_key": name, **state,
    }  # fmt: skip


def together(parts: Iterable[Rows]) -> Rows:
    """Return tables of the same columns as one."""
    tables = [pa.table(dict(part)) for part in parts]
    return {name: pa.concat_tables(tables).column(name) for name in tables[0].column_names}


def claims(desk: Desk, nights: int, years: int, seed: int = 11) -> list[honesty.Claim]:
    """Return what is claimed of suggestions, measured over so many nights of noise and half-years of each kind."""
    rng = np.random.default_rng(seed)
    found, where = [], "`tuning_suggestions.verdict`"
    for correlation in CORRELATIONS:
        wrong = 0
        for _ in range(nights):
            desk.fill(*noise(rng, correlation, WINDOW))
            wrong += bool(desk.night(WINDOW - 1))
        found.append(honesty.Claim(
            "nothing differs, a suggestion is confirmed", f"a night of {SOURCES} sources, correlation within a day {correlation:g}",
            where, 0.05, wrong, nights,
        ))  # fmt: skip
    for correlation in CORRELATIONS:
        sources: set[tuple[int, str]] = set()
        for year in range(years):
            desk.fill(*noise(rng, correlation, WINDOW + HALF_YEAR))
            for day in range(WINDOW, WINDOW + HALF_YEAR, 14):
                sources |= {(year, row[0]) for row in desk.night(day)}
        found.append(honesty.Claim(
            "nothing differs, a source gets a confirmed suggestion within half a year", f"correlation within a day {correlation:g}",
            where, 0.1, len(sources), years * SOURCES,
        ))  # fmt: skip
    rounds = max(nights // 5, 1)
    hits = dict.fromkeys(PLANTED, 0)
    for _ in range(rounds):
        made = [planted(rng, what) for what in PLANTED]
        desk.fill(together(one[0] for one in made), together(one[1] for one in made), [one[2] for one in made])
        told = desk.night(WINDOW - 1)
        for what in PLANTED:
            hits[what] += (f"{what[0]}-{what[1]}", *what) in told
    for (kind, direction, _), hit in hits.items():
        case = f"{kind}, {direction}"
        found.append(honesty.Claim("a planted change is confirmed", case, where, 0.8, hit, rounds, True))
    return found


def main() -> None:
    """Measure and write the section."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nights", type=int, default=100, help="nights of noise, of each kind")
    parser.add_argument("--years", type=int, default=3, help="half-years of noise, of each kind")
    given = parser.parse_args()
    told = honesty.table(claims(Desk(compiled()), given.nights, given.years))
    print(told)
    if given.nights >= 100:
        honesty.write("suggestions", (
            "## What should be changed about a source\n\n"
            f"Written by `python benchmarks/suggestions.py`: {SOURCES} sources that decide 1, 2 or 6 a day, at rates of .1 to .7, whose"
            " folders, selectors and scores say nothing, and whose runs and edits lie on the bars; then one source of four"
            " decisions a day per kind and direction of change, half of which the change would touch. A half-year is looked at each"
            " fortnight: at the policy's bar of .02 a night seldom confirms anything of noise, but who waits long enough sees"
            " something, the more the more the decisions of a day are alike. That is why nothing is adopted without an"
            " experiment.\n\n" + told
        ))  # fmt: skip


if __name__ == "__main__":
    main()
