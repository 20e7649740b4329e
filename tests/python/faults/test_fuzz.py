"""Whatever a landing file holds: no crash, no hang, bounded memory, and every row is accounted for."""

import json
import math
import os
import shutil
from pathlib import Path
from random import Random

import pytest
from hostile import Fuzz, templates, values, write_what_once_cost_a_night
from hypothesis import given
from hypothesis import strategies as st
from kit import few

from house import LOADING, UNTESTED, House, selection
from learning_loop.landing.folder import known_feeds
from learning_loop.sample.plan import DEFAULT_AS_OF
from learning_loop.sample.world import write_world

ROWS = int(os.environ.get("FAULTS_ROWS", "1000000"))
ROWS_A_NIGHT = 100_000
ROWS_A_FILE = 2_500
MOST_MEMORY = 3 << 30  # bytes, of which DuckDB may take 1 GB
ERASURE = {
    "erasure_id": "era_1", "tombstones": ["0" * 64], "source_files": [], "actor": "ann", "reason": "request 17",
    "created_at": "2026-02-01T00:00:00Z",
}  # fmt: skip
FEEDS = [feed.name for feed in known_feeds()]


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    out = tmp_path_factory.mktemp("world")
    write_world(out, seed=11, days=60)
    (out / "erasures").mkdir()
    (out / "erasures" / "nobody.jsonl").write_text(json.dumps(ERASURE) + "\n")
    found = templates(out)
    assert set(FEEDS) <= found.keys() and all(found[feed] for feed in FEEDS)
    shutil.rmtree(out)
    return found


def night_of_anything(
    nursery, world, root: Path, rng: Random, pool: list, rows: int, select: list[str]
) -> tuple[int, int]:
    """Land `rows` rows of all feeds, run a night, and check every law; return (rows in, rows kept)."""
    house = House(root, select=LOADING)
    found = write_what_once_cost_a_night(house.landing)
    fuzz = Fuzz(rng, world, pool, f"f{rng.randrange(10**6)}")
    known: dict[str, int] = {}
    written = number = 0
    while written < rows:
        for feed in FEEDS:
            number += 1
            size = 1 if feed == "stage_b_runs" else min(ROWS_A_FILE, max(rows // len(FEEDS) // 2, 10))
            name, count = fuzz.write(house.landing, feed, number, size)
            written += size
            if count is not None:
                known[name] = count
    told = nursery.night(house, DEFAULT_AS_OF, select, environment={"LEARNING_LOOP_MEMORY_LIMIT": "1GB"})
    assert told["status"] == 0, (told, shutil.copytree(root, f"{root}-failed"))
    assert told["memory"] < MOST_MEMORY, told["memory"]
    files = house.query("select source_file, rows_in, kept, redelivered, ignored, quarantined from landing_files")
    assert len(files) == number + len(found)
    for name, reasons in found.items():
        assert house.column("select reason_code from quarantined_rows where source_file = $1", name) == reasons, name
    wrong = [row for row in files if row[1] != sum(row[2:])]
    assert not wrong
    lost = [(name, rows_in, known[name]) for name, rows_in, *_ in files if name in known and rows_in != known[name]]
    assert not lost
    open_bad = dict(
        house.query("select source_file, count(*) from quarantined_rows where released_at is null group by 1")
    )
    assert open_bad == {name: bad for name, *_, bad in files if bad}
    total, kept = sum(row[1] for row in files), sum(row[2] for row in files)
    stores = house.column(
        "select schema_name || '.' || table_name from duckdb_columns()"
        " where schema_name = 'staging' and column_name = 'reader_version'"
    )
    stored = sum(house.column(f"select count(*) from {store} where not is_displaced")[0] for store in stores)
    assert stored == kept
    return total, kept


def a_pool(minimum: int) -> st.SearchStrategy:
    return st.lists(values(), min_size=minimum, max_size=minimum * 2)


@few(1)
@given(seed=st.integers(0, 2**32), pool=a_pool(60))
def test_a_few_thousand_rows_of_anything_are_accounted_for(nursery, world, tmp_path_factory, seed, pool):
    root = tmp_path_factory.mktemp("anything")
    total, kept = night_of_anything(nursery, world, root, Random(seed), pool, 4_000, [*selection(LOADING), *UNTESTED])
    assert total > 2_000 and kept > 500


@pytest.mark.faults
@pytest.mark.timeout(3 * 3600)
def test_a_million_rows_of_anything_are_accounted_for(nursery, world, tmp_path_factory, tell):
    totals = [0, 0]

    @few(math.ceil(ROWS / ROWS_A_NIGHT))
    @given(seed=st.integers(0, 2**32), pool=a_pool(150))
    def anything(seed, pool):
        root = tmp_path_factory.mktemp("anything")
        rows = min(ROWS, ROWS_A_NIGHT)
        total, kept = night_of_anything(
            nursery, world, root, Random(seed), pool, rows, [*selection(LOADING), *UNTESTED]
        )
        totals[0] += total
        totals[1] += kept
        tell(f"{totals[0]:,} rows fuzzed, {totals[1]:,} kept")
        shutil.rmtree(root)

    anything()
    assert totals[0] >= 0.9 * ROWS and totals[1] > 0.2 * ROWS


@pytest.mark.faults
@pytest.mark.timeout(3600)
@few(2)
@given(seed=st.integers(0, 2**32), pool=a_pool(100))
def test_the_whole_graph_and_all_its_tests_bear_rows_of_anything(nursery, world, tmp_path_factory, seed, pool):
    root = tmp_path_factory.mktemp("whole")
    night_of_anything(nursery, world, root, Random(seed), pool, 20_000, [])
    shutil.rmtree(root)
