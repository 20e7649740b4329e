"""A night on two years of real bug triage: nothing is lost, and what is known of it is found."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import duckdb
import pytest

from editorial.harness import ROOT, built

DATA = ROOT.parent / "shared" / "real" / "gitbugs"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the real data is not here")


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("gitbugs")
    night = built(folder, DATA, datetime(2026, 1, 1, 2, tzinfo=UTC))
    connection = duckdb.connect(str(night.private_file), read_only=True)
    yield lambda sql: connection.execute(sql).fetchall()
    connection.close()


def test_every_label_and_candidate_is_accounted_for(night: Any) -> None:
    assert night("select feed, rows_in, kept, quarantined from main.landing_files order by feed") == [
        ("(none)", 0, 0, 0),  # the known pairs, which lie beside the feeds
        ("ingest_candidates", 3579, 3579, 0), ("ingest_editor_labels", 2242, 2242, 0),
    ]  # fmt: skip
    assert night("select count(*), count(*) filter (where source_key = 'unknown') from main.ingest_editor_labels") == [
        (2242, 0)
    ]
    assert night("select count(*) from main.idea_candidates") == [(3579,)]


def test_236_duplicates_are_confirmed(night: Any) -> None:
    assert night("select count(*) from main.ingest_editor_labels where is_counted and duplicate_confirmed") == [(236,)]


def test_near_pairs_are_the_best_that_titles_alone_can_say(night: Any) -> None:
    found = {tuple(pair) for pair in night("select distinct candidate_a, candidate_b from main.duplicate_pairs")}
    known = {tuple(sorted(pair)) for pair in night(f"from read_parquet('{DATA / 'known_duplicate_pairs.parquet'}')")}
    # Precision and recall stand in the note; here only that they do not silently change.
    assert (len(found), len(known), len(found & known)) == (62, 163, 8)
