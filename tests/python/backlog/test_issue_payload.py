"""What a tracker is handed is what its JSON Schema says, and what a program cannot act on is refused by it."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from house import House
from learning_loop.backlog import export

SCHEMA = Path(__file__).parents[3] / "docs" / "issue_payload.schema.json"
Payload = dict[str, Any]


@pytest.fixture(scope="module")
def validator() -> jsonschema.Draft202012Validator:
    schema = json.loads(SCHEMA.read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


@pytest.fixture(scope="module")
def payloads(told: tuple[House, dict]) -> list[Payload]:
    found = told[0].column("select issue_payload from learning_backlog_candidates order by candidate_key")
    return [json.loads(text) for text in found]


def of_source(payloads: list[Payload], source: str) -> Payload:
    return copy.deepcopy(next(payload for payload in payloads if payload["source"]["source_type"] == source))


def test_every_payload_of_the_sample_is_of_the_schema(
    validator: jsonschema.Draft202012Validator, payloads: list[Payload]
) -> None:
    assert {payload["source"]["source_type"] for payload in payloads} == {"issue_cluster", "extraction_calibration"}
    assert [(error.json_path, error.message) for payload in payloads for error in validator.iter_errors(payload)] == []
    assert any(payload["examples"] for payload in payloads)


def without(*path: str) -> Callable[[Payload], object]:
    def remove(payload: Payload) -> object:
        at = payload
        for step in path[:-1]:
            at = at[step]
        return at.pop(path[-1])

    return remove


BROKEN: dict[str, tuple[str, Callable[[Payload], object]]] = {
    "another version": ("issue_cluster", lambda payload: payload.update(schema_version=1)),
    "no approval": ("issue_cluster", lambda payload: payload.update(approval_required=False)),
    "metrics as a list": ("issue_cluster", lambda payload: payload.update(impacted_metrics=[])),
    "metrics of a class": ("issue_cluster", lambda payload: payload["impacted_metrics"].update(brier=0.1)),
    "no count of events": ("issue_cluster", without("impacted_metrics", "event_count")),
    "events unknown": ("issue_cluster", lambda payload: payload["impacted_metrics"].update(event_count=None)),
    "no factors": ("issue_cluster", without("impacted_metrics", "score_factors")),
    "no Brier score": ("extraction_calibration", without("impacted_metrics", "brier")),
    "a bare sentence": (
        "extraction_calibration",
        lambda payload: payload["suggested_updates"].update(policy_updates=["Do something."]),
    ),
    "no target": (
        "issue_cluster",
        lambda payload: payload["suggested_updates"]["regression_tests"][0].pop("target_id"),
    ),
    "a kind in the wrong list": (
        "issue_cluster",
        lambda payload: payload["suggested_updates"]["policy_updates"][0].update(kind="invariant"),
    ),
    "an unknown trend": ("issue_cluster", lambda payload: payload["trend"].update(trend="up")),
}


@pytest.mark.parametrize(("source", "breaks"), BROKEN.values(), ids=BROKEN)
def test_a_broken_payload_is_refused(
    validator: jsonschema.Draft202012Validator, payloads: list[Payload], source: str, breaks: Callable
) -> None:
    payload = of_source(payloads, source)
    breaks(payload)
    assert not validator.is_valid(payload)


def test_an_issue_in_markdown_shows_trend_examples_and_metrics(payloads: list[Payload]) -> None:
    body = export.markdown(of_source(payloads, "issue_cluster"))
    for head in ("## Trend", "## Examples", "event_count in ", "score_factors"):
        assert (head in body) == (head != "score_factors"), head


def test_a_payload_of_the_first_edition_is_still_exported(payloads: list[Payload]) -> None:
    old = of_source(payloads, "issue_cluster") | {
        "schema_version": 1,
        "impacted_metrics": [{"metric": "issue_cluster_score", "value": 0.5, "period_key": "2026-W07"}],
        "suggested_updates": {"invariant_updates": ["State it."], "policy_updates": [], "regression_tests": []},
        "trend": None,
        "examples": [],
    }
    body = export.markdown(old)
    assert "issue_cluster_score in 2026-W07: 0.5" in body and "- State it." in body
    assert "## Trend" not in body and "## Examples" not in body
