"""What YAML tests is no node of a night: it is held at the night's end, by name."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from clone import Clone
from house import House, manifest
from learning_loop.errors import NightFailed

NIGHT = datetime(2026, 2, 16, 2, tzinfo=UTC)


def test_a_broken_test_of_yaml_stops_the_night_by_its_name_and_its_count(tmp_path, monkeypatch):
    rows = Clone(tmp_path, monkeypatch).seed("review_buckets")
    lines = rows.read_text("utf-8").splitlines()
    rows.write_text("\n".join([*lines, lines[1].replace("failure_malformed", "nonsense")]) + "\n", encoding="utf-8")
    house = House(tmp_path, select=["review_buckets", "attention_kinds"])
    with pytest.raises(
        NightFailed, match=r"Tests failed\. accepted_values_review_buckets_review_bucket\w*: got 1 result$"
    ):
        house.night(NIGHT, is_tested=True)
    assert not house.warehouse.exists()


def test_no_test_of_yaml_is_milder_than_an_error_or_looks_at_a_part():
    """The hook holds the whole of each."""
    tests = [
        node for node in manifest().nodes.values() if node.resource_type == "test" and hasattr(node, "test_metadata")
    ]
    generic = [node for node in tests if node.test_metadata]
    assert len(generic) > 150
    usual = ("ERROR", None, None, "count(*)", "!= 0")
    odd = [
        node.name
        for node in generic
        if (
            node.config.severity.upper(),
            node.config.where,
            node.config.limit,
            node.config.fail_calc,
            node.config.error_if,
        )
        != usual
    ]
    assert odd == []
