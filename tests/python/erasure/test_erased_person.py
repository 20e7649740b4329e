"""After an erasure and a night, the warehouse is that of a world in which the person never was."""

import json
import shutil
import sys
from datetime import UTC, datetime

import duckdb
import pytest

from house import LOADING, SIGNALS, UNTESTED, House, build
from learning_loop import cli
from learning_loop.landing import approvals, tombstones
from learning_loop.landing.identity import pseudonym
from learning_loop.night import steps

PERSON, SALT = "Zaphod.Beeblebrox-42", "a salt for tests only"
NIGHTS = [datetime(2026, 2, day, 2, tzinfo=UTC) for day in (15, 16, 17)]
TOMBSTONE = "0" * 64
SELECT = [*SIGNALS, "+ingest_editor_labels", "+reviewer_workload", "+stg_quality_flags", "+erasures"]


def signal(number: int, user: str, hour: int = 0, **data: object) -> dict:
    return {
        "event_id": f"e{number}",
        "event_type": "learning.signal.logged",
        "timestamp": f"2026-02-{2 + number % 12:02d}T{hour:02d}:30:00Z",
        "data": {
            "signal_type": "workflow_violation", "user_ref": {"pseudonymized_user_id": user},
            "signature": {"issue_type": f"x{number % 2}", "confidence_band": "high"}, **data,
        },
    }  # fmt: skip


def label(number: int, user: str) -> dict:
    return {
        "id": f"l{number}", "candidate_id": f"c{number}", "action": "promoted", "actor_user_id": user,
        "created_at": f"2026-02-{2 + number % 12:02d}T12:00:00Z",
    }  # fmt: skip


def world(house: House, is_with_her: bool) -> None:
    """Rows of hers in each feed and form, good and bad, contested and delivered twice; and those of others."""

    def land(name: str, rows: list, feed: str = "events") -> None:
        house.land(name, [row for row in rows if is_with_her or PERSON not in json.dumps(row)], feed)

    hers = [signal(number, PERSON) for number in range(40)]
    others = [signal(number, f"user-{number % 9}", hour=3) for number in range(100, 160)]
    # Of one event the version with the lesser instant is kept: hers hides another's here, and another's hers there.
    contested = [signal(0, "user-1", hour=9), signal(200, PERSON, hour=9), signal(200, "user-2")]
    bad = [signal(300, PERSON, captured_at="never"), signal(301, "user-3", captured_at="never"), "no json"]
    land("a.jsonl", [row for pair in zip(hers, others, strict=False) for row in pair] + bad)
    land("b.jsonl", [*others[30:], *contested, *hers[:5], json.dumps(signal(302, PERSON))[:-3]])
    land("a.jsonl", [label(number, PERSON if number % 3 else "editor") for number in range(30)], "ingest_editor_labels")
    raised = {"candidate_id": "c1", "flag": "safety", "raised_at": "2026-02-10T00:00:00Z"}
    land("a.jsonl", [raised | {"raised_by": PERSON}, raised | {"raised_by": "x", "flag": "compliance_incident"}],
         "quality_flags")  # fmt: skip
    vanished = house.land("vanished.jsonl", [signal(400, PERSON), signal(401, "user-4")])
    if not is_with_her:
        vanished.write_text(json.dumps(signal(401, "user-4")) + "\n")


