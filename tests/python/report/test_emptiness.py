"""A part of the page that shows nothing says why; one whose feeds never came is only named at the end."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from learning_loop.report.emptiness import Feeds, never_came, old_rows, why_empty

AT = datetime(2026, 2, 16, 2, tzinfo=UTC)


def feeds(stored: dict[str, int], refused: dict[str, int] | None = None, verdict: str = "fresh") -> Feeds:
    known = {
        feed: {"feed": feed, "stored_count": count, "newest_row_at": AT, "verdict": verdict}
        for feed, count in stored.items()
    }
    quarantine = [
        {"feed": feed, "row_count": count, "reason_code": "missing_field"} for feed, count in (refused or {}).items()
    ]
    return Feeds(AT, known, quarantine)


@pytest.mark.parametrize(
    ("came", "expected", "said"),
    [
        (feeds({"labels": 0, "candidates": 0}), ("labels", "candidates"), "The feed labels never came"),
        (feeds({}), ("labels", "candidates"), "The feed candidates never came"),
        (feeds({"labels": 0, "candidates": 3}), (), "none of its rows is of this kind"),
        (feeds({"labels": 0}, {"labels": 7}), (), "Of the feed labels 7 rows came, and all are in quarantine"),
        (feeds({"labels": 2}, verdict="stale"), (), "and stopped since"),
    ],
    ids=["no row", "unknown feeds", "of one feed rows", "all in quarantine", "stopped"],
)
def test_only_what_never_came_is_not_in_use_and_the_rest_says_why_it_is_empty(came, expected, said):
    assert never_came(came, "labels", "candidates") == expected
    assert said in why_empty(came, "Nothing yet.", "labels", "candidates")


@pytest.mark.parametrize(
    ("verdict", "age", "said"),
    [
        ("no_bar_yet", 48.1, "too seldom to tell whether they stopped: events 48 h."),
        ("no_bar_yet", 48.0, ""),
        ("no_bar_yet", None, ""),
        ("stale", 480.0, ""),
    ],
    ids=["beyond its bar", "on its bar", "without a row", "stopped, which is said as an alarm"],
)
def test_an_old_export_is_said_to_be_old_although_no_bar_holds_for_it_yet(verdict, age, said):
    row = {"feed": "events", "verdict": verdict, "age_hours": age, "max_age_hours": 48.0}
    told = old_rows(Feeds(AT, {"events": row}, []))
    assert told.endswith(said) and bool(told) == bool(said)
