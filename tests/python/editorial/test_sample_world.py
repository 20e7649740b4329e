"""What the sample world plants about editors is found by a night on it."""

from __future__ import annotations

from typing import Any

import duckdb
import pytest

from editorial.harness import AS_OF, built
from editorial.oracle import idea_key, wilson
from learning_loop.sample import editorial
from learning_loop.sample.plan import Plan


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("night")
    with duckdb.connect() as con:
        truth = editorial.write(con, folder / "landing", Plan(7, 60, 1, AS_OF))
    connection = duckdb.connect(str(built(folder, folder / "landing").private_file), read_only=True)
    connection.execute("set timezone = 'UTC'")
    yield truth, lambda sql: connection.execute(sql).fetchall()
    connection.close()


def test_every_row_is_accounted_for(night: Any) -> None:
    truth, query = night
    found = query("select source_file, rows_in, kept, redelivered, ignored, quarantined from main.landing_files")
    expected = {
        (path, f["rows_in"], f["kept"], f["redelivered"], f["ignored"], sum(f["quarantined"].values()))
        for path, f in truth["files"].items()
    }
    assert set(found) == expected


def test_intervals_cover_the_planted_rates(night: Any) -> None:
    truth, query = night
    for source, rate in truth["editorial"]["promotion_rates"].items():
        rows = query(f"select promotion_rate_lower, promotion_rate_upper, median_hours_to_decision "
                     f"from main.source_performance where source_key = '{source}' and window_days = 90")  # fmt: skip
        lower, upper, median = rows[0]
        assert lower <= rate <= upper, source
        assert median == truth["editorial"]["median_hours_to_decision"]


def test_wilson_bounds_cover_the_planted_rates_of_200_seeds() -> None:
    covered = []
    for seed in range(200):
        plan = Plan(seed, 28, 1, AS_OF)
        for source in editorial.STEADY:
            outcomes = [is_promoted for _, _, is_promoted in editorial.decisions(plan, source)]
            lower, upper = wilson(sum(outcomes), len(outcomes)) or (0, 0)
            covered.append(lower <= source.rate <= upper)
    assert 0.92 <= sum(covered) / len(covered) <= 0.98


def test_decaying_source_is_found_and_no_steady_one(night: Any) -> None:
    truth, query = night
    decaying = query("select source_key from main.source_trends where trend = 'decaying'")
    assert [key for (key,) in decaying] == truth["editorial"]["decaying"]


def test_thin_source_is_drawn_to_the_prior_and_never_ranked(night: Any) -> None:
    truth, query = night
    row = query("select reviewed_count, promotion_rate, promotion_rate_shrunk, promotion_rank "
                f"from main.source_overview where source_key = '{truth['editorial']['thin_source']}'")[0]  # fmt: skip
    assert row[0] == truth["editorial"]["thin_reviewed"]
    assert row[2] < row[1] == 1
    assert row[3] is None


def test_duplicates_of_all_kinds_are_found_and_near_misses_are_not(night: Any) -> None:
    truth, query = night
    planted = truth["editorial"]["duplicates"]
    found = {(evidence, a, b): apart for evidence, a, b, apart in query(
        "select evidence, candidate_a, candidate_b, is_kept_apart from main.duplicate_pairs"
    )}  # fmt: skip
    apart = {("near", *pair) for pair in planted["kept_apart"]}
    expected = {(kind, *pair) for kind in ("exact", "near", "confirmed") for pair in planted[kind]} | apart
    assert set(found) == expected
    assert {key for key, is_apart in found.items() if is_apart} == apart
    groups = dict(query("select candidate_id, duplicate_group from main.idea_candidates"))
    for kind in ("exact", "near", "confirmed"):
        assert all(groups[a] == groups[b] for a, b in planted[kind]), kind
    assert all(groups[a] != groups[b] for kind in ("kept_apart", "near_misses") for a, b in planted[kind])


def test_idea_keys_equal_the_oracle(night: Any) -> None:
    _, query = night
    for source, url, title, description, key in query(
        "select source_key, source_url, title, description, idea_key from main.idea_candidates"
    ):
        assert key == idea_key(source, url, title, description)


