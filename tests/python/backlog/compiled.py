"""The project's SQL as dbt compiles it, for tests that run it over small tables of their own."""

from __future__ import annotations

import functools
import re
import tempfile
from collections.abc import Mapping

import duckdb
import pytest
from dbt.cli.main import dbtRunner

from house import WAREHOUSE, manifest
from learning_loop.backlog.sql import RELATION, KeptSql
from learning_loop.night import dbt_runner
from learning_loop.project import project_dir

MODELS = (
    "int_backlog__decisions", "int_backlog__steps", "int_backlog__proposals", "int_backlog__faced_proposals",
    "learning_backlog_proposals", "int_backlog__watch_windows",
    "int_backlog__left_out_traffic", "int_backlog__exposures", "int_backlog__usual_cases", "int_backlog__usual_rates",
    "int_backlog__rate_priors", "int_backlog__class_weeks", "int_backlog__class_priors",
    "int_backlog__watched_weeks",
    "int_backlog__rate_baselines", "int_backlog__rate_evidence", "int_backlog__rate_verdicts",
    "int_backlog__lowered_rates",
    "int_backlog__rate_returns", "int_backlog__weeks_since", "fix_effects",
    "int_backlog__weekly_signals",
    "int_backlog__step_reports", "learning_backlog_history", "rejected_decisions", "learning_backlog_regressions",
    "int_backlog__sightings", "int_backlog__shown_proposals", "learning_backlog_checklist",
    "learning_backlog_candidates", "int_backlog__short_keys",
    "int_policy__approvals", "int_backlog__tried_proposals", "int_backlog__tried_faced_proposals",
    "int_backlog__tried_verdicts", "int_backlog__tried_months",
    "experiment_gate_log",
)  # fmt: skip
# What the tests ask of macros, each by a name.
MACROS = {
    "more_pressing_first": "{{ more_pressing_first() }}",
    "cluster_name": "{{ cluster_name() }}",
    "recurrence": "{{ recurrence_in_words() }}",
    "class_trend": "{{ class_trend('classes', 'before') }}",
    "class_trend_in_words": "{{ class_trend_in_words('trend') }}",
    "guardrail": "{{ guardrail('cluster_min_score', 'measured') }}",
    "reopened_because": "{{ backlog_reopened_because('faced') }}",
    "short_keys": "{{ short_keys('proposed') }}",
}


def model(name: str, tables: Mapping[str, str]) -> str:
    """Return a model's SQL, with a table in the place of each model and seed that it reads."""
    return RELATION.sub(lambda found: tables.get(found[1], found[1]), _compiled()[name])


def kept() -> KeptSql:
    """Return what a night keeps of its SQL."""
    return KeptSql(_compiled(), [])


def macro(name: str) -> str:
    """Return what a macro of MACROS makes."""
    return _compiled()[name]


@functools.cache
def _compiled() -> dict[str, str]:
    """Compile all at once, in a database that knows the log of proposals: a first night's SQL would not read it."""
    marks = [f"-- {name}\n{text}" for name, text in MACROS.items()]
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("LEARNING_LOOP_BUILD", f"{folder}/{WAREHOUSE}")
        patch.setenv("LEARNING_LOOP_SALT", "a salt for tests only")
        with duckdb.connect(f"{folder}/{WAREHOUSE}") as con:
            con.execute("create table learning_backlog_proposals (run_id varchar)")
            con.execute("create table experiment_gate_log (experiment_id varchar)")
        places = ["--project-dir", str(project_dir()), "--profiles-dir", str(project_dir() / "profiles")]
        places += ["--target-path", folder, "--log-path", folder, "--no-write-json"]
        compile_ = ["--quiet", "--log-level", "none", "compile"]
        models = dbtRunner(manifest()).invoke([*compile_, "--select", *MODELS, *places])
        inline = dbtRunner(manifest()).invoke([*compile_, "--inline", "\n".join(marks), *places])
        dbt_runner._close()
    assert models.success and inline.success, (models.exception, inline.exception)
    found = {one.node.name: one.node.compiled_code.replace('"learning_loop".', "") for one in models.result.results}
    parts = re.split(r"-- (\w+)\n", inline.result.results[0].node.compiled_code)
    return found | dict(zip(parts[1::2], parts[2::2], strict=True))
