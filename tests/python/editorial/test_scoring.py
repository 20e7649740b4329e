"""Models of what editors will make of a candidate: they find what is there, say what they rest on, and never act."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from typer.testing import CliRunner

from editorial.test_suggestions import nights
from house import manifest
from learning_loop.editorial import inbox_cli, scoring
from learning_loop.night import context
from learning_loop.project import project_dir

START = datetime(2025, 11, 3, tzinfo=UTC)  # a Monday
KNOWN = ("int_scoring__records", "int_scoring__likeness", "int_scoring__candidates")
CHAIN = (*KNOWN, "model_versions", "candidate_model_scores")
WORDS = ("boat", "kite", "lamp", "bench", "shelf", "clock", "drum", "stool", "basket", "puppet")


class Desk:
    """A database in memory: candidates and labels of so many days, and nights over them."""

    def __init__(self, sql: dict[str, str]) -> None:
        self.sql, self.con = sql, duckdb.connect()
        self.con.execute("set timezone = 'UTC'; set threads = 1")
        for schema in ("scratch", "policy", "staging", "intermediate"):
            self.con.execute(f"create schema {schema}")
        file = project_dir() / "seeds" / "policy" / "model_policy.csv"
        self.con.execute(
            f"create table policy.model_policy as from read_csv('{file}', types = {{'effective_from': 'timestamptz'}},"
            " auto_type_candidates = ['integer', 'double', 'varchar'])"
        )
        self.con.execute(
            "create table intermediate.int_duplicates__near_titles (title_key_a ubigint, title_key_b ubigint,"
            " similarity double)"
        )

    def fill(self, days: int, signal: float, seed: int = 3) -> None:
        """Ten candidates a day of three sources; half of the words speak for a promotion, as far as `signal` says."""
        rng = np.random.default_rng(seed)
        rows = []
        for number in range(days * 10):
            source, words = int(rng.integers(3)), rng.choice(len(WORDS), 3, replace=False)
            logit = signal * ((source - 1) + sum(1 if word < 5 else -1 for word in words) / 2)
            rows.append({
                "candidate_id": f"c{number:05d}", "source_key": f"s{source}", "words": [WORDS[word] for word in words],
                "day": number // 10, "is_promotion": bool(rng.random() < 1 / (1 + np.exp(-logit))), "number": number,
            })  # fmt: skip
        self.con.register("given", pa.Table.from_pylist(rows))
        at = f"timestamptz '{START}' + to_days(day::integer) + interval 9 hours"
        execute = self.con.execute
        execute(
            "create or replace table staging.stg_ingest_candidates as select candidate_id, source_key,"
            " 'css' as strategy, array_to_string(words, ' ') as title, null::varchar as description,"
            f" null::varchar as raw_excerpt, {at} as created_at, 0.8::double as parser_confidence, '' as source_file,"
            " 1 as row_number, 1 as reader_version, false as is_displaced from given"
        )
        execute(
            "create or replace table main.ingest_editor_labels as select candidate_id as id, candidate_id,"
            " source_key, 'css' as strategy, if(is_promotion, 'promoted', 'rejected') as action, is_promotion,"
            " null::varchar as reject_reason_code, null::boolean as duplicate_confirmed, false as is_machine,"
            f" true as is_first_decision, {at} + interval 3 hours as created_at from given where day < {days - 3}"
        )
        execute(
            "create or replace table intermediate.int_duplicates__titles as select candidate_id,"
            f" words as title_words, {at} as created_at, number::ubigint as title_key from given"
        )
        execute(
            "create or replace table intermediate.int_quality__text_scores as select candidate_id,"
            " [{'rule_id': 'short', 'penalty': 0.1::decimal(9,4)}] as hits from given"
        )
        execute("drop table if exists main.model_versions")

    def night(self, at: datetime) -> int:
        """Run a night, and return how many examples it learnt from."""
        context.lay_down(self.con, {"as_of": str(at)}, "timestamptz")
        is_first = not self.con.execute("from duckdb_tables() where table_name = 'model_versions'").fetchall()
        if is_first:
            self.con.execute("create table main.model_versions (trained_until timestamptz, feature_set integer)")
        for name in KNOWN:
            self.con.execute(f"create or replace table scratch.{name} as {self.sql[name]}")
        examples = self.con.sql(
            "from scratch.int_scoring__candidates where is_learnt_from order by labelled_at, candidate_id"
        ).to_arrow_table()
        self.con.register("fitted", scoring.fit(examples))
        self.con.execute("create or replace table scratch.int_scoring__fits as from fitted")
        versions = self.sql["model_versions"]
        if is_first:  # a log's first rows give it its columns
            self.con.execute("drop table main.model_versions")
            versions = versions.replace('select * from "main"."model_versions"', "select * from tonight limit 0")
            self.con.execute(f"create table main.model_versions as {versions}")
        else:
            self.con.execute(f"insert into main.model_versions {versions}")
        self.con.execute(f"create or replace table main.candidate_model_scores as {self.sql['candidate_model_scores']}")
        return examples.num_rows

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return self.con.execute(sql).fetchall()


@pytest.fixture(scope="module")
def desk() -> Any:
    made = Desk(nights.shipped.compiled(CHAIN, manifest(), logs=["model_versions"]))
    made.fill(days=80, signal=1.2)
    made.night(START + timedelta(days=77, hours=2))  # a Monday
    yield made
    made.con.close()


def test_what_depends_on_source_and_words_is_found_and_is_calibrated(desk: Desk) -> None:
    (row,) = desk.rows(
        "select state, auc, rules_auc, brier < usual_brier, calibration_error, label_count, because"
        " from model_versions where target = 'promoted'"
    )
    assert row[0] == "active" and row[1] > 0.7 and row[2] == 0.5 and row[3] and row[4] < 0.12 and row[5] == 770
    others = desk.rows("select target, state from model_versions where target != 'promoted' order by 1")
    assert others == [("duplicate", "shadow"), ("rewrite", "shadow")]


def test_a_score_is_the_sum_of_what_it_shows(desk: Desk) -> None:
    weights = {slot: (weight, usual) for slot, _, weight, usual in desk.rows(
        "select unnest(weights, recursive := true) from model_versions where target = 'promoted'"
    )}  # fmt: skip
    rows = desk.rows(
        "select features, p_promoted, p_rewrite, contributions from candidate_model_scores"
        " inner join scratch.int_scoring__candidates using (candidate_id) order by candidate_id limit 50"
    )
    assert len(rows) == 50
    for features, chance, rewrite, contributions in rows:
        adds = {}
        for one in features:
            weight, usual = weights[one["slot"]]
            adds[one["feature"], one["says"]] = weight * (one["value"] - usual)
        assert chance == pytest.approx(1 / (1 + np.exp(-sum(adds.values()))), abs=1e-6)
        assert rewrite is None
        told = json.loads(contributions)["promoted"]
        sizes = sorted((abs(add) for key, add in adds.items() if key[0] != "intercept"), reverse=True)
        assert [abs(part["adds"]) for part in told] == pytest.approx(sizes[:5], abs=1e-4)


def test_a_candidate_is_known_by_what_was_known_before_its_day(desk: Desk) -> None:
    asked = "select candidate_id, features from {} where candidate_id < 'c00500' order by 1"
    before = desk.rows(asked.format("scratch.int_scoring__candidates"))
    desk.con.execute("begin; delete from main.ingest_editor_labels where candidate_id >= 'c00490'")
    desk.con.execute(f"create or replace table scratch.int_scoring__records as {desk.sql['int_scoring__records']}")
    desk.con.execute(f"create temp table again as {desk.sql['int_scoring__candidates']}")
    assert desk.rows(asked.format("again")) == before
    desk.con.execute("rollback")


def test_a_week_is_learnt_from_once_whatever_its_nights(desk: Desk) -> None:
    first = desk.rows("from model_versions order by all")
    for day in (77, 78, 83):
        assert desk.night(START + timedelta(days=day, hours=5)) == 0
    assert desk.rows("from model_versions order by all") == first
    assert desk.night(START + timedelta(days=84, hours=2)) == 770
    versions = desk.rows("select distinct model_version, trained_until from model_versions order by all")
    assert [name for name, _ in versions] == ["mv-2026-W04-1", "mv-2026-W05-1"]
    assert desk.rows("select distinct model_version from candidate_model_scores") == [("mv-2026-W05-1",)]


def test_the_inbox_says_what_its_models_are_worth(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "learning_loop.duckdb"
    with duckdb.connect(str(file)) as con:
        con.register("versions", desk.con.sql("from model_versions").to_arrow_table())
        con.execute("create table model_versions as from versions")
        con.execute(
            "create table inbox_ranking as from (values (1, 'c1', 's', 'A boat', timestamptz '2026-02-01', 'model',"
            " 'word boat +1.50'), (2, 'c2', 's', 'A drum', timestamptz '2026-02-01', 'model', ''))"
            " as t (shown_order, candidate_id, source_key, title, created_at, ranked_by, reason)"
        )
    told = CliRunner().invoke(inbox_cli.app, ["--limit", "1", "--warehouse", str(file)])
    assert told.exit_code == 0, told.output
    assert "1 of 2 that wait, ranked by model" in told.output and "c2" not in told.output
    assert "promoted: active, better than the rules" in told.output and "hide the lowest 30%" in told.output
    told = json.loads(CliRunner().invoke(inbox_cli.app, ["--limit", "1", "--json", "--warehouse", str(file)]).output)
    assert len(told["inbox"]) == told["waiting"] == 2
    assert {model["target"] for model in told["models"]} == {"promoted", "rewrite", "duplicate"}


def test_where_nothing_can_be_told_a_model_stays_in_the_shadow() -> None:
    rng = np.random.default_rng(5)
    active = 0
    for seed in range(100):
        days, y = np.repeat(np.arange(30), 8), (rng.random(240) < 0.4).astype(float)
        told = scoring.evidence(y, rng.uniform(0.3, 0.5, 240), rng.random(240), days, 0.4, 100, seed)
        active += told["state"] == "active"
    assert active <= 2


def test_the_area_under_the_curve_equals_that_of_the_library_ties_and_repeats_too() -> None:
    from sklearn.metrics import roc_auc_score

    rng = np.random.default_rng(1)
    y, score, times = (rng.random(60) < 0.4).astype(float), rng.integers(0, 9, 60) / 9, rng.integers(0, 3, (20, 60))
    expected = [roc_auc_score(np.repeat(y, some), np.repeat(score, some)) for some in times]
    assert scoring.auc_of(y, score, times.astype(float)) == pytest.approx(expected)


def test_what_a_threshold_costs_is_said_with_its_bounds() -> None:
    y, p = np.r_[np.zeros(98), np.ones(2), np.ones(98)], np.arange(198) / 198
    (tenth, fifth, _, half) = json.loads(scoring.threshold_costs(y, p))
    assert (tenth["hide_share"], tenth["lost"], fifth["lost"], half["lost"], half["promotions"]) == (0.1, 0, 0, 1, 100)
    assert half["lost_lower"] < half["lost_share"] == 0.01 < half["lost_upper"] < 0.06


def test_under_300_decisions_nothing_is_fitted_and_the_library_is_not_loaded() -> None:
    code = (
        "import sys; import pyarrow as pa; import learning_loop.cli; from learning_loop.editorial import scoring\n"
        "rows = pa.table({'is_promoted': [True] * 299, 'is_rewritten': [None] * 299, 'is_duplicate': [False] * 299,"
        " 'min_labels': [300] * 299})\n"
        "assert scoring.fit(rows).num_rows == scoring.fit(rows.slice(0, 0)).num_rows == 0\n"
        "print(*{name.split('.')[0] for name in sys.modules} & {'sklearn', 'scipy', 'statsmodels', 'joblib'})"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "\n"