def test_labels_without_a_reason_are_counted_beside_the_rates(night: Any) -> None:
    truth, query = night
    found = query(
        "select source_key, quarantined_labels from main.source_performance "
        "where window_days = 30 and quarantined_labels > 0"
    )
    assert dict(found) == truth["editorial"]["quarantined_labels"]


def test_relabelled_candidates_count_once_by_the_last_word(night: Any) -> None:
    truth, query = night
    found = query("select reviewed_count, promoted_count, rejected_count, label_count from main.source_performance "
                  f"where source_key = '{truth['editorial']['relabelled_source']}' and window_days = 30")  # fmt: skip
    promoted = truth["editorial"]["relabelled_promoted"]
    assert found == [(promoted, promoted, 0, truth["editorial"]["relabelled_labels"])]


def test_pauses_overrides_and_thresholds_hold(night: Any) -> None:
    truth, query = night
    planted = truth["editorial"]
    states = "intermediate.int_editorial__source_states"
    assert [key for (key,) in query(f"select source_key from {states} where is_paused")] == planted["paused_sources"]
    visibility = {key: [value, why] for key, value, why in query(
        "select candidate_id, visibility, visibility_reason from main.candidate_quality_scores"
    )}  # fmt: skip
    assert {key: visibility[key] for key in planted["visibility"]} == planted["visibility"]
    thresholds = dict(query(f"select source_key, quality_threshold from {states}"))
    assert {key: thresholds[key] for key in planted["thresholds"]} == planted["thresholds"]


def test_two_editors_agree_at_the_planted_kappa(night: Any) -> None:
    truth, query = night
    found = query("select cohens_kappa from main.reviewer_agreement where scheme = 'action' and editor_a != '*'")
    assert found == [(pytest.approx(truth["editorial"]["kappa"]),)]


def test_machine_labels_count_nowhere_and_are_listed(night: Any) -> None:
    truth, query = night
    assert query("select count(*) from main.machine_promotions") == [(truth["editorial"]["machine_labels"],)]
    forum = next(source for source in editorial.STEADY if source.key == "forum-threads")
    decided = [key for key, _, _ in editorial.decisions(Plan(7, 60, 1, AS_OF), forum)]
    assert query(
        "select reviewed_count from main.source_performance where source_key = 'forum-threads' and window_days = 90"
    ) == [(len(decided),)]


def test_labels_of_unknown_candidates_are_of_source_unknown(night: Any) -> None:
    truth, query = night
    found = query("select count(*) from main.ingest_editor_labels where source_key = 'unknown'")
    assert found == [(truth["editorial"]["labels_of_unknown_candidates"],)]


def test_planted_suggestions_are_confirmed_with_their_evidence(night: Any) -> None:
    truth, query = night
    found = {
        tuple(row)
        for row in query(
            "select source_key, kind, direction, value from main.tuning_suggestions where verdict = 'confirmed'"
        )
    }
    assert found == {tuple(row) for row in truth["editorial"]["suggestions"]}
    counts = query("""
        select suggestions.suggestion_id
        from main.tuning_suggestions as suggestions
        inner join main.tuning_suggestion_evidence as evidence using (suggestion_id)
        group by all
        having count(*) filter (where is_inside and not is_held_out) != any_value(suggestions.learned_in_count)
            or count(*) filter (where is_inside and is_held_out) != any_value(suggestions.held_out_in_count)
            or count(*) filter (where not is_inside and not is_held_out)
                != coalesce(any_value(suggestions.learned_out_count), 0)
    """)
    assert counts == []


def test_no_editor_is_named_in_the_database(night: Any) -> None:
    truth, query = night
    names = {name for name in truth["planted_editor_ids"] if not name.startswith("machine:")}
    for schema, table in query(
        "select table_schema, table_name from information_schema.tables where table_schema != 'scratch'"
    ):
        text = query(f"select string_agg(to_json(t)::varchar, '') from {schema}.{table} as t")[0][0] or ""
        assert not [name for name in names if name in text], table
