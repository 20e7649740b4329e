"""Nights on a lake: read meanwhile, rolled back, compared, killed in each step, erased."""

from __future__ import annotations

import json
import os
import signal
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from lake_house import LakeHouse

from house import LOADING, build
from learning_loop.lake import catalogue, night, publication
from learning_loop.landing.identity import pseudonym
from learning_loop.night import comments
from worlds import signal_at

pytestmark = [pytest.mark.lake, pytest.mark.timeout(3600)]

FIRST = datetime(2026, 2, 10, 2, tzinfo=UTC)
NIGHT = timedelta(days=1)
PERSON, SALT = "Zaphod.Beeblebrox-42", "a salt for tests only"
COUNT = (
    "select max(run_number), count(*), (select count(*) from staging.stg_events) from nightly_runs"
    " where status = 'success'"
)


def day(at: datetime) -> list[dict]:
    return [signal_at(at - timedelta(hours=hour), hour) for hour in range(1, 9)]


@pytest.fixture(scope="module")
def salted():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LEARNING_LOOP_SALT", SALT)
        yield


@pytest.fixture(scope="module")
def three_nights(place, tmp_path_factory, salted):
    """A lake that was read all the time of three nights, and what its readers saw."""
    lake = LakeHouse(tmp_path_factory.mktemp("three_nights"), place("three_nights"), select=LOADING)
    seen = Seen()
    # By itself: while a night ends, this process has for a moment no environment at all.
    passwords = lake.place.variables["PGPASSFILE"]
    where = catalogue.Lake(f"{lake.place.catalogue}?passfile={passwords}", lake.place.data + "/")
    lake.land("0.jsonl", day(FIRST))
    lake.night(FIRST)
    seen.marts.append(lake.marts(logs=set()))
    reader = threading.Thread(target=seen.read, args=[where])
    reader.start()
    try:
        for number in (1, 2):
            lake.land(f"{number}.jsonl", day(FIRST + number * NIGHT))
            with publication.opened(where) as pinned:
                before = pinned.execute(COUNT).fetchall()
                lake.night(FIRST + number * NIGHT)
                seen.pinned.append((before, pinned.execute(COUNT).fetchall()))
            seen.marts.append(lake.marts(logs=set()))
    finally:
        seen.is_over.set()
        reader.join()
    yield lake, seen


@dataclass
class Seen:
    """What readers of a lake got while nights ran."""

    marts: list[dict] = field(default_factory=list)
    answers: set[tuple] = field(default_factory=set)
    pinned: list[tuple] = field(default_factory=list)
    errors: list[BaseException] = field(default_factory=list)
    is_over: threading.Event = field(default_factory=threading.Event)

    def read(self, where: catalogue.Lake) -> None:
        is_last = False
        while not is_last:
            is_last = self.is_over.is_set()  # once more after the last night was published
            try:
                with publication.opened(where) as connection:
                    self.answers.add(connection.execute(COUNT).fetchall()[0])
            except BaseException as error:
                self.errors.append(error)
            self.is_over.wait(3)


def test_readers_see_one_answer_a_night_and_no_error(three_nights):
    _, seen = three_nights
    assert not seen.errors
    assert seen.answers == {(number, number, 8 * number) for number in (1, 2, 3)}


def test_a_reader_that_stays_open_for_a_night_sees_what_it_opened(three_nights):
    _, seen = three_nights
    assert seen.pinned == [([(number, number, 8 * number)],) * 2 for number in (1, 2)]


def test_back_to_the_night_before_and_on_again(three_nights):
    lake, seen = three_nights
    runs = [f"{FIRST + number * NIGHT:%Y-%m-%dT%H:%M:%SZ}" for number in (1, 2)]
    differs = lake.command("diff", *runs, "--json")
    assert differs.returncode == 0, differs.stderr
    assert {one["mart"] for one in json.loads(differs.stdout) if one["only_in_b"]} >= {"landing_files", "nightly_runs"}
    back = lake.command("rollback")
    assert back.returncode == 0 and f"Published again the night of {runs[0]}" in back.stdout, back.stderr
    assert lake.marts(logs=set()) == seen.marts[1]
    lake.night(FIRST + 2 * NIGHT)
    assert lake.query(COUNT) == [(3, 3, 24)]
    assert but_for_the_clock(lake.marts(logs=set())) == but_for_the_clock(seen.marts[2])


def but_for_the_clock(marts: dict) -> dict:
    return {name: rows for name, rows in marts.items() if name != "nightly_runs"}


# The steps of a night, as it comes to which it is killed.
MOMENTS = [
    (publication, "lay_down"), (publication, "undo"), ("node", "stg_events"), ("node", "learning_issue_clusters"),
    (comments, "describe"), (publication, "point_to"), (publication, "expire"),
]  # fmt: skip


def killed(lake: LakeHouse, at: datetime, owner: object, name: str) -> int:
    """Run a night in a child that is killed as it comes to a moment; return the signal."""
    child = os.fork()
    if child == 0:
        whole = publication.expire

        def die(*given: object) -> None:
            if name == "expire" and given[1] is None:  # what came before the night
                return whole(*given)
            return os.kill(os.getpid(), signal.SIGKILL)

        def told(tally) -> None:
            if owner == "node" and tally.now == name:
                die()

        if owner != "node":
            setattr(owner, name, die)
        lake.night(at, build=lambda tonight, arguments: build(tonight, arguments, told))
        os._exit(0)
    return os.WTERMSIG(os.waitpid(child, 0)[1])


@pytest.mark.parametrize(("owner", "name"), MOMENTS, ids=[name for _, name in MOMENTS])
def test_a_night_that_is_killed_leaves_what_was_published(three_nights, owner, name):
    lake, _ = three_nights
    before, at = lake.marts(logs=set()), FIRST + 3 * NIGHT
    assert killed(lake, at, owner, name) == signal.SIGKILL
    if name == "expire":  # it had published: the night stands
        assert lake.query(COUNT)[0][0] == 4
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
    done = lake.command("erase", PERSON, "--by", "ann")
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
            " and table_schema = 'public'"
        ).fetchall():
            texts.append(str(connection.execute(f"from catalogue.{table}").fetchall()))
    return "\n".join(texts)


def test_rows_are_numbered_as_their_lines_by_several_threads(place, tmp_path, salted, monkeypatch):
    count = int(os.environ.get("LAKE_ROWS", "1000000"))
    monkeypatch.setenv("LEARNING_LOOP_THREADS", "4")
    lake = LakeHouse(tmp_path, place("rows"), select=["+stg_events", "+nightly_runs"])
    template = json.dumps(signal_at(FIRST - NIGHT, 0)).replace('"e-0902-0"', '"e%d"')
    assert "%d" in template
    with lake.land("a.jsonl", []).open("w") as file:
        file.writelines(template % number + "\n" for number in range(1, count + 1))
    lake.night(FIRST)
    assert lake.query("select count(*), count(*) filter (event_id != 'e' || row_number) from staging.stg_events") == [
        (count, 0)
    ]
