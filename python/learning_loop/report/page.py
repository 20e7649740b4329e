"""The page: one HTML file that holds all it shows, loads nothing and runs nothing."""

from __future__ import annotations

import base64
import hashlib
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import jinja2
from markupsafe import Markup

from learning_loop.report import sections
from learning_loop.report.blocks import cell
from learning_loop.report.standing import Standing, alarms, fixes_in_words, gate_in_words, stand
from learning_loop.terminal import plain

SHOWN_ENTRIES = 5
MOST_ENTRIES = 100
HERE = Path(__file__).parent


def write_page(connection: duckdb.DuckDBPyConnection, warehouse: Path, now: datetime) -> str:
    """Return the page of a published file as it stands at `now`."""
    standing = stand(connection, warehouse, now)
    changed, night_before = sections.changes(connection)
    style = (HERE / "page.css").read_text(encoding="utf-8")
    return _template().render(
        style=Markup(style),
        style_hash=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
        day=f"{standing.night['as_of']:%A %-d %B %Y}",
        night=standing.night,
        published=cell(standing.night["finished_at"], "instant"),
        alarms=alarms(standing),
        fixes=fixes_in_words(standing),
        gate=gate_in_words(standing),
        kinds=_with_entries(standing),
        shown_entries=SHOWN_ENTRIES,
        most_entries=MOST_ENTRIES,
        is_first_night=night_before is None,
        night_before=night_before,
        changes=changed,
        sections=[
            sections.clusters(connection),
            sections.calibration(connection),
            sections.backlog(connection),
            sections.editorial(connection),
            sections.experiments(connection),
            sections.stage_b(connection),
            sections.feeds(standing),
        ],
        file=warehouse.name,
    )


def _with_entries(standing: Standing) -> list[dict[str, Any]]:
    return [
        kind
        | {
            "entries": [item for item in standing.items if item["kind"] == kind["kind"]],
            "asks_for_key": kind["next_step"].endswith(("KEY", "ID")),
        }
        for kind in standing.kinds
    ]  # fmt: skip


def _shown(value: Any) -> Any:
    """Return what an expression of the page prints: a text without what turns the reading order or cannot be seen."""
    return plain(value, keep_newlines=True) if isinstance(value, str) and not isinstance(value, Markup) else value


def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        finalize=_shown,
    )
    environment.filters["cell"] = cell
    return environment.get_template("page.html.j2")
