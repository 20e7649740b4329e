"""Write rows of feeds from an application: one line each, made to last, for the night to read.

    with Emitter("/srv/landing") as emitter:
        emitter.write("events", signal(event_id, at, signal_type="repair_proposed", user_id=user))

Only the standard library is imported. An emitter may be shared by threads and outlives a fork; several processes may
write to one landing folder. Ids are yours: a row that is written again under its id counts once.
"""

# Paths by `os`: an application imports as little as can be.
# ruff: noqa: PTH103, PTH118

from __future__ import annotations

import errno
import fcntl
import json
import os
import re
import threading
import weakref
from collections.abc import Mapping
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

__all__ = ["Emitter", "claim", "correction", "retraction", "signal"]

_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}")
_FEED = re.compile(r"[a-z][a-z0-9_]{0,99}")


class Emitter:
    """Writes rows below a landing folder, to ``<feed>/<name>-<UTC day>.jsonl``, readable by their user alone.

    Each row is one write at the end of its file: whole lines of several threads and processes stand one after another.
    A new UTC day begins a new file. What was written is made to last when its day is over, and by `close`.
    """

    def __init__(self, landing: str | os.PathLike[str], name: str | None = None) -> None:
        """Take a landing folder, and a name for this writer's files: by default the machine's.

        Machines that share a folder over a network need names of their own.

        Raises:
            ValueError: the name is no plain file name.
        """
        self._landing = os.fspath(landing)
        self._name = name or re.sub(r"[^A-Za-z0-9_.-]", "-", os.uname().nodename).lstrip("_.-") or "app"
        if not _PLAIN.fullmatch(self._name):
            raise ValueError("The name of an emitter is up to 100 letters, digits, '-', '_' and '.'.")
        self._lock = threading.Lock()
        self._open: dict[str, tuple[str, int]] = {}
        _emitters.add(self)

    def write(self, feed: str, row: Mapping[str, Any]) -> None:
        """Append a row; when this returns, a reader of the file sees it.

        Raises:
            ValueError: the feed is no name of one, or the row no JSON (NaN and infinity are none).
            OSError: the folder cannot be written; nothing of the row was.
        """
        if not _FEED.fullmatch(feed):
            raise ValueError("A feed is named in small letters, digits and '_'.")
        line = json.dumps(row, ensure_ascii=False, allow_nan=False, default=_json_form, separators=(",", ":")) + "\n"
        content = line.encode("utf-8", "replace")
        with self._lock:
            _append(self._handle(feed), content)

    def close(self) -> None:
        """Make all that was written outlast a power cut, and let go of the files; a later write opens them again."""
        with self._lock:
            while self._open:
                _, (_, handle) = self._open.popitem()
                _finish(handle)

    def __enter__(self) -> Emitter:
        """Return the emitter."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Close it."""
        self.close()

    def _handle(self, feed: str) -> int:
        day = _today()
        known = self._open.get(feed)
        if known and known[0] == day:
            return known[1]
        folder = os.path.join(self._landing, feed)
        os.makedirs(folder, mode=0o700, exist_ok=True)
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        handle = os.open(os.path.join(folder, f"{self._name}-{day}.jsonl"), flags, 0o600)
        _sync_folder(folder)  # a file's name is an entry of its folder
        self._open[feed] = (day, handle)
        if known:
            _finish(known[1])
        return handle

    def _forget(self) -> None:
        """After a fork the child opens files of its own: a lock on the parent's handles would be the parent's too."""
        self._lock = threading.Lock()
        handles, self._open = self._open, {}
        for _, handle in handles.values():
            os.close(handle)


_emitters: weakref.WeakSet[Emitter] = weakref.WeakSet()


def _forget_all() -> None:
    for emitter in list(_emitters):
        emitter._forget()


os.register_at_fork(after_in_child=_forget_all)


def signal(
    event_id: str,
    at: datetime,
    *,
    signal_type: str,
    user_id: str,
    category: str | None = None,
    issue_type: str | None = None,
    invariant_id: str | None = None,
    agent_version: str | None = None,
    workflow_phase: str | None = None,
    modality: str | None = None,
    confidence_band: str | None = None,
    cluster_signature: str | None = None,
    attributes: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return a row of ``events``: something went wrong for somebody. Without a confidence band it counts as low.

    A user's id that begins with ``u_`` is taken for a pseudonym and kept as it is; any other is replaced by one.
    """
    signature = {
        "issue_type": issue_type, "invariant_id": invariant_id, "agent_version": agent_version,
        "workflow_phase": workflow_phase, "modality": modality, "confidence_band": confidence_band,
    }  # fmt: skip
    data = {
        "signal_type": signal_type, "category": category, "captured_at": at,
        "user_ref": {"pseudonymized_user_id": user_id}, "signature": _said(signature),
        "cluster_signature": cluster_signature, "attributes": attributes,
    }  # fmt: skip
    return _event(event_id, "learning.signal.logged", at, data)


def claim(
    event_id: str, at: datetime, *, claim_class: str, confidence: float, about: str, parser_version: str | None = None
) -> dict[str, Any]:
    """Return a row of ``events``: a machine says something about the event ``about``, and how sure it is (0 to 1)."""
    data = {
        "claim_type": claim_class, "confidence": confidence, "lineage": {"event_id": about},
        "provenance": _said({"parser_version": parser_version}),
    }  # fmt: skip
    return _event(event_id, "evidence.claim.logged", at, data)


def correction(event_id: str, at: datetime, *, about: str, changed_fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row of ``events``: a person corrected fields of the event ``about``."""
    return _event(event_id, "set.corrected", at, {"target_event_id": about, "changed_fields": changed_fields})


def retraction(event_id: str, at: datetime, *, of: str) -> dict[str, Any]:
    """Return a row of ``events``: the event ``of`` is taken back."""
    return _event(event_id, "event.retracted", at, {"retracted_event_id": of})


def _event(event_id: str, event_type: str, at: datetime, data: Mapping[str, Any]) -> dict[str, Any]:
    return {"event_id": event_id, "event_type": event_type, "timestamp": at, "data": _said(data)}


def _said(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def _append(handle: int, content: bytes) -> None:
    """Append all of it or nothing: what a full disk cut short is taken back, before another may write behind it."""
    fcntl.flock(handle, fcntl.LOCK_EX)
    try:
        before = os.fstat(handle).st_size
        try:
            written = os.write(handle, content)
            while written < len(content):
                written += os.write(handle, content[written:])
        except OSError:
            os.ftruncate(handle, before)
            raise
    finally:
        fcntl.flock(handle, fcntl.LOCK_UN)


def _finish(handle: int) -> None:
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _sync_folder(folder: str) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):  # a file system that syncs no folders
            raise
    finally:
        os.close(handle)


def _today() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%d")


def _json_form(value: object) -> str:
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError("An instant needs its time zone: datetime.now(UTC).")
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    raise ValueError(f"A row holds a {type(value).__name__}, which is no JSON.")
