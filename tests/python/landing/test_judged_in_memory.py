"""Where a night's rows are judged, in memory or on disk, changes nothing of what is stored and said of them."""

from __future__ import annotations

import json

import pytest

from house import LOADING, House
from learning_loop.night import steps

AT = "2026-02-10T10:00:00Z"


def signal(event_id: str, user: str = "u1", **more: object) -> dict:
    data = {"signal_type": "repair_proposed", "category": "c", "user_ref": {"pseudonymized_user_id": user}} | more
    return {"event_id": event_id, "event_type": "learning.signal.logged", "timestamp": AT, "data": data}


def said_by(house: House) -> dict[str, list[tuple]]:
    bad = "select source_file, row_number, reason_code, detail, raw_row from quarantined_rows order by all"
    stored = "select * exclude (loaded_in_run) from staging.stg_events order by all"
    return house.marts() | {"bad": house.query(bad), "stored": house.query(stored)}


def test_a_feed_of_more_lines_than_memory_is_given_is_stored_as_one_of_fewer(tmp_path, monkeypatch):
    usual = steps.dbt_arguments

    def on_disk(night: steps.Night, published: steps.Published) -> list[str]:
        *arguments, switches = usual(night, published)
        return [*arguments, json.dumps(json.loads(switches) | {"lines_judged_in_memory": 1})]

    found = []
    for place, arguments in (("memory", usual), ("disk", on_disk)):
        monkeypatch.setattr(steps, "dbt_arguments", arguments)
        house = House(tmp_path / place, select=LOADING)
        house.land("a.jsonl", [signal("e1"), signal("e2"), "{broken", signal("e3", user="")])
        house.night("2026-02-11T02:00:00+00:00")
        house.land("b.jsonl", [signal("e1"), signal("e2", user="u2"), {"event_id": "e4", "event_type": "other"}])
        house.night("2026-02-12T02:00:00+00:00")
        found.append(said_by(house))

    in_memory, on_disk_said = found
    assert len(in_memory["stored"]) == 2
    assert [row[2] for row in in_memory["bad"]].count("not_json") == 1
    assert len(in_memory["bad"]) == 3
    assert in_memory == on_disk_said


@pytest.mark.parametrize("lines", [1, 2])
def test_the_last_line_that_memory_is_given_is_judged_there(tmp_path, monkeypatch, lines):
    sent: list[str] = []
    usual = steps.dbt_arguments
    monkeypatch.setattr(
        steps, "dbt_arguments", lambda *of: [*usual(*of)[:-1], json.dumps({"lines_judged_in_memory": 1})]
    )
    house = House(tmp_path, select=LOADING)
    house.land("a.jsonl", [signal(f"e{n}") for n in range(lines)])
    house.look = lambda work_dir: sent.extend(
        path.read_text() for path in work_dir.glob("target/run/**/stg_events.sql")
    )
    house.night("2026-02-11T02:00:00+00:00")
    assert len(sent) == 1
    assert ("temp.stg_events__judged" in sent[0]) == (lines == 1)
