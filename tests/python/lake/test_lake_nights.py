"""Nights on a lake: killed in each step, erased, rolled back, compared, and read meanwhile."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from lake_house import LakeHouse

from house import LOADING, House, build
from learning_loop.lake import catalogue, night, publication
from learning_loop.landing.identity import pseudonym
from worlds import signal_at

pytestmark = pytest.mark.lake

FIRST = datetime(2026, 2, 10, 2, tzinfo=UTC)
NIGHT = timedelta(days=1)
PERSON, SALT = "Zaphod.Beeblebrox-42", "a salt for tests only"
COUNT = (
    "select max(run_number), count(*), (select count(*) from staging.stg_events) from nightly_runs"
    " where status = 'success'"
)


def day(at: datetime) -> list[dict]:
    return [signal_at(at - timedelta(hours=hour), hour) for hour in range(1, 9)]


def command(lake: LakeHouse, *arguments: object) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "learning_loop.cli", *map(str, arguments)],
        capture_output=True, text=True, check=False,
        env={**os.environ, **lake.place.environment(), "LEARNING_LOOP_WAREHOUSE": str(lake.warehouse),
             "LEARNING_LOOP_LANDING": str(lake.landing)},
    )  # fmt: skip


@pytest.fixture(scope="module")
def salted():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LEARNING_LOOP_SALT", SALT)
        yield


@pytest.fixture(scope="module")
def two_nights(place, tmp_path_factory, salted):
    """A lake after two nights, and what a file holds after the same; each test leaves it published as it was."""
    root = tmp_path_factory.mktemp("two_nights")
    lake = LakeHouse(root, place("two_nights"), select=LOADING)
    file = House(tmp_path_factory.mktemp("file"), landing=lake.landing, select=LOADING)
    lake.land("a.jsonl", day(FIRST))
    for house in (lake, file):
        house.night(FIRST)
    lake.land("b.jsonl", [*day(FIRST + NIGHT), *day(FIRST)[:2], "no json"])
    lake.land("a.jsonl", day(FIRST)[:6])  # a sender took two rows back
    for house in (lake, file):
        house.night(FIRST + NIGHT)
    return lake, file


def test_every_mart_is_that_of_the_file(two_nights):
    lake, file = two_nights
    found, expected = lake.marts(logs={"nightly_runs"}), file.marts(logs={"nightly_runs"})
    assert found.keys() == expected.keys() and found["learning_issue_clusters"]
    assert found == expected


MOMENTS = [
    (publication, "undo"), (publication, "lay_down"), ("node", "stg_events"), ("node", "learning_issue_clusters"),
    (publication, "current"), (publication, "point_to"), (publication, "expire"),
]  # fmt: skip


def killed(lake: LakeHouse, at: datetime, owner: object, name: str) -> int:
    """Run a night in a child that is killed as it comes to a moment; return the signal."""
    child = os.fork()
    if child == 0:

        def die(*_: object, **__: object) -> None:
            os.kill(os.getpid(), signal.SIGKILL)

        def told(tally) -> None:
            if owner == "node" and tally.now == name:
                die()

        if owner != "node":
            setattr(owner, name, die)
        lake.night(at, build=lambda tonight, arguments: build(tonight, arguments, told))
        os._exit(0)
    return os.WTERMSIG(os.waitpid(child, 0)[1])


@pytest.mark.parametrize(("owner", "name"), MOMENTS, ids=[name for _, name in MOMENTS])
def test_a_night_that_is_killed_leaves_what_was_published(two_nights, owner, name):
    lake, _ = two_nights
    before, at = lake.marts(logs=set()), FIRST + 2 * NIGHT
    assert killed(lake, at, owner, name) == signal.SIGKILL
    if name == "expire":  # it had published: the night stands
        assert lake.query(COUNT)[0][0] == 3
        with lake.named():
            night_before = lake.snapshots()[-2]
            with publication.writing(catalogue.lake()) as connection:
                publication.point_to(connection, night_before.snapshot, night_before.run_id, night_before.as_of)
    assert lake.marts(logs=set()) == before
    with lake.named():
        night.prepare(lake.tonight(at), catalogue.lake())
        (lake.warehouse.parent / f".{lake.warehouse.name}.night" / "night.json").unlink()
        with publication.writing(catalogue.lake()) as connection:
            assert publication.undo(connection) == []
    assert lake.marts(logs=set()) == before


def test_of_an_erased_person_no_file_and_no_snapshot_is_left(place, tmp_path, salted):
    lake = LakeHouse(tmp_path, place("erasure"), select=[*LOADING, "+erasures"])
    lake.land("a.jsonl", [row | {"data": row["data"] | {"user_ref": {"pseudonymized_user_id": user}}}
                          for row, user in zip(day(FIRST), [PERSON, "user-3"] * 4, strict=True)])  # fmt: skip
    lake.night(FIRST)
    hers, other = pseudonym(SALT, PERSON), pseudonym(SALT, "user-3")
    assert hers in said(lake)
    done = command(lake, "erase", PERSON, "--by", "ann")
    assert done.returncode == 0, done.stderr
    lake.night(FIRST + NIGHT)
    assert len(lake.snapshots()) == 1
    left = said(lake)
    assert other in left and hers not in left and PERSON not in left


def said(lake: LakeHouse) -> str:
    """All that the lake's files say, whether or not a snapshot knows of them, and all that its catalogue does."""
    texts = []
    with duckdb.connect() as connection, lake.named():
        for path in sorted(Path(lake.place.data).rglob("*.parquet")):
            rows = connection.execute("select to_json(t)::varchar from read_parquet($1) as t", [str(path)]).fetchall()
            texts += [text for (text,) in rows]
        catalogue.prepare(connection, catalogue.lake())
        connection.execute(f"attach '{lake.place.catalogue}' as catalogue (type postgres, read_only)")
        for (table,) in connection.execute(
            "select table_name from information_schema.tables where table_catalog = 'catalogue'"
        ).fetchall():
            texts.append(str(connection.execute(f"from catalogue.{table}").fetchall()))
    return "\n".join(texts)


