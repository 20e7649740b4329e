"""What a description says of the rows of a table, a test holds it to: `One row per …` has a test of uniqueness."""

from __future__ import annotations

from typing import Any

import yaml

from learning_loop.project import project_dir

MODELS = project_dir() / "models"

# The last step makes one row of each: it groups by the grain, numbers it, or unites without doubles.
BY_CONSTRUCTION = [
    "int_backlog__texts",
    "int_backlog__lowered_rates",
    "int_backlog__weeks_since",
    "int_backlog__class_priors",
    "int_backlog__tried_months",
    "int_calibration__touched_periods",
    "int_calibration__drift_periods",
    "int_calibration__baseline_bins",
    "int_calibration__weekly_evidence",
    "int_calibration__pooled_moments",
    "int_duplicates__current_templates",
    "int_duplicates__policy",
    "int_duplicates__readings",
    "int_editorial__touched_candidates",
    "int_editorial__trend_windows",
    "int_editorial__window_counts",
    "int_editorial__times_to_decision",
    "int_editorial__quarantined_labels",
    "int_editorial__top_reject_reasons",
    "int_editorial__touched_days",
    "int_editorial__paired_judgements",
    "int_editorial__judgement_patterns",
    "int_editorial__kappas",
    "int_experiments__judgements",
    "int_policy__approvals",
    "int_experiments__latest_labels",
    "int_experiments__metric_sums",
    "int_experiments__recent_days",
    "int_experiments__before_after",
    "int_experiments__placebo_counts",
    "int_experiments__placebo_sums",
    "int_experiments__placebo_values",
    "int_experiments__placebos",
    "int_experiments__model_scores",
    "int_issue_clusters__touched_periods",
    "int_quality__duplicate_texts",
    "int_quality__rule_hits_by_source",
    "int_scoring__likeness",
    "int_scoring__records",
    "int_stage_b__touched_runs",
    "int_stage_b__rule_spans",
    "int_stage_b__rule_uplift_verdicts",
    "int_stage_b__hard_tickets",
    "int_stage_b__told_failures",
    "int_tuning__batches",
    "int_tuning__correlations",
    "int_tuning__folds",
    "int_tuning__measured",
    "int_tuning__segments",
]
# A second row here is a second row there, where it is tested.
SEEN_IN = {
    "extraction_calibration_metrics_shrunk": "extraction_calibration_metrics",
    "int_backlog__proposals_issue_cluster": "int_backlog__proposals",
    "int_backlog__proposals_extraction_calibration": "int_backlog__proposals",
    "int_backlog__steps_before_tonight": "int_backlog__faced_proposals",
    "int_backlog__watch_windows": "int_backlog__watches",
    "int_backlog__class_weeks": "int_backlog__watched_weeks",
    "int_backlog__usual_cases": "int_backlog__usual_rates",
    "int_backlog__short_keys_before_tonight": "int_backlog__short_keys",
    "int_backlog__tried_proposals": "learning_backlog_proposals",
    "int_backlog__tried_faced_proposals": "learning_backlog_proposals",
    "int_backlog__tried_verdicts": "learning_backlog_proposals",
    "int_backlog__sightings": "learning_backlog_candidates",
    "int_backlog__shown_proposals": "learning_backlog_candidates",
    "int_calibration__scores": "extraction_calibration_metrics",
    "int_calibration__watched_weeks": "extraction_drift_weeks",
    "int_calibration__baselines": "extraction_drift_weeks",
    "int_calibration__design_effects": "extraction_drift_weeks",
    "int_calibration__evidence_sums": "extraction_drift_weeks",
    "int_calibration__latest_weeks": "extraction_drift_alarms",
    "int_calibration__statistics": "extraction_drift_weeks",
    "int_duplicates__title_pairs": "int_duplicates__near_titles",
    "int_duplicates__template_pairs": "int_duplicates__near_titles",
    "int_duplicates__groups": "idea_candidates",
    "int_editorial__edited_texts": "ingest_editor_labels",
    "int_editorial__edit_distances": "ingest_editor_labels",
    "int_editorial__performance": "source_performance",
    "int_editorial__performance_shrunk": "source_performance_shrunk",
    "int_editorial__agreement_bounds": "reviewer_agreement",
    "int_editorial__alphas": "reviewer_agreement",
    "int_experiments__change_effects": "tuning_history",
    "int_experiments__gate_verdicts": "experiment_gates",
    "int_experiments__placebo_inputs": "placebo_experiments",
    "int_experiments__placebo_verdicts": "placebo_experiments",
    "int_experiments__placebo_bounds": "placebo_rates",
    "int_policy__rows": "policy_log",
    "int_quality__text_scores": "candidate_quality_scores",
    "int_quality__duplicate_hits": "candidate_quality_scores",
    "int_quality__texts": "idea_candidates",
    "int_report__attention_backlog": "int_report__attention_tonight",
    "int_report__attention_calibration": "int_report__attention_tonight",
    "int_report__attention_experiments": "int_report__attention_tonight",
    "int_report__attention_sources": "int_report__attention_tonight",
    "int_report__attention_suggestions": "int_report__attention_tonight",
    "int_report__attention_editing": "int_report__attention_tonight",
    "int_report__attention_stage_b": "int_report__attention_tonight",
    "int_report__attention_feeds": "int_report__attention_tonight",
    "int_scoring__fits": "model_versions",
    "model_weights": "model_versions",
    "int_stage_b__tickets": "int_stage_b__processed",
    "int_stage_b__reflections": "stage_b_feedback_credit",
    "int_stage_b__windowed_credit": "stage_b_feedback_credit",
    "int_stage_b__rule_ledger": "stage_b_rule_events",
    "int_stage_b__rule_uplift": "stage_b_rule_uplift",
    "int_stage_b__rule_effects": "stage_b_rule_effects",
    "int_stage_b__credited_rules": "stage_b_rules_shrunk",
    "int_stage_b__rule_posteriors": "stage_b_rules_shrunk",
}
# A law of its own looks at what tonight touched, since the table is large, or says more than that rows are unique.
BY_LAW = {
    "int_calibration__claim_outcomes": "assert_no_claim_vanishes_between_staging_and_streams",
    "int_calibration__judged_claims": "assert_no_claim_vanishes_between_staging_and_streams",
    "int_calibration__bins": "assert_a_stream_of_a_period_stands_once",
    "int_calibration__horizon_bins": "assert_a_stream_of_a_period_stands_once",
    "int_calibration__session_moments": "assert_a_stream_of_a_period_stands_once",
    "int_calibration__stream_counts": "assert_a_stream_of_a_period_stands_once",
    "int_duplicates__titles": "assert_titles_stand_once",
    "int_duplicates__title_sets": "assert_titles_stand_once",
    "int_duplicates__new_titles": "assert_titles_stand_once",
    "int_experiments__assigned": "assert_no_candidate_counts_twice_in_an_experiment",
    "int_issue_clusters__counted_kinds": "assert_no_signal_vanishes_between_staging_and_buckets",
    "int_issue_clusters__kept_kinds": "assert_no_signal_vanishes_between_staging_and_buckets",
    "int_issue_clusters__buckets": "assert_a_bucket_stands_once",
    "nightly_runs": "assert_a_night_succeeds_once",
    "warehouse_identity": "assert_one_salt",
}
HARMLESS = [
    "int_duplicates__title_keys",  # two keys of one title may be one number: pairs that meet twice are compared once
    "int_population_priors__members",  # a member's name is put together for people, and two may read alike
]


