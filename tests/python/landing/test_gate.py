"""Whatever lies in the landing folder gets one verdict, and nothing but a regular file is opened."""

# Names that are no UTF-8, and folders deeper than a path.
# ruff: noqa: PTH102, PTH109, PTH118

from __future__ import annotations

import json
import os
import socket
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from learning_loop.errors import WrongUse
from learning_loop.landing import folder
from learning_loop.landing.declaration import Feed
from learning_loop.landing.folder import NO_FEED, entries, must_be_listable
from learning_loop.landing.inventory import Known, inventory

LINE = b'{"a": 1}\n'
FEEDS = [
    Feed("events", "events/*", 1),
    Feed("runs", "stage_b/*/run.json", 1),
    Feed("selections", "stage_b/*/selections*", 1),
]
AN_OLD_LINE = b'{"secret": "of another folder"}\n'


@pytest.fixture
def landing(tmp_path):
    """A landing folder with one good file, and beside it a folder of somebody else's."""
    (tmp_path / "landing/events").mkdir(parents=True)
    (tmp_path / "landing/events/good.jsonl").write_bytes(LINE)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/x.jsonl").write_bytes(AN_OLD_LINE)
    return tmp_path / "landing"


def seen(landing: Path) -> dict[str, str]:
    """Return what becomes of each entry but folders and the good file: how it is read, its defect, or why it is not."""
    return {
        entry.source_file: entry.kind or entry.defect or entry.reason
        for entry in entries(landing, FEEDS)
        if entry.kind != "folder" and entry.source_file != "events/good.jsonl"
    }


def link(landing: Path, name: str, target: Path | str) -> None:
    (landing / name).symlink_to(target)


def a_socket(path: Path) -> None:
    before = os.getcwd()
    os.chdir(path.parent)  # a socket's path is short
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(path.name)
    finally:
        os.chdir(before)


def a_device(path: Path) -> None:
    try:
        os.mknod(path, stat.S_IFCHR | 0o666, os.makedev(1, 5))
    except PermissionError:
        pytest.skip("a device is made by root alone")


@pytest.mark.parametrize("make", [os.mkfifo, a_socket, a_device], ids=["pipe", "socket", "device"])
def test_what_is_no_file_is_neither_opened_nor_passed_over(landing, make):
    make(landing / "events/x.jsonl")
    assert seen(landing) == {"events/x.jsonl": "not_a_file"}


@pytest.mark.parametrize(
    ("target", "verdict"),
    [
        ("../../elsewhere/x.jsonl", "outside_landing"),
        ("../../elsewhere", "outside_landing"),
        ("/dev/zero", "outside_landing"),
        ("../..", "outside_landing"),
        ("x.jsonl", "not_a_file"),
        ("gone.jsonl", "not_a_file"),
        ("good.jsonl/x", "not_a_file"),
        ("good.jsonl", "lines"),
        ("..", "not_a_file"),
        (".", "not_a_file"),
    ],
    ids=["a file outside", "a folder outside", "a device", "above", "itself", "nothing", "below a file",
         "a file", "a loop", "its own folder"],
)  # fmt: skip
def test_a_link_is_followed_within_the_folder_alone(landing, target, verdict):
    link(landing, "events/x.jsonl", target)
    assert seen(landing) == {"events/x.jsonl": verdict}


def test_a_link_out_of_the_folder_is_not_read_by_way_of_another(landing, tmp_path):
    link(landing, "events/a", tmp_path / "elsewhere")
    link(landing, "events/b.jsonl", "a/x.jsonl")
    assert seen(landing) == {"events/a": "outside_landing", "events/b.jsonl": "outside_landing"}


def test_a_linked_folder_within_is_read_once_and_by_its_own_name_first(landing):
    (landing / "events/real").mkdir()
    (landing / "events/real/x.jsonl").write_bytes(LINE)
    (landing / "archive").mkdir()
    (landing / "archive/y.jsonl").write_bytes(LINE)
    link(landing, "events/a_link", "real")
    link(landing, "events/b_link", "../archive")
    link(landing, "events/real/loop", "..")
    twice = "a link to a folder that is read under another name"
    assert seen(landing) == {
        "archive/y.jsonl": "no feed reads it",
        "events/a_link": twice,
        "events/b_link/y.jsonl": "lines",
        "events/real/loop": "not_a_file",
        "events/real/x.jsonl": "lines",
    }


def test_a_folder_of_feeds_that_leads_out_is_a_row_of_each_of_them(landing, tmp_path):
    link(landing, "stage_b", tmp_path / "elsewhere")
    found = [(one.feed.name, one.source_file, one.defect) for one in entries(landing, FEEDS) if one.defect and one.feed]
    assert found == [("runs", "stage_b", "outside_landing"), ("selections", "stage_b", "outside_landing")]