def command(*arguments: object) -> int:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["learning-loop", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
    return int(ended.value.code or 0)


@pytest.fixture(scope="module")
def two_worlds(tmp_path_factory):
    """A house in which she was and was erased, after a re-delivery of her rows; and one in which she never was."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LEARNING_LOOP_SALT", SALT)
        house = House(tmp_path_factory.mktemp("with_her"), select=SELECT)
        world(house, True)
        house.night(NIGHTS[0])
        (house.landing / "events" / "vanished.jsonl").unlink()
        old = tmp_path_factory.mktemp("old") / "a.jsonl"
        shutil.copy(house.landing / "events" / "a.jsonl", old)
        assert pseudonym(SALT, PERSON) in str(house.query("select * from staging.stg_events"))
        given = ["--by", "ann", "--landing", house.landing, "--warehouse", house.warehouse]
        assert command("erase", PERSON, *given, "--reason", "request 17") == 0
        house.night(NIGHTS[1], is_tested=True)
        left = everything(house)
        # An old copy turns up again, with rows of hers that the landing folder no longer held.
        shutil.copy(old, house.landing / "events" / "again.jsonl")
        house.night(NIGHTS[2])
        other = House(tmp_path_factory.mktemp("without_her"), select=SELECT)
        world(other, False)
        other.night(NIGHTS[2])
    return house, other, left


def everything(house: House) -> str:
    """All that the published file says, in any table and column; and all that its bytes say."""
    with duckdb.connect(str(house.warehouse), read_only=True) as connection:
        tables = connection.execute("select table_schema, table_name from information_schema.tables").fetchall()
        rows = [
            row[0]
            for schema, table in tables
            for row in connection.execute(f'select to_json(t)::varchar from {schema}."{table}" as t').fetchall()
        ]
    assert len(rows) > 400
    return "\n".join(rows) + house.warehouse.read_bytes().decode("latin-1")


def test_neither_her_id_nor_her_pseudonym_is_anywhere_in_the_file(two_worlds):
    house, _, left = two_worlds
    for text in (left, everything(house)):
        assert "user-3" not in text and pseudonym(SALT, "user-3") in text  # what is searched for could be found
        assert PERSON not in text and pseudonym(SALT, PERSON) not in text


def test_the_marts_are_those_of_a_world_in_which_she_never_was(two_worlds):
    house, other, _ = two_worlds
    found, expected = house.marts(), other.marts()
    assert found.pop("erasures") and not expected.pop("erasures")
    assert found["learning_issue_clusters"] and found["ingest_editor_labels"]
    assert found == expected


def test_what_others_delivered_stands_as_often_as_before(two_worlds):
    house, other, _ = two_worlds
    stored = "select event_id, event_at, user_id from staging.stg_events where not is_displaced order by all"
    assert house.query(stored) == other.query(stored)
    assert house.query("select * from staging.stg_events where user_id is null") == []


def test_rows_of_hers_that_come_again_are_ignored(two_worlds):
    house, *_ = two_worlds
    counts = house.query("select ignored, kept from landing_files where source_file = 'events/again.jsonl'")
    assert counts == [(41, 0)]
    assert house.column("select is_in_force from erasures") == [True]


def test_no_bad_row_of_hers_is_listed_and_those_of_others_are(two_worlds):
    house, other, _ = two_worlds
    listed = (
        "select source_file, reason_code, detail from quarantined_rows"
        " where source_file != 'events/again.jsonl' order by all"
    )
    assert house.query(listed) == other.query(listed)


def test_the_record_names_nobody(two_worlds):
    house, *_ = two_worlds
    (record,) = (house.landing / tombstones.FEED).rglob("*.jsonl")
    text = record.read_text()
    assert PERSON not in text and pseudonym(SALT, PERSON) not in text
    assert json.loads(text)["source_files"] == [
        "events/a.jsonl", "events/b.jsonl", "ingest_editor_labels/a.jsonl", "quality_flags/a.jsonl"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["", "--by", "ann"], "The id is empty"),
        (["someone", "--by", " "], "--by is blank"),
        (["ann", "--by", "ann"], "must not hold the id"),
        (["someone", "--by", "ann", "--reason", "asked by someone"], "must not hold the id"),
        (["someone", "--by", "ann", "--landing", "nowhere"], "does not exist"),
    ],
)
def test_wrong_use_is_one_line_and_changes_nothing(tmp_path, capsys, arguments, message):
    before = ["--landing", tmp_path, "--warehouse", tmp_path / "w.duckdb"]
    assert command("erase", *before, *arguments) == 2
    told = capsys.readouterr().err.strip()
    assert message in told and len(told.splitlines()) == 1
    assert not (tmp_path / tombstones.FEED).exists()


def test_only_an_admin_may_erase(tmp_path, monkeypatch, capsys):
    seed = tmp_path / "approvers.csv"
    named = ["ann,admin,2026-02-01,", "ann,approver,1970-01-01,", "bob,approver,1970-01-01,"]
    seed.write_text("\n".join(["actor,role,effective_from,rationale", *named]) + "\n")
    monkeypatch.setattr(approvals, "seed_file", lambda: seed)
    row = {"tombstones": [TOMBSTONE], "erasure_id": "1", "created_at": "2026-02-01T00:00:00Z"}
    (tmp_path / tombstones.FEED).mkdir()
    (tmp_path / tombstones.FEED / "a.jsonl").write_text(json.dumps(row | {"actor": "bob"}) + "\n{\n")
    assert command("erase", "someone", "--by", "bob", "--landing", tmp_path, "--warehouse", tmp_path / "w.duckdb") == 2
    assert "may not decide as admin. Those who may: ann " in capsys.readouterr().err
    assert tombstones.recorded(tmp_path) == set()
    (tmp_path / tombstones.FEED / "b.jsonl").write_text(json.dumps(row | {"actor": "ann"}) + "\n")
    assert tombstones.recorded(tmp_path) == {TOMBSTONE}


def test_naming_the_first_admin_leaves_the_erasures_recorded_before_in_force(tmp_path, monkeypatch):
    seed = tmp_path / "approvers.csv"
    seed.write_text("actor,role,effective_from,rationale\nann,admin,2026-02-01,\n")
    monkeypatch.setattr(approvals, "seed_file", lambda: seed)
    (tmp_path / tombstones.FEED).mkdir()
    rows = [
        {"erasure_id": at, "actor": "bob", "created_at": f"{at}T23:59:59Z", "tombstones": [f"{number}" * 64]}
        for number, at in enumerate(["2026-01-31", "2026-02-01"])
    ]
    (tmp_path / tombstones.FEED / "a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert tombstones.recorded(tmp_path) == {"0" * 64}


@pytest.mark.parametrize(
    ("created_at", "counts"),
    [("20260131T235959Z", True), ("2026-01-31T23:59:59,5z", True), ("2026-02-01T01:30:00 +02:00", True),
     ("2026-02-01T00:00:00 UTC", False), ("20260201T000000+0000", False)],
    ids=["basic", "a comma", "an offset after a space", "UTC", "basic with an offset"],
)  # fmt: skip
def test_when_an_erasure_was_signed_is_read_as_every_instant(tmp_path, monkeypatch, created_at, counts):
    seed = tmp_path / "approvers.csv"
    seed.write_text("actor,role,effective_from,rationale\nann,admin,2026-02-01,\n")
    monkeypatch.setattr(approvals, "seed_file", lambda: seed)
    (tmp_path / tombstones.FEED).mkdir()
    row = {"erasure_id": "1", "actor": "bob", "created_at": created_at, "tombstones": [TOMBSTONE]}
    (tmp_path / tombstones.FEED / "a.jsonl").write_text(json.dumps(row) + "\n")
    assert tombstones.recorded(tmp_path) == ({TOMBSTONE} if counts else set())


NO_ERASURES = [
    "", "{", "[" * 100_000, "null", "7", '"t"', "[]", '{"actor": "ann"}', '{"tombstones": 7, "actor": []}',
    '{"actor": "ann", "tombstones": ["\\ud800", "\\u0000", "t", 7, null]}', '{"actor": "ann", "tombstones": "t"}',
]  # fmt: skip


@pytest.mark.parametrize("line", NO_ERASURES)
def test_a_line_that_is_no_erasure_is_left_to_the_feed(tmp_path, line):
    (tmp_path / tombstones.FEED).mkdir()
    good = json.dumps({"tombstones": [TOMBSTONE], "actor": "ann"})
    (tmp_path / tombstones.FEED / "a.jsonl").write_bytes(line.encode() + b"\n\xff\n" + good.encode())
    assert tombstones.recorded(tmp_path) == {TOMBSTONE}


@pytest.mark.faults
def test_a_build_that_keeps_the_marts_is_refused_while_rows_of_hers_are_stored(tmp_path):
    """Plain `dbt build`: only a night knows by itself that everything must be computed anew."""
    house = House(tmp_path, select=LOADING)
    house.land("a.jsonl", [signal(number, PERSON if number % 2 else "user-1") for number in range(8)])
    house.night(NIGHTS[0])
    given = ["--by", "ann", "--landing", house.landing, "--warehouse", house.warehouse]
    assert command("erase", PERSON, *given, "--reason", "request 17") == 0
    tonight = steps.Night(house.landing, house.warehouse, NIGHTS[1])
    steps.prepare(tonight)
    with pytest.raises(steps.NightFailed, match=r"add --full-refresh \(`learning-loop nightly` does so by itself\)"):
        build(tonight, ["build", *house.select])
    build(tonight, ["build", "--full-refresh", *house.select, *UNTESTED])
    with duckdb.connect(str(tonight.private_file), read_only=True) as connection:
        stored = connection.execute("select count(distinct user_id), count(*) from staging.stg_events").fetchall()
    assert stored == [(1, 4)]


@pytest.mark.faults
def test_after_a_rollback_it_is_said_that_she_is_back_and_the_next_night_erases_her_again(tmp_path, capsys):
    house = House(tmp_path, select=LOADING)
    house.land("a.jsonl", [signal(number, PERSON if number % 2 else "user-1") for number in range(8)])
    house.night(NIGHTS[0])
    given = ["--landing", house.landing, "--warehouse", house.warehouse]
    assert command("erase", PERSON, *given, "--by", "ann") == 0
    house.night(NIGHTS[1], keep=1)
    hers = pseudonym(SALT, PERSON)
    assert count_of_hers(house) == 0
    capsys.readouterr()
    assert command("rollback", *given) == 0
    assert "Beware: it holds somebody who was erased since" in capsys.readouterr().out
    assert count_of_hers(house) == 4
    house.night(NIGHTS[2], keep=0)
    assert count_of_hers(house) == 0
    # Neither file, log nor what dbt leaves tells of her; the file that was kept before is gone.
    for path in house.warehouse.parent.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert hers.encode() not in content and PERSON.encode() not in content, path


def count_of_hers(house: House) -> int:
    return house.column("select count(*) from staging.stg_events where user_id = $1", pseudonym(SALT, PERSON))[0]
