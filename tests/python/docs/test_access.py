"""Who may read what: public models lie in `main` for people and programs, the steps behind them are a group's own."""

from __future__ import annotations

from typing import Any

from house import manifest

# Marts that a step of another concept reads: each is a table for people that something else hangs on too. One more is a
# decision. The report's steps read whatever wants a person, and are not listed.
READ_BY_STEPS = {
    "extraction_calibration_metrics": {"backlog"},
    "extraction_drift_alarms": {"backlog"},
    "extraction_drift_weeks": {"backlog"},
    "extraction_underperforming_classes": {"backlog"},
    "ingest_editor_labels": {"experiments", "population_priors"},
    "learning_issue_clusters": {"backlog"},
    "nightly_runs": {"backlog"},
    "policy_log": {"calibration", "editorial", "issue_clusters", "stage_b"},
    "population_priors": {"editorial", "stage_b"},
    "quarantined_rows": {"editorial"},
    "suggestion_history": {"experiments"},
    "tuning_suggestion_log": {"experiments"},
    "stage_b_rule_credit": {"population_priors"},
}
# Logs whose history is in `main`, though nobody reads them there.
KEPT_IN_MAIN = {"tuning_change_verdicts", "warehouse_identity"}
PUBLIC_STEPS = {"int_issue_clusters__buckets"}


def models(room: str) -> dict[str, Any]:
    return {n.name: n for n in manifest().nodes.values() if n.resource_type == "model" and n.fqn[1] == room}


def test_what_lies_in_main_is_public_and_what_does_not_is_a_groups_own():
    published = {name for name, model in models("marts").items() if model.schema == "main" and model.access == "public"}
    assert set(models("marts")) == published | KEPT_IN_MAIN
    steps = models("intermediate")
    assert {name for name, step in steps.items() if step.access == "public"} == PUBLIC_STEPS
    assert not [name for name, step in steps.items() if step.schema == "main" or not step.group]
    assert not [name for name, model in models("marts").items() if not model.group]


def test_no_step_reads_another_concepts_mart_unnoticed():
    marts = models("marts")
    found: dict[str, set[str]] = {}
    for step in models("intermediate").values():
        for name in (unique_id.split(".")[-1] for unique_id in step.depends_on.nodes):
            if name in marts and marts[name].group != step.group and step.group != "report":
                found.setdefault(name, set()).add(step.group)
    assert found == READ_BY_STEPS


def test_each_description_says_what_a_row_is():
    described = [node for node in manifest().nodes.values() if node.resource_type in ("model", "seed")]
    assert [node.name for node in described if not node.description.startswith("One row per ")] == []
