"""When a count will be reached: by weekday, and as a range."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from learning_loop.experiments import pace

MONDAY = date(2026, 1, 5)


def history(*counts: int) -> list[dict]:
    return [
        {"day": MONDAY + timedelta(days=n), "reviewed_count": count} for n, count in enumerate(counts) if count
    ]  # fmt: skip


def told(counts: list[int], need: float) -> pace.Span | None:
    found = pace.pace_of(history(*counts), MONDAY, MONDAY + timedelta(days=len(counts) - 1))
    at = MONDAY + timedelta(days=len(counts))
    return pace.reached(found, need, datetime(at.year, at.month, at.day, tzinfo=UTC))


def test_nobody_works_at_weekends():
    """Two weeks of ten a day, Monday to Friday: the hundredth comes on the second Friday, not after ten days."""
    span = told([10, 10, 10, 10, 10, 0, 0] * 2, 100)
    assert span is not None and span.expected == date(2026, 1, 30)


def test_a_weekly_batch_comes_on_its_day():
    span = told([70, 0, 0, 0, 0, 0, 0] * 2, 71)
    assert span is not None and span.expected == date(2026, 1, 26)


def test_a_weekday_that_was_never_seen_has_the_mean_of_the_others():
    found = pace.pace_of(history(10, 20), MONDAY, MONDAY + timedelta(days=1))
    assert found is not None and found.by_weekday == (10, 20, 15, 15, 15, 15, 15)


def test_a_day_that_is_half_over_brings_half():
    found = pace.pace_of(history(*[10] * 7), MONDAY, MONDAY + timedelta(days=6))
    noon = datetime(2026, 1, 12, 12, tzinfo=UTC)
    by = [pace.reached(found, need, noon) for need in (5, 6, 15, 16)]
    assert [span.expected.day for span in by if span] == [12, 13, 13, 14]


def test_the_range_holds_the_day_and_widens_with_what_is_uncertain():
    steady, erratic = told([10] * 14, 200), told([0, 20] * 7, 200)
    assert steady is not None and erratic is not None
    assert steady.earliest <= steady.expected <= steady.latest
    assert (erratic.latest - erratic.earliest) > (steady.latest - steady.earliest) > timedelta(days=1)
    young = told([10] * 3, 200)
    assert young is not None and young.latest - young.earliest > steady.latest - steady.earliest


def test_without_reviews_nobody_can_say():
    assert told([0] * 7, 5) is None
    assert pace.reached(None, 5, datetime(2026, 1, 5, tzinfo=UTC)) is None
    assert told([1] + [0] * 27, 10_000) is None
