"""Files that are there whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from learning_loop import atomic


@pytest.fixture
def calls(monkeypatch):
    """What is asked of the system, in order: fsync of which file, and renames."""
    noted = []
    fsync, rename = os.fsync, Path.replace

    def noted_fsync(handle):
        noted.append(("fsync", Path(f"/proc/self/fd/{handle}").readlink().name))
        fsync(handle)

    def noted_rename(self, target):
        noted.append(("rename", self.name, Path(target).name))
        return rename(self, target)

    monkeypatch.setattr(os, "fsync", noted_fsync)
    monkeypatch.setattr(Path, "replace", noted_rename)
    return noted


def test_content_lasts_before_the_name_and_the_name_before_the_return(tmp_path, calls):
    atomic.write(tmp_path / "page.html", b"whole")
    assert (tmp_path / "page.html").read_bytes() == b"whole"
    (first, hidden), (second, renamed, name), (third, folder) = calls
    assert (first, second, third) == ("fsync", "rename", "fsync")
    assert hidden == renamed and hidden.startswith(".page.html.")  # hidden: no night reads it
    assert (name, folder) == ("page.html", tmp_path.name)


def test_a_file_that_is_replaced_is_the_old_one_until_it_is_the_new_one(tmp_path, monkeypatch):
    path = tmp_path / "page.html"
    path.write_bytes(b"old")

    def fail(self, target):
        assert path.read_bytes() == b"old"
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(OSError, match="No space"):
        atomic.write(path, b"new")
    assert path.read_bytes() == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["page.html"]  # nothing is left behind


def test_a_link_is_replaced_and_never_followed(tmp_path):
    other = tmp_path / "other"
    other.write_bytes(b"of somebody else")
    (tmp_path / "out").symlink_to(other)
    atomic.write(tmp_path / "out", b"mine")
    assert other.read_bytes() == b"of somebody else"
    assert not (tmp_path / "out").is_symlink()


@pytest.mark.parametrize("umask, mode", [(0o022, 0o644), (0o077, 0o600), (0o002, 0o664)], ids=oct)
def test_a_written_file_has_the_mode_that_any_new_file_has(tmp_path, umask, mode):
    before = os.umask(umask)
    try:
        atomic.write(tmp_path / "file", b"")
    finally:
        assert os.umask(before) == umask
    assert (tmp_path / "file").stat().st_mode & 0o777 == mode
