"""A policy is data with a history: a row that was used cannot change, and a new one recomputes its own periods."""

import csv
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from clone import Clone
from house import SIGNALS, House
from learning_loop.errors import NightFailed
from learning_loop.project import project_dir

FIRST = datetime(2026, 2, 16, 2, tzinfo=UTC)
SECOND = datetime(2026, 2, 17, 2, tzinfo=UTC)
ROW = "1970-01-01,30,3,2,3,false,12,4,3,Starting values\n"


class Policies(Clone):
    """A clone whose issue clusters' policy a test sets, and a house with some signals that works on it."""

    def __init__(self, root: Path, patch: pytest.MonkeyPatch):
        super().__init__(root, patch)
        self.house = House(root, select=SIGNALS)
        self.house.land("a.jsonl", [event(week, number) for week in (1, 8) for number in range(4)])
        self.policy = self.seed("issue_clusters")
        self.header = self.policy.read_text().splitlines()[0] + "\n"

    def set(self, *rows: str) -> None:
        self.policy.write_text(self.header + "".join(rows))


def event(day: int, number: int) -> dict:
    at = f"2026-02-{day:02d}T10:00:0{number}Z"
    return {
        "event_id": f"e-{day}-{number}",
        "event_type": "learning.signal.logged",
        "timestamp": at,
        "data": {
            "signal_type": "workflow_violation",
            "user_ref": {"pseudonymized_user_id": f"user-{number % 2}"},
            "signature": {"confidence_band": "high"},
        },
    }


@pytest.fixture(scope="module")
def first_night(tmp_path_factory):
    root = tmp_path_factory.mktemp("first_night")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LEARNING_LOOP_SALT", "a salt for tests only")
        clone = Policies(root, patch)
        clone.set(ROW)
        clone.house.night(FIRST)
    return clone.house.warehouse


@pytest.fixture
def clone(first_night, tmp_path, monkeypatch):
    """A clone of its own on the morning after the first night."""
    clone = Policies(tmp_path, monkeypatch)
    clone.set(ROW)
    clone.house.warehouse.parent.mkdir()
    shutil.copy(first_night, clone.house.warehouse)
    return clone


@pytest.mark.parametrize(
    ("rows", "complaint"),
    [
        ([ROW.replace(",3,2,3,", ",5,2,3,")], "has since changed"),
        ([ROW.replace("1970", "1971")], "has since vanished"),
        (["1969-01-01" + ROW[10:], ROW], "has since got a row before it"),
    ],
    ids=["changed", "vanished", "predecessor"],
)
def test_a_used_row_that_is_not_what_it_was_stops_the_night_by_name(clone, rows, complaint):
    clone.set(*rows)
    with pytest.raises(NightFailed, match=f"seeds/policy/issue_clusters.csv, the row effective from 1970.*{complaint}"):
        clone.house.night(SECOND)


@pytest.mark.faults
def test_a_row_that_no_night_has_used_may_still_change(clone):
    future = "2026-03-01" + ROW[10:]
    clone.set(ROW, future)
    clone.house.night(SECOND)
    clone.set(ROW, future.replace(",3,2,3,", ",9,2,3,"))
    clone.house.night(SECOND)
    assert clone.house.column("select count(*) from policy_log where is_gone") == [1]


def test_a_new_row_computes_its_own_periods_again_and_no_earlier_one(clone, tmp_path):
    before = clone.house.query("select * from learning_issue_clusters where period_starts_on < '2026-02-08'")
    clone.set(ROW, "2026-02-08" + ROW[10:].replace(",3,2,3,", ",5,2,3,"))
    clone.house.night(SECOND)
    assert before == clone.house.query("select * from learning_issue_clusters where period_starts_on < '2026-02-08'")
    # The day of the change is judged by the new row, its week, which began before, by the old one.
    assert clone.house.column("select period_key from learning_issue_clusters order by all") == [
        "2026-02-01",
        "2026-W05",
        "2026-W06",
    ]
    anew = House(tmp_path / "anew", clone.house.landing, SIGNALS)
    anew.night(SECOND)
    assert anew.marts() == clone.house.marts()


def test_every_policy_seed_is_sealed():
    rows_model = (project_dir() / "models/intermediate/policy/int_policy__rows.sql").read_text()
    for path in sorted((project_dir() / "seeds").rglob("*.csv")):
        with path.open(newline="") as file:
            header = next(csv.reader(file))
        if "effective_from" in header:
            assert f"ref('{path.stem}')" in rows_model, f"{path.name}: its rows could change after they were used"
            assert "rationale" in header, path.name