def models() -> dict[str, dict[str, Any]]:
    """Return the models by name, as YAML describes them; staging judges each row as it comes in, doubles too."""
    return {
        model["name"]: model
        for path in sorted(MODELS.rglob("*.yml"))
        if not path.is_relative_to(MODELS / "staging")
        for model in yaml.safe_load(path.read_text("utf-8")).get("models") or ()
    }


def is_tested(model: dict[str, Any]) -> bool:
    tests = list(model.get("data_tests", ()))
    for column in model.get("columns", ()):
        tests += column.get("data_tests", ())
    names = {test if isinstance(test, str) else next(iter(test)) for test in tests}
    return not names.isdisjoint({"unique", "unique_combination"})


def test_every_grain_that_a_description_names_is_tested_or_says_why_not():
    untested = {
        name
        for name, model in models().items()
        if model.get("description", "").startswith("One row per") and not is_tested(model)
    }
    assert len(untested) > 20
    assert untested == {*BY_CONSTRUCTION, *SEEN_IN, *BY_LAW, *HARMLESS}


def test_what_stands_in_for_a_test_of_the_grain_is_there():
    known = models()
    assert [name for name in SEEN_IN.values() if not is_tested(known[name])] == []
    laws = {path.stem for path in (project_dir() / "tests").glob("*/assert_*.sql")}
    assert set(BY_LAW.values()) <= laws
