"""The page: one HTML file that holds all it shows and asks for nothing; its script only copies, filters and sorts."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import jinja2
from markupsafe import Markup

from learning_loop.report import sections
from learning_loop.report.blocks import cell, named, unbroken
from learning_loop.report.emptiness import feeds_of, old_rows
from learning_loop.report.lanes import read_lanes
from learning_loop.report.standing import alarms, fixes_in_words, gate_in_words, stand
from learning_loop.report.start import first_steps
from learning_loop.terminal import plain

SHOWN_CARDS = 6
MOST_CARDS = 60
HERE = Path(__file__).parent


PageOf = Callable[[str, str], str]


def write_page(
    connection: duckdb.DuckDBPyConnection, warehouse: Path, now: datetime, page_of: PageOf | None = None
) -> str:
    """Return the page of a published file as it stands at `now`.

    Args:
        connection: the published file.
        warehouse: its path.
        now: the instant at which the last night's age is judged.
        page_of: the file of a thing's own page by kind and name, in a folder of pages; "" if it has none.
    """
    standing = stand(connection, warehouse, now)
    feeds = feeds_of(standing)
    common = {
        "pages": [
            ("Candidates", "candidates.html"),
            ("All experiments", "experiments.html"),
            ("Sources", "sources.html"),
        ]
        if page_of
        else [],
        "page_of": page_of or (lambda _kind, _name: ""),
        "title": f"Learning loop, {standing.night['as_of']:%A %-d %B %Y}",
        "night": standing.night,
        "published": cell(standing.night["finished_at"], "instant"),
        "alarms": alarms(standing),
        "file": warehouse.name,
    }
    if feeds.are_empty:
        return render("page.html.j2", **common, sentences=[], start=first_steps(standing))
    changed, night_before = sections.changes(connection)
    parts = [
        sections.clusters(connection, feeds),
        sections.calibration(connection, feeds),
        sections.backlog(connection, feeds),
        sections.editorial(connection, feeds),
        sections.experiments(connection, feeds),
        sections.stage_b(connection, feeds),
        sections.feeds(standing),
    ]
    # What cannot be told yet is no headline: `status` and `experiment aa` say it to who asks.
    is_gate_known = any(rate["verdict"] != "cannot_tell" for rate in standing.placebos)
    of_gate = gate_in_words(standing) if is_gate_known else ""
    said = [("#lane-fixed", fixes_in_words(standing)), ("#experiments", of_gate)]
    lanes = read_lanes(connection, standing)
    return render(
        "page.html.j2",
        **common,
        start=None,
        sentences=[{"link": link, "text": text} for link, text in said if text],
        lanes=lanes,
        old_rows=old_rows(feeds),
        has_filter=sum(len(lane.cards) for lane in lanes) > SHOWN_CARDS,
        shown_cards=SHOWN_CARDS,
        most_cards=MOST_CARDS,
        is_first_night=night_before is None,
        night_before=night_before,
        changes=changed,
        sections=[part for part in parts if not part.never_came],
        unused=[part for part in parts if part.never_came],
    )


def render(template: str, **given: Any) -> str:
    """Return a page of a template, with the style and the script of every page."""
    return _environment().get_template(template).render(_frame(), **given)


@cache
def _frame() -> dict[str, Any]:
    """Return the style and the script, with the hashes by which a page's policy allows them."""
    style = (HERE / "page.css").read_text(encoding="utf-8")
    script = (HERE / "page.js").read_text(encoding="utf-8")
    return {
        "style": Markup(style),
        "style_hash": _hash(style),
        "script": Markup(script),
        "script_hash": _hash(script),
    }


def _hash(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _shown(value: Any) -> Any:
    """Return what an expression of the page prints: a text without what turns the reading order or cannot be seen."""
    return plain(value, keep_newlines=True) if isinstance(value, str) and not isinstance(value, Markup) else value


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        finalize=_shown,
    )
    environment.filters["cell"] = cell
    environment.filters["named"] = named
    environment.filters["unbroken"] = unbroken
    return environment
