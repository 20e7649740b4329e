"""What the sample world plants, a night finds: the clusters and alerts of truth.json, and what became of each row."""

import json
import re

import pytest


@pytest.fixture
def world(sample_world):
    return sample_world


def test_every_row_of_every_file_meets_the_fate_that_was_planted(world):
    house, truth = world
    columns = ("rows_in", "kept", "redelivered", "ignored")
    found = {
        row[0]: dict(zip(columns, row[1:], strict=True)) | {"quarantined": {}}
        for row in house.query(f"select source_file, {', '.join(columns)} from landing_files where feed = 'events'")
    }
    for file, reason, count in house.query(
        "select source_file, reason_code, count(*) from quarantined_rows where feed = 'events' group by all"
    ):
        found[file]["quarantined"][reason] = count
    assert found == {file: fate for file, fate in truth["files"].items() if file.startswith("events/")}


def test_every_planted_cluster_is_found_with_its_score_and_no_other_of_its_signature(world):
    house, truth = world
    rows = house.query(
        "select period_granularity, period_key, cluster_signature, event_count, unique_users, score"
        " from learning_issue_clusters"
    )
    found = {row[:3]: row[3:] for row in rows if row[2] in truth["planted_signatures"]}
    planted = {
        (want["period_granularity"], want["period_key"], want["cluster_signature"]): want for want in truth["clusters"]
    }
    assert found.keys() == planted.keys()
    for key, want in planted.items():
        events, users, score = found[key]
        assert (events, users) == (want["event_count"], want["unique_users"]), key
        assert score == pytest.approx(want["score_before_rounding"], abs=5.001e-7), key


def test_nothing_that_one_user_flooded_or_that_misses_a_bar_is_a_cluster(world):
    house, truth = world
    found = set(house.query("select period_key, cluster_signature from learning_issue_clusters"))
    missed = {(want["period_key"], want["cluster_signature"]) for want in truth["no_clusters"]}
    assert missed and not found & missed
    roles = [role for role in truth["planted_signatures"].values() if "flood" in role]
    assert roles, "somebody floods"


def test_the_overconfident_version_is_alerted_in_its_week_and_the_sound_ones_are_not(world):
    house, truth = world
    found = {
        row[:3]: row[3:]
        for row in house.query(
            "select period_key, claim_class, parser_version, sample_count, status, drift_status"
            " from extraction_calibration_metrics where period_granularity = 'week'"
        )
    }
    assert {
        (want["role"], want["period_key"]) for want in truth["alerts"] if want["drift_status"] == "drift_alert"
    } == set(truth["turning_weeks"].items()), "each is alerted as drifting in the week in which it turned"
    for want in [*truth["alerts"], *truth["calibration"]]:
        row = found[want["period_key"], want["claim_class"], want["parser_version"]]
        assert row == (want["sample_count"], want["status"], want["drift_status"]), want
    alerts = set(house.query("select claim_class, parser_version, status from extraction_underperforming_classes"))
    planted = [*truth["underperforming"], *truth["backlog"]["underperforming"]]
    assert alerts == {(want["claim_class"], want["parser_version"], want["status"]) for want in planted}


def test_the_alarms_that_stand_are_the_planted_drops_each_from_the_week_in_which_it_fell(world):
    house, truth = world
    columns = ("claim_class", "parser_version", "channel", "began_period_key")
    found = house.query(f"select {', '.join(columns)} from extraction_drift_alarms where evidence = 'alarm'")
    planted = [*truth["drift_alarms"], *truth["backlog"]["drift_alarms"]]
    assert {one["channel"] for one in planted} == {"drift", "overconfident"}
    assert sorted(found) == sorted(tuple(one[name] for name in columns) for one in planted)
    listed = house.column("select item_key from attention_items where kind = 'drift_alarm'")
    assert "set.weight:p-3.0" in listed, "and people are told"


def test_no_planted_person_can_be_found_in_the_published_file(world):
    house, truth = world
    content = house.warehouse.read_bytes()
    stored = {value for (value,) in house.query("select distinct user_id from staging.stg_events")}
    texts = house.column("select coalesce(raw_row, '') || coalesce(detail, '') from quarantined_rows")
    for person in truth["planted_user_ids"]:
        assert person not in stored, person
        assert person.encode() not in content, person
        assert not any(re.search(rf"\b{re.escape(person)}\b", text) for text in texts), person
    assert json.dumps(truth["planted_user_ids"]) != "[]"
