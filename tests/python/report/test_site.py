"""`report --out DIR`: a folder of linked pages, replaced whole, and only one that is this program's to replace."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from house import House
from learning_loop.errors import WrongUse
from learning_loop.report import site
from learning_loop.warehouse import open_published
from report.planted import EVIL

AT = datetime(2026, 2, 16, 6, tzinfo=UTC)


def write(house: House, folder: Path) -> int:
    with open_published(house.warehouse) as connection:
        return site.write_site(connection, house.warehouse, AT, folder)


@pytest.fixture(scope="module")
def folder(nights: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("site") / "pages"
    write(nights[0], made)
    return made


def test_every_thing_has_a_page_and_every_link_leads_to_one(nights: Any, folder: Path) -> None:
    for kind, table in (
        ("candidate", "learning_backlog_candidates"), ("experiment", "experiment_gates"), ("source", "source_overview"),
    ):  # fmt: skip
        assert len(list(folder.glob(f"{kind}-*.html"))) == nights[0].query(f"select count(*) from {table}")[0][0]
    known = {path.name for path in folder.iterdir()}
    reached = {"index.html", site.MARK}
    for path in folder.glob("*.html"):
        links = re.findall(r'href="([^"#]+)"', path.read_text())
        assert {link for link in links if link != "data:,"} <= known
        reached |= set(links)
    assert known <= reached


def test_names_of_files_are_hashes_and_planted_texts_are_texts(folder: Path) -> None:
    assert all(re.fullmatch(r"(index|\w+s|(candidate|experiment|source)-[0-9a-f]{20})\.html|\.\S+", path.name)
               for path in folder.iterdir())  # fmt: skip
    page = (folder / site.file_of("experiment", EVIL)).read_text()
    assert EVIL not in page and "&lt;/script&gt;" in page and page.count("<script>") == 1
    assert "Content-Security-Policy" in page


def test_a_folder_is_replaced_whole_and_a_strangers_is_left(nights: Any, folder: Path, tmp_path: Path) -> None:
    (folder / "candidate-of-an-erased-person.html").write_text("old")
    write(nights[0], folder)
    assert not (folder / "candidate-of-an-erased-person.html").exists()
    assert [path for path in folder.parent.iterdir() if path.name.startswith(".")] == []
    strange, link = tmp_path / "strange", tmp_path / "link"
    strange.mkdir()
    (strange / "mine.txt").write_text("mine")
    link.symlink_to(folder)
    for refused, said in (
        (strange, "no report wrote"),
        (link, "is a link"),
        (tmp_path / "no" / "such", "cannot be written"),
    ):
        with pytest.raises(WrongUse, match=said):
            write(nights[0], refused)
    assert [path.name for path in strange.iterdir()] == ["mine.txt"]
