"""Agreement, Wilson bounds and Kaplan-Meier quantiles equal statsmodels, lifelines and the definition."""

from __future__ import annotations

import math
import random
from datetime import timedelta
from functools import cache
from typing import Any

import duckdb
import jinja2
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lifelines import KaplanMeierFitter
from lifelines.utils import qth_survival_time
from statsmodels.stats.inter_rater import cohens_kappa as cohens_kappa_of_table
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from editorial.harness import AS_OF, ROOT, World
from editorial.oracle import cohens_kappa, krippendorffs_alpha

LABEL_MODELS = (
    "int_editorial__touched_candidates", "int_editorial__edited_texts", "int_editorial__edit_distances",
    "ingest_editor_labels",
)  # fmt: skip


def rendered(macro: str, *arguments: str) -> str:
    """Return a macro of macros/rates as SQL."""
    return str(getattr(_macros(), macro)(*arguments)).strip()


@cache
def _macros() -> Any:
    text = "".join(path.read_text() for path in sorted((ROOT / "macros" / "rates").glob("*.sql")))
    return jinja2.Environment().from_string(text).module


@given(st.integers(1, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_bounds_equal_statsmodels(counts: tuple[int, int]) -> None:
    k, n = counts
    sql = f"select {rendered('wilson_lower', str(k), str(n))}, {rendered('wilson_upper', str(k), str(n))}"
    assert duckdb.execute(sql).fetchone() == pytest.approx(proportion_confint(k, n, method="wilson"), abs=1e-12)


COUNTS = st.integers(1, 300).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@given(COUNTS, COUNTS)
def test_bounds_of_a_difference_equal_statsmodels(first: tuple[int, int], second: tuple[int, int]) -> None:
    arguments = [f"{value}::bigint" for value in (*first, *second)]
    sql = f"select {rendered('difference_lower', *arguments)}, {rendered('difference_upper', *arguments)}"
    expected = confint_proportions_2indep(*first, *second, method="newcomb")
    assert duckdb.execute(sql).fetchone() == pytest.approx(expected, abs=1e-9)


def test_wilson_bounds_cover_planted_rates_in_92_to_98_percent_of_200_seeds() -> None:
    drawn = [
        f"({rate}, {np.random.default_rng([seed, n]).binomial(n, rate)}, {n})"
        for seed in range(200)
        for rate, n in ((0.1, 60), (0.35, 80), (0.5, 40), (0.8, 120))
    ]
    [(covered,)] = duckdb.execute(
        f"select avg((rate between {rendered('wilson_lower', 'k', 'n')} and {rendered('wilson_upper', 'k', 'n')})::int)"
        f" from (values {', '.join(drawn)}) as drawn (rate, k, n)"
    ).fetchall()
    assert 0.92 <= covered <= 0.98


def test_kaplan_meier_quantiles_equal_lifelines(world: World) -> None:
    for seed in range(15):
        rng = random.Random(seed)
        candidates, labels, durations, decided = [], [], [], []
        for n in range(rng.randrange(1, 80)):
            created_at = AS_OF - timedelta(hours=rng.randrange(1, 7 * 24))
            candidates.append({
                "candidate_id": f"c{n}", "source_key": "s", "source_url": "u", "title": "t", "created_at": created_at,
                "strategy": "css", "idea_key": str(n),
            })  # fmt: skip
            wait = timedelta(hours=rng.randrange(0, 100))
            is_decided = rng.random() < 0.8 and created_at + wait <= AS_OF
            if is_decided:
                labels.append({
                    "label_id": f"l{n}", "candidate_id": f"c{n}", "action": "promoted", "actor_user_id": "u_ada",
                    "created_at": created_at + wait,
                })  # fmt: skip
            durations.append((wait if is_decided else AS_OF - created_at).total_seconds() / 3600)
            decided.append(is_decided)
        world.store("ingest_candidates", candidates)
        world.store("ingest_editor_labels", labels)
        world.compute(*LABEL_MODELS, "int_editorial__times_to_decision")
        fitted = KaplanMeierFitter().fit(durations, decided)
        expected = [qth_survival_time(q, fitted.survival_function_.round(9)) for q in (0.5, 0.1)]
        found = world.rows(
            "select median_hours_to_decision, p90_hours_to_decision from scratch.int_editorial__times_to_decision "
            "where grain = 'source' and window_days = 7"
        )
        assert found == [tuple(None if math.isinf(hours) else pytest.approx(hours) for hours in expected)], seed


def test_agreement_equals_statsmodels_and_the_coincidence_matrix(world: World) -> None:
    editors, actions = ("u_ada", "u_ben", "u_cyd"), ("promoted", "rejected", "needs_work")
    for seed in range(15):
        rng = random.Random(seed)
        said: dict[str, dict[str, str]] = {}
        for n in range(rng.randrange(2, 60)):
            opinion = rng.choice(actions)
            for editor in rng.sample(editors, rng.randrange(0, 4)):
                said.setdefault(f"c{n}", {})[editor] = opinion if rng.random() < 0.6 else rng.choice(actions)
        world.store("ingest_editor_labels", [
            {
                "label_id": f"{c}-{editor}", "candidate_id": c, "actor_user_id": editor, "action": action,
                "reject_reason_code": "not_actionable" if action == "rejected" else None, "created_at": AS_OF,
            }
            for c, opinions in said.items() for editor, action in opinions.items()
        ])  # fmt: skip
        # To ask for work is no judgement.
        said = {c: {e: o for e, o in opinions.items() if o != "needs_work"} for c, opinions in said.items()}
        agreement = (
            "int_editorial__paired_judgements", "int_editorial__judgement_patterns", "int_editorial__alphas",
            "int_editorial__kappas", "int_editorial__agreement_bounds",
        )  # fmt: skip
        world.compute(*LABEL_MODELS, *agreement, "reviewer_agreement")
        found = {
            row[:2]: row[2:] for row in world.rows(
                "select editor_a, editor_b, candidate_count, cohens_kappa, krippendorffs_alpha "
                "from main.reviewer_agreement where scheme = 'action'"
            )
        }  # fmt: skip
        units = [list(opinions.values()) for opinions in said.values() if len(opinions) > 1]
        if units:
            alpha = krippendorffs_alpha(units)
            assert found.pop(("*", "*")) == (
                len(units),
                None,
                alpha if alpha is None else pytest.approx(alpha, abs=1e-8),
            ), seed
        for (a, b), (count, kappa, alpha) in found.items():
            pairs = [(o[a], o[b]) for o in said.values() if a in o and b in o]
            assert count == len(pairs)
            wanted = cohens_kappa(pairs)
            assert kappa == (wanted if wanted is None else pytest.approx(wanted, abs=1e-8)), seed
            wanted_alpha = krippendorffs_alpha([list(pair) for pair in pairs])
            assert alpha == (wanted_alpha if wanted_alpha is None else pytest.approx(wanted_alpha, abs=1e-8)), seed
            if wanted is not None:
                first, second = zip(*pairs, strict=True)
                table = pd.crosstab(pd.Categorical(first, actions), pd.Categorical(second, actions), dropna=False)
                assert kappa == pytest.approx(cohens_kappa_of_table(table.to_numpy(), return_results=False), abs=1e-8)
