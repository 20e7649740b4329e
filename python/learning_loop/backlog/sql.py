"""The project's own SQL outside of a night: a model's text with its macros and refs filled in, without dbt.

The command line foresees the next night with the very models that the night runs, and the tests hold them against an
oracle on many small worlds. A second version of the rules in Python would one day say something else.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from jinja2 import Environment, StrictUndefined, Template

from learning_loop.project import project_dir
from learning_loop.terminal import instant_text


def model(name: str, refs: Mapping[str, str], as_of: datetime, earlier_proposals: str | None = None) -> str:
    """Return the SQL of a model.

    Args:
        name: the model, e.g. ``learning_backlog_candidates``.
        refs: what stands for each model and seed that it reads; one that is missing keeps its name.
        as_of: the instant of the run.
        earlier_proposals: the log of proposals as the night before left it; by default there was none.
    """
    context = _context(refs, as_of, earlier_proposals)
    return _template(_model_file(name).read_text("utf-8")).render(**context).strip()


def expression(text: str, as_of: datetime) -> str:
    """Return a text that calls macros, filled in; e.g. ``{{ backlog_fold('p', 'd', 't', as_of()) }}``."""
    return _template(text).render(**_context({}, as_of)).strip()


def _context(refs: Mapping[str, str], as_of: datetime, earlier_proposals: str | None = None) -> dict[str, Any]:
    run_id = instant_text(as_of)
    return {
        "ref": lambda name: refs.get(name, name),
        "config": lambda **_: "",
        "var": {"backlog_bridge_enabled": True}.__getitem__,
        # Of what a night asks its database while it compiles, these models ask only for the run's id.
        "execute": True,
        "run_query": lambda _: SimpleNamespace(rows=[[run_id]]),
        "adapter": SimpleNamespace(get_relation=lambda **_: earlier_proposals),
        "target": SimpleNamespace(database="", schema="main"),
        "is_incremental": lambda: False,
    }


@cache
def _template(text: str) -> Template:
    environment = Environment(extensions=["jinja2.ext.do"], undefined=StrictUndefined, autoescape=False)
    return environment.from_string(_macros() + text)


@cache
def _macros() -> str:
    """Return all macros as one text, less the materialization: a tag that only dbt knows."""
    files = sorted((project_dir() / "macros").rglob("*.sql"))
    texts = [path.read_text("utf-8") for path in files]
    return "".join(text for text in texts if "{% materialization" not in text)


@cache
def _model_file(name: str) -> Path:
    return next((project_dir() / "models").rglob(f"{name}.sql"))
