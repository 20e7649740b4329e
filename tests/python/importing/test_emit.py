"""An application's own writer: whole lines from many threads and processes, a file a day, made to last."""

from __future__ import annotations

import errno
import json
import os
import resource
import stat
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from learning_loop import emit
from learning_loop.landing.declaration import Feed
from learning_loop.landing.folder import known_feeds

AT = datetime(2026, 2, 10, 11, 0, 0, 5, tzinfo=timezone(timedelta(hours=1)))


def lines(landing: Path, feed: str = "events") -> list[dict]:
    files = sorted((landing / feed).iterdir())
    return [json.loads(line) for path in files for line in path.read_text().splitlines()]


def test_only_the_standard_library_is_imported():
    code = "import sys; before = set(sys.modules); import learning_loop.emit; print(*set(sys.modules) - before)"
    done = subprocess.run([sys.executable, "-S", "-c", code], capture_output=True, text=True, check=True,
                          env={"PYTHONPATH": str(Path(emit.__file__).parents[1])})  # fmt: skip
    found = {name.split(".")[0] for name in done.stdout.split()}
    assert found <= sys.stdlib_module_names | {"learning_loop"}
    assert {name for name in done.stdout.split() if name.startswith("learning_loop")} == {
        "learning_loop",
        "learning_loop.emit",
    }
    assert not found & {"asyncio", "pathlib", "socket", "ssl", "sqlite3", "typing_extensions", "yaml", "duckdb"}


def test_rows_of_threads_and_processes_stand_whole_one_after_another(tmp_path):
    count, long = 60, "ж" * 3000
    with emit.Emitter(tmp_path, "one") as emitter:
        emitter.write("events", {"n": "before the fork"})

        def work(who: str) -> None:
            for number in range(count):
                emitter.write("events", {"who": who, "n": number, "text": long})

        children = []
        for child in range(2):
            if not (pid := os.fork()):
                status = 1
                try:
                    work(f"child {child}")
                    emitter.close()
                    status = 0
                finally:
                    os._exit(status)
            children.append(pid)
        threads = [threading.Thread(target=work, args=(f"thread {number}",)) for number in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [os.waitpid(pid, 0)[1] for pid in children] == [0, 0]
    [path] = (tmp_path / "events").iterdir()
    found = lines(tmp_path)
    assert len(found) == 5 * count + 1
    for who in {row["who"] for row in found[1:]}:
        assert [row["n"] for row in found if row.get("who") == who] == list(range(count))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_new_utc_day_begins_a_new_file_and_the_old_one_is_made_to_last(tmp_path, monkeypatch):
    synced = []
    monkeypatch.setattr(emit.os, "fsync", lambda handle: synced.append(Path(f"/proc/self/fd/{handle}").readlink()))
    with emit.Emitter(tmp_path, "one") as emitter:
        for day in ("2026-02-10", "2026-02-11"):
            monkeypatch.setattr(emit, "_today", lambda day=day: day)
            emitter.write("events", {"day": day})
        assert [path.name for path in synced] == ["events", "events", "one-2026-02-10.jsonl"]
        emitter.write("quality_flags", {"n": 1})
    assert sorted(path.name for path in synced[3:]) == ["one-2026-02-11.jsonl"] * 2 + ["quality_flags"]
    assert lines(tmp_path) == [{"day": "2026-02-10"}, {"day": "2026-02-11"}]
    emitter.write("events", {"day": "again"})  # it was closed, and opens anew
    emitter.close()
    assert len(lines(tmp_path)) == 3


def test_a_row_that_a_full_disk_cuts_short_is_not_there_at_all(tmp_path):
    emitter = emit.Emitter(tmp_path, "one")
    emitter.write("events", {"n": 1})
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    import signal as signals

    handler = signals.signal(signals.SIGXFSZ, signals.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (40, before[1]))
        with pytest.raises(OSError) as full:
            emitter.write("events", {"n": 2, "text": "x" * 100})
        assert full.value.errno == errno.EFBIG
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signals.signal(signals.SIGXFSZ, handler)
    emitter.write("events", {"n": 3})
    emitter.close()
    assert lines(tmp_path) == [{"n": 1}, {"n": 3}]


@pytest.mark.parametrize(
    ("feed", "row"),
    [
        ("../events", {}), ("events/x", {}), ("", {}), ("Events", {}),
        ("events", {"n": float("nan")}), ("events", {"n": {1, 2}}), ("events", {"at": datetime(2026, 2, 10)}),
    ],
)  # fmt: skip
def test_what_is_no_row_of_a_feed_is_refused_and_leaves_nothing(tmp_path, feed, row):
    with emit.Emitter(tmp_path / "landing", "one") as emitter, pytest.raises(ValueError):
        emitter.write(feed, row)
    assert not list(tmp_path.iterdir())


def test_a_name_that_is_no_file_name_and_a_link_are_refused(tmp_path):
    for name in ("../x", "a/b", ".hidden", "x" * 101):
        with pytest.raises(ValueError):
            emit.Emitter(tmp_path, name)
    emitter = emit.Emitter(tmp_path, "one")
    (tmp_path / "events").mkdir()
    (tmp_path / "events" / f"one-{emit._today()}.jsonl").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError):
        emitter.write("events", {})
    assert not (tmp_path / "elsewhere").exists()


def test_events_are_what_the_feed_declares():
    [feed] = [one for one in known_feeds() if one.name == "events"]
    rows = [
        emit.signal(
            "e1", AT, signal_type="repair_proposed", user_id="bob", category="quality_signal", issue_type="i",
            invariant_id="v", agent_version="a", workflow_phase="w", modality="m", confidence_band="high",
            cluster_signature="ls_1",
            attributes={"mismatch_severity": "info"},
        ),
        emit.claim("e2", AT, claim_class="set.weight", confidence=0.5, about="e0", parser_version="p1"),
        emit.correction("e3", AT, about="e0", changed_fields={"weight": 80}),
        emit.retraction("e4", AT, of="e3"),
    ]  # fmt: skip
    assert {row["event_type"] for row in rows} == {value for one in feed.fields for value in one.when.values()}
    declared: Feed = feed
    for row in rows:
        for one in declared.fields:
            if all(row.get(name) == value for name, value in one.when.items()):
                place: object = row
                for name in one.path.split("."):
                    place = place[name]  # type: ignore[index]
    assert json.loads(json.dumps(rows[0], default=emit._json_form))["timestamp"] == "2026-02-10T10:00:00.000005Z"
    assert emit.signal("e", datetime(2026, 2, 10, tzinfo=UTC), signal_type="s", user_id="u")["data"].keys() == {
        "signal_type", "captured_at", "user_ref", "signature",
    }  # fmt: skip
