"""Readers in loops while nights are published: each query sees one whole night, and no reader ever goes back."""

import json
import os
import shutil
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from kit import SECOND, Disturbed, signal_at

from house import House

READERS = 8
PUBLISHES = int(os.environ.get("FAULTS_PUBLISHES", "50"))
# Each query on a connection of its own: the run of each table must be the run of the file.
READER = """
import duckdb, sys
seen, queries, last = set(), 0, ""
while True:
    with duckdb.connect(sys.argv[1], read_only=True) as connection:
        connection.execute("set timezone = 'UTC'")
        run, status, clusters, files, events = connection.execute('''
            select
                (select max(run_id) from nightly_runs),
                (select list(distinct status) from nightly_runs),
                (select max(run_id) from learning_issue_cluster_runs),
                (select count(*) from landing_files),
                (select count(*) from staging.stg_events)
        ''').fetchall()[0]
    queries += 1
    assert run >= last, (run, last)
    assert status == ["success"], status
    assert clusters == run and events == 8 * files, (run, clusters, files, events)
    last = run
    seen.add(run)
    print(queries, len(seen), flush=True)
"""


def nights_among_readers(disturbed: Disturbed, readers: int, publishes: int, python: str = sys.executable):
    """Publish nights while readers read; return [(queries, different nights seen)] by reader."""
    disturbed.restore()
    house = disturbed.house
    (house.landing / "events/b.jsonl").unlink()
    running = [
        subprocess.Popen(
            [python, "-c", READER, house.warehouse], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for _ in range(readers)
    ]
    try:
        for number in range(publishes):
            at = SECOND + number * timedelta(hours=1)
            house.land(f"night-{number}.jsonl", [signal_at(at - timedelta(minutes=k), 100 + k) for k in range(8)])
            told = disturbed.nursery.night(house, at, disturbed.select, keep=2)
            assert told["status"] == 0, told
    finally:
        for process in running:
            process.terminate()
        told = [process.communicate() for process in running]
    assert not [err for _, err in told if err]
    return [tuple(map(int, out.splitlines()[-1].split())) for out, _ in told]


def test_two_readers_see_whole_nights_and_never_an_earlier_one(disturbed):
    # A reader that starts late may miss the first of them.
    assert all(seen >= 2 for _, seen in nights_among_readers(disturbed, 2, 3))


@pytest.mark.faults
@pytest.mark.timeout(3 * 3600)
def test_eight_readers_during_fifty_publishes_see_whole_nights_and_never_an_earlier_one(disturbed, tell):
    seen = nights_among_readers(disturbed, READERS, PUBLISHES)
    tell(f"{PUBLISHES} publishes; (queries, nights seen) of {READERS} readers: {seen}")
    assert all(nights >= PUBLISHES // 2 for _, nights in seen)


@pytest.fixture(scope="module")
def older_python(tmp_path_factory):
    """A Python with DuckDB 1.5, as analysts have it."""
    folder = tmp_path_factory.mktemp("duckdb15")
    if given := os.environ.get("FAULTS_DUCKDB15"):
        return given
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    python = folder / "bin/python"
    got = subprocess.run(
        [python, "-m", "pip", "install", "--quiet", "duckdb==1.5.*", "pytz"],
        capture_output=True,
        text=True,
        check=False,
    )
    if got.returncode:
        pytest.skip(f"DuckDB 1.5 cannot be had here: {got.stderr.strip().splitlines()[-1]}")
    return str(python)


EVERYTHING = """
import duckdb, json, sys
assert duckdb.__version__.startswith("1.5."), duckdb.__version__
with duckdb.connect(sys.argv[1], read_only=True) as connection:
    names = connection.execute(
        "select table_schema || '.' || table_name from information_schema.tables"
        " where table_schema in ('main', 'staging', 'intermediate', 'policy')"
    ).fetchall()
    print(json.dumps({name: len(connection.execute(f"select * from {name}").fetchall()) for (name,) in names}))
"""


@pytest.mark.faults
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("is_compacted", [False, True], ids=["as_built", "compacted"])
def test_every_table_and_view_of_a_published_file_opens_in_duckdb_1_5(older_python, tmp_path, is_compacted):
    import duckdb

    from learning_loop.night import compaction
    from learning_loop.sample.plan import DEFAULT_AS_OF
    from learning_loop.sample.world import write_world
    from learning_loop.warehouse import STORAGE_VERSION

    house = House(tmp_path)
    write_world(house.landing, seed=7, days=28)
    house.night(DEFAULT_AS_OF)
    if is_compacted:
        with duckdb.connect(str(house.warehouse)) as connection:
            connection.execute("create table takes_space as select random() as x from range(20_000_000)")
            connection.execute("checkpoint")
            connection.execute("drop table takes_space")
            connection.execute("checkpoint")
        assert compaction.compact(house.warehouse, tmp_path / "work", STORAGE_VERSION)
    told = subprocess.run(
        [older_python, "-c", EVERYTHING, house.warehouse], capture_output=True, text=True, check=False
    )
    assert told.returncode == 0, told.stderr
    counts = json.loads(told.stdout)
    assert len(counts) > 100
    with duckdb.connect(str(house.warehouse), read_only=True) as connection:
        here = {name: connection.execute(f"select count(*) from {name}").fetchall()[0][0] for name in counts}
    assert counts == here
    shutil.rmtree(Path(house.warehouse).parent)
