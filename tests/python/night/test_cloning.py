"""The published file is cloned where the file system can, else copied."""

import errno
import fcntl
import os
import shutil

import pytest

from learning_loop.night import cloning

CONTENT = b"a published file" * 10_000


@pytest.fixture
def published(tmp_path):
    file = tmp_path / "learning_loop.duckdb"
    file.write_bytes(CONTENT)
    return file


def clone(target: int, request: int, source: int) -> int:
    """What a file system does that shares blocks, told in bytes."""
    assert request == cloning.FICLONE
    os.sendfile(target, source, 0, os.fstat(source).st_size)
    return 0


def refuse(number: int):
    def refused(*_):
        raise OSError(number, os.strerror(number))

    return refused


def test_where_blocks_can_be_shared_nothing_is_copied(published, tmp_path, monkeypatch):
    monkeypatch.setattr(fcntl, "ioctl", clone)
    monkeypatch.setattr(shutil, "copyfile", refuse(errno.ENOSPC))
    assert cloning.duplicate(published, tmp_path / "private")
    assert (tmp_path / "private").read_bytes() == CONTENT
    assert cloning.can_clone(tmp_path)


@pytest.mark.parametrize("said", [errno.EOPNOTSUPP, errno.EXDEV, errno.EINVAL, errno.ENOTTY])
def test_where_they_cannot_the_file_is_copied(published, tmp_path, monkeypatch, said):
    monkeypatch.setattr(fcntl, "ioctl", refuse(said))
    assert not cloning.duplicate(published, tmp_path / "private")
    assert (tmp_path / "private").read_bytes() == CONTENT
    assert not cloning.can_clone(tmp_path)


def test_a_full_disk_is_no_reason_to_copy(published, tmp_path, monkeypatch):
    monkeypatch.setattr(fcntl, "ioctl", refuse(errno.ENOSPC))
    with pytest.raises(OSError, match="No space"):
        cloning.duplicate(published, tmp_path / "private")


def test_this_file_system_is_asked_without_leaving_a_file(published, tmp_path):
    is_cloned = cloning.can_clone(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [published.name]
    assert cloning.duplicate(published, tmp_path / "private") is is_cloned
    assert (tmp_path / "private").read_bytes() == CONTENT