def test_back_to_the_night_before_and_on_again(place, tmp_path, salted):
    lake = LakeHouse(tmp_path, place("rollback"), select=LOADING)
    lake.land("a.jsonl", day(FIRST))
    lake.night(FIRST)
    first = lake.marts(logs=set())
    lake.land("b.jsonl", day(FIRST + NIGHT))
    lake.night(FIRST + NIGHT)
    second = lake.marts(logs={"nightly_runs"})
    runs = [f"{at:%Y-%m-%dT%H:%M:%SZ}" for at in (FIRST, FIRST + NIGHT)]
    differs = command(lake, "diff", *runs, "--json")
    assert differs.returncode == 0, differs.stderr
    assert {one["mart"] for one in json.loads(differs.stdout) if one["only_in_b"]} >= {"landing_files", "nightly_runs"}
    back = command(lake, "rollback")
    assert back.returncode == 0 and f"Published again the night of {runs[0]}" in back.stdout, back.stderr
    assert lake.marts(logs=set()) == first
    lake.night(FIRST + NIGHT)
    assert lake.marts(logs={"nightly_runs"}) == second


def test_readers_see_one_answer_a_night_and_no_error(place, tmp_path, salted):
    lake = LakeHouse(tmp_path, place("readers"), select=LOADING)
    answers: set[tuple] = set()
    errors: list[BaseException] = []
    is_over = threading.Event()
    lake.land("0.jsonl", day(FIRST))
    lake.night(FIRST)

    def read() -> None:
        while not is_over.is_set():
            try:
                with publication.opened(lake_of(lake)) as connection:
                    answers.add(connection.execute(COUNT).fetchall()[0])
            except BaseException as error:
                errors.append(error)
            is_over.wait(0.3)

    os.environ["PGPASSFILE"] = lake.place.variables["PGPASSFILE"]
    reader = threading.Thread(target=read)
    reader.start()
    try:
        for number in (1, 2):
            lake.land(f"{number}.jsonl", day(FIRST + number * NIGHT))
            lake.night(FIRST + number * NIGHT)
    finally:
        is_over.set()
        reader.join()
    assert not errors
    assert answers == {(number, number, 8 * number) for number in (1, 2, 3)}


def lake_of(lake: LakeHouse) -> catalogue.Lake:
    return catalogue.Lake(lake.place.catalogue, lake.place.data + "/")


def test_rows_are_numbered_as_their_lines_by_several_threads(place, tmp_path, salted, monkeypatch):
    count = int(os.environ.get("LAKE_ROWS", "1000000"))
    monkeypatch.setenv("LEARNING_LOOP_THREADS", "4")
    lake = LakeHouse(tmp_path, place("rows"), select=["+stg_events", "+nightly_runs"])
    template = json.dumps(signal_at(FIRST - NIGHT, 0)).replace('"e-0902-0"', '"e%d"')
    assert "%d" in template
    lake.land("a.jsonl", (template % number for number in range(1, count + 1)))
    lake.night(FIRST)
    assert lake.query("select count(*), count(*) filter (event_id != 'e' || row_number) from staging.stg_events") == [
        (count, 0)
    ]