def test_names_that_are_no_text_are_shown_with_escapes_and_no_two_are_one(landing):
    folder_of = os.fsencode(landing / "events")
    for name in (b"caf\xe9.jsonl", rb"caf\xe9.jsonl", b"b\xff\xfe"):
        Path(os.fsdecode(os.path.join(folder_of, name))).write_bytes(LINE)
    (Path(os.fsdecode(os.path.join(folder_of, b"d\xe9")))).mkdir()
    assert seen(landing) == {
        r"events/caf\xe9.jsonl": "lines",
        r"events/caf\xe9.jsonl'": "unreadable_name",
        r"events/b\xff\xfe": "unreadable_name",
        r"events/d\xe9": "unreadable_name",
    }


def test_a_path_that_is_too_long_is_named(landing):
    before, depth = os.getcwd(), 0
    try:
        os.chdir(landing / "events")
        while depth < 20:
            os.mkdir("d" * 250)
            os.chdir("d" * 250)
            depth += 1
    finally:
        os.chdir(before)
    (found,) = seen(landing).values()
    assert found == "unreadable_name"


def test_what_no_feed_reads_is_named_and_a_writers_file_is_not(landing):
    for name in (
        "notes.txt", "event/x.jsonl", "events/x.avro", "events/_SUCCESS", "stage_b/r/other.jsonl",
        ".land/state.json", "events/.x.jsonl", "events/x.jsonl.tmp", "events/x.PART", "events/x.jsonl~",
        "events/.d/x.jsonl",
    ):  # fmt: skip
        (landing / name).parent.mkdir(parents=True, exist_ok=True)
        (landing / name).write_bytes(LINE)
    assert seen(landing) == {
        "notes.txt": "no form that is read ends so",
        "event/x.jsonl": "no feed reads it",
        "events/x.avro": "no form that is read ends so",
        "events/_SUCCESS": "no form that is read ends so",
        "stage_b/r/other.jsonl": "no feed reads it",
    }


@pytest.mark.parametrize("shut", ["events/sub", "events", "stage_b"])
def test_a_folder_that_cannot_be_listed_is_a_row(landing, monkeypatch, shut):
    for name in ("events/sub/x.jsonl", "stage_b/r/run.json"):
        (landing / name).parent.mkdir(parents=True, exist_ok=True)
        (landing / name).write_bytes(b"{}")
    usual = os.scandir

    def scandir(path):
        if path == str(landing / shut):
            raise PermissionError(13, "Permission denied")
        return usual(path)

    monkeypatch.setattr(folder.os, "scandir", scandir)
    found = {(one.feed.name, one.source_file) for one in entries(landing, FEEDS) if one.defect == "unreadable_folder"}
    assert found == {(feed, shut) for feed in (["runs", "selections"] if shut == "stage_b" else ["events"])}


def test_a_mount_that_was_closed_is_a_row(landing, monkeypatch):
    (landing / "events/mounted").mkdir()
    usual = os.lstat

    def lstat(path, **how):
        if str(path).endswith("mounted"):
            raise OSError(107, "Transport endpoint is not connected")
        return usual(path, **how)

    monkeypatch.setattr(folder.os, "lstat", lstat)
    assert seen(landing) == {"events/mounted": "unreadable_folder"}


AS_AN_ORDINARY_USER = """
import json, os, sys
from pathlib import Path
from learning_loop.landing.declaration import Feed
from learning_loop.landing.inventory import inventory
from learning_loop.landing.folder import must_be_listable
from learning_loop.errors import WrongUse
root = Path(sys.argv[1])
os.setgid(65534)
os.setuid(65534)
found = inventory(root / "landing", [Feed("events", "events/*", 1)], {}, root / "private/repaired").to_pylist()
told = {row["source_file"]: [row["status"], row["reason"], row["error"]] for row in found}
for shut in ("no_list", "no_enter"):
    try:
        must_be_listable(root / shut)
    except WrongUse as error:
        told[shut] = "refused"
print(json.dumps(told))
"""


@pytest.mark.skipif(os.getuid() != 0, reason="permissions are tried as another user, which root alone can become")
def test_what_an_ordinary_user_may_not_read_is_named():
    with tempfile.TemporaryDirectory() as made:  # pytest's own folders are closed to other users
        try_as_an_ordinary_user(Path(made))


def try_as_an_ordinary_user(root: Path) -> None:
    root.chmod(0o755)
    for name in ("landing/events/list", "landing/events/enter", "private", "no_list", "no_enter"):
        (root / name).mkdir(parents=True)
        (root / name / "x.jsonl").write_bytes(LINE)
    (root / "landing/events/good.jsonl").write_bytes(LINE)
    (root / "landing/events/secret.jsonl").write_bytes(LINE)
    (root / "private").chmod(0o777)
    for name, mode in (
        ("landing/events/secret.jsonl", 0), ("landing/events/list", 0o711), ("landing/events/enter", 0o744),
        ("no_list", 0o711), ("no_enter", 0o744),
    ):  # fmt: skip
        (root / name).chmod(mode)
    run = [sys.executable, "-c", AS_AN_ORDINARY_USER, root]
    done = subprocess.run(run, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "events/enter": ["quarantined", "unreadable_folder", ""],
        "events/good.jsonl": ["read", None, None],
        "events/list": ["quarantined", "unreadable_folder", ""],
        "events/secret.jsonl": ["quarantined", "unreadable_file", "PermissionError: Permission denied"],
        "no_list": "refused",
        "no_enter": "refused",
    }


