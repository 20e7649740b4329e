"""The exports: the same bytes for the same rows, and nothing outside of the folder."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from learning_loop.stage_b.export import (
    LATEST_COLUMNS,
    QUEUE_COLUMNS,
    ExportError,
    review_files,
    safe_name,
    write_files,
)


def row(columns: tuple[str, ...], **values: object) -> dict[str, object]:
    return dict.fromkeys(columns) | {"run_id": "r", "mission": "m", "reason_code": "no_winner"} | values


def test_need_review_json_tells_the_queue_the_history_and_the_latest() -> None:
    queue = [row(QUEUE_COLUMNS, ticket_key="t", global_step=step) for step in (1, 5)]
    latest = [row(LATEST_COLUMNS, ticket_key="t", global_step=5, is_resolved=False)]
    files = review_files("m", queue, latest)
    document = json.loads(files["need_review.json"])
    assert (document["mission"], document["n"], document["by_reason_code"]) == ("m", 2, {"no_winner": 2})
    assert document["items"] == document["all_history"] == queue
    assert document["latest_by_ticket"] == {"t": latest[0]}
    assert [json.loads(line) for line in files["need_review_queue.jsonl"].splitlines()] == queue
    assert files["manual_review_queue.jsonl"] == b""


@given(name=st.text(max_size=300))
def test_any_name_becomes_one_plain_file_name(name: str) -> None:
    safe = safe_name(name)
    assert 0 < len(safe) < 130
    assert safe.isascii() and safe.isprintable()
    assert not safe.startswith((".", "-")) and not set(safe) & set("/\\: ")


@given(names=st.lists(st.text(max_size=20), min_size=2, max_size=5, unique=True))
def test_two_names_never_share_a_folder(names: list[str]) -> None:
    assert len({safe_name(name) for name in names}) == len(names)


@pytest.mark.parametrize("mission", ["../../escaped", "/etc", "..", "a/../../b", ".hidden", ""])
def test_nothing_is_written_outside_of_the_folder(tmp_path: Path, mission: str) -> None:
    out = tmp_path / "inner" / "out"
    for path in write_files(out, [mission, "run"], {"f": b"x"}):
        assert path.resolve().is_relative_to(out.resolve())
    assert [path.name for path in tmp_path.iterdir()] == ["inner"]


def test_folder_that_is_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "m").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ExportError, match="is a link"):
        write_files(tmp_path / "out", ["m"], {"f": b"x"})
    assert not list((tmp_path / "elsewhere").iterdir())


def test_file_that_is_a_link_is_replaced_not_followed(tmp_path: Path) -> None:
    (tmp_path / "victim").write_bytes(b"mine")
    (tmp_path / "out" / "m").mkdir(parents=True)
    (tmp_path / "out" / "m" / "f").symlink_to(tmp_path / "victim")
    write_files(tmp_path / "out", ["m"], {"f": b"new"})
    assert (tmp_path / "victim").read_bytes() == b"mine"
    assert (tmp_path / "out" / "m" / "f").read_bytes() == b"new"