def test_a_landing_folder_that_is_none_is_refused(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    for name in ("nowhere", "file"):
        with pytest.raises(WrongUse):
            must_be_listable(tmp_path / name)


def known(rows: list[dict]) -> dict[tuple[str, str], Known]:
    """Return what the ledger would remember of an inventory."""
    return {
        (row["feed"], row["source_file"]): Known(
            row["size_bytes"], row["modified_at"], row["reader_version"], False, row["status"], row["reason"]
        )
        for row in rows
    }


def test_what_is_known_is_not_said_twice_and_what_can_be_read_again_is(landing, tmp_path):
    repaired = tmp_path / "repaired"
    (landing / "notes.txt").write_bytes(b"x")
    (landing / "events/x.jsonl.gz").write_bytes(b"no gzip")
    link(landing, "events/out.jsonl", tmp_path / "elsewhere/x.jsonl")
    first = inventory(landing, FEEDS, {}, repaired).to_pylist()
    assert [(row["feed"], row["source_file"], row["status"], row["reason"]) for row in first] == [
        ("events", "events/good.jsonl", "read", None),
        ("events", "events/out.jsonl", "quarantined", "outside_landing"),
        ("events", "events/x.jsonl.gz", "quarantined", "unreadable_file"),
        (NO_FEED, "notes.txt", "not_read", "no form that is read ends so"),
    ]
    assert inventory(landing, FEEDS, known(first), repaired).num_rows == 0
    (landing / "events/out.jsonl").unlink()
    (landing / "events/out.jsonl").write_bytes(LINE)
    again = inventory(landing, FEEDS, known(first), repaired).to_pylist()
    assert [(row["source_file"], row["status"]) for row in again] == [("events/out.jsonl", "read")]


def test_a_folder_that_can_be_listed_again_says_so(landing, tmp_path):
    shut = {
        ("events", "events"): Known(0, folder.modified_at(folder.NO_STAT), 1, False, "quarantined", "unreadable_folder")
    }
    found = inventory(landing, FEEDS, shut, tmp_path / "repaired").to_pylist()
    assert [(row["source_file"], row["status"], row["copy"] is None) for row in found] == [
        ("events", "read", True),
        ("events/good.jsonl", "read", False),
    ]


def test_a_folder_that_becomes_a_link_before_its_file_is_opened_leads_nowhere(landing, tmp_path, monkeypatch):
    from learning_loop.landing import reading

    (landing / "events/d").mkdir()
    (landing / "events/d/x.jsonl").write_bytes(LINE)
    usual = os.path.realpath

    def realpath(path, **how):
        found = usual(path, **how)
        if str(path).endswith("x.jsonl"):  # it was asked where the file lies; now the folder changes
            (landing / "events/d").rename(tmp_path / "moved")
            link(landing, "events/d", tmp_path / "elsewhere")
        return found

    monkeypatch.setattr(reading.os.path, "realpath", realpath)
    found = reading.check(landing / "events/d/x.jsonl", tmp_path / "copy", root=landing)
    assert found.error and found.line_count == 0
    assert (landing / "events/d/x.jsonl").read_bytes() == AN_OLD_LINE and not (tmp_path / "copy").exists()


def test_a_file_that_became_a_link_out_of_the_folder_is_not_opened(landing, tmp_path):
    from learning_loop.landing.reading import check

    link(landing, "events/x.jsonl", tmp_path / "elsewhere/x.jsonl")
    link(landing, "events/y.jsonl", "good.jsonl")
    assert check(landing / "events/x.jsonl", tmp_path / "copy", root=landing).error
    assert check(landing / "events/y.jsonl", tmp_path / "copy", root=landing).line_count == 1


@pytest.mark.parametrize("name", ["x.jsonl", "x.json", "x.csv", "x.jsonl.gz"])
def test_what_was_checked_is_loaded_whatever_becomes_of_the_file(landing, tmp_path, name):
    import gzip

    from learning_loop.landing.copies import lines

    content = {"x.jsonl": LINE, "x.json": b"[" + LINE + b"]", "x.csv": b"a\n1\n", "x.jsonl.gz": gzip.compress(LINE)}[
        name
    ]
    (landing / "events" / name).write_bytes(content)
    found = inventory(landing, FEEDS, {}, tmp_path / "copies").to_pylist()
    (landing / "events" / name).unlink()
    link(landing, f"events/{name}", tmp_path / "elsewhere/x.jsonl")
    (copy,) = [row["copy"] for row in found if row["source_file"] == f"events/{name}"]
    assert [json.loads(line) for line in lines(Path(copy))] in ([{"a": 1}], [{"a": "1"}])


def test_a_pipe_that_took_the_place_of_a_file_is_not_waited_for(landing, tmp_path):
    from learning_loop.landing.reading import check

    os.mkfifo(landing / "events/x.jsonl")
    assert check(landing / "events/x.jsonl", tmp_path / "x.jsonl").error == "OSError: Invalid argument"
