"""The code version covers what decides what a row holds, and nothing else."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from learning_loop.lake import parts
from learning_loop.project import PACKAGE, code_version, deciding, package_dir, project_dir


@pytest.fixture
def copy(tmp_path):
    """A copy of what a code version is made of: the project and, elsewhere, the package."""
    project, package = tmp_path / "project", tmp_path / "site-packages" / PACKAGE
    for part in ("models", "macros", "seeds", "profiles"):
        shutil.copytree(project_dir() / part, project / part)
    shutil.copytree(package_dir(), package)
    return project, package


def write(path: Path, old: str | None, new: str) -> None:
    text = path.read_text("utf-8")
    assert old is None or old in text, path
    path.write_text(text + new if old is None else text.replace(old, new, 1), "utf-8")


DECIDES = [
    ("models/marts/issue_clusters/learning_issue_clusters.sql", "\n-- another\n"),
    ("models/staging/landing/landing_inventory.py", "\n# another\n"),
    ("macros/landing/landing_feed.sql", "\n{# another #}\n"),
    ("seeds/backlog/backlog_transitions.csv", "x,y,z\n"),
    ("seeds/backlog/backlog_texts.csv", "x,y\n"),
    ("seeds/report/attention_kinds.csv", "x,y\n"),
    ("learning_loop/landing/reading.py", "\nX = 1\n"),
    ("learning_loop/landing/tombstones.py", "\nX = 1\n"),
    ("learning_loop/experiments/statistics.py", "\nX = 1\n"),
    ("learning_loop/stage_b/tables.py", "\nX = 1\n"),
    ("learning_loop/editorial/duplicates.py", "\nX = 1\n"),
    ("learning_loop/night/dbt_plugin.py", "\nX = 1\n"),
    ("learning_loop/night/retention.sql", "\n-- another\n"),
    ("learning_loop/__init__.py", "\nX = 1\n"),
]
DECIDES_NOTHING = [
    ("learning_loop/report/cli.py", '\n"""Another docstring."""\n'),
    ("learning_loop/report/sections.py", "\nX = 1\n"),
    ("learning_loop/night/cli.py", "\nX = 1\n"),
    ("learning_loop/editorial/cli.py", "\nX = 1\n"),
    ("learning_loop/stage_b/export.py", "\nX = 1\n"),
    ("learning_loop/sample/world.py", "\nX = 1\n"),
    ("learning_loop/terminal.py", "\nX = 1\n"),
    ("seeds/policy/issue_clusters.csv", "2027-01-01T00:00:00Z,1\n"),
    ("seeds/policy/quality_rules.csv", "x\n"),
    ("models/marts/backlog/_backlog__models.yml", "\n# another\n"),
]


def file_of(copy, name: str) -> Path:
    project, package = copy
    return package.parent / name if name.startswith(PACKAGE) else project / name


@pytest.mark.parametrize("name, more", DECIDES, ids=[name for name, _ in DECIDES])
def test_what_decides_is_another_version(copy, name, more):
    before = code_version(*copy)
    write(file_of(copy, name), None, more)
    assert code_version(*copy) != before


@pytest.mark.parametrize("name, more", DECIDES_NOTHING, ids=[name for name, _ in DECIDES_NOTHING])
def test_what_decides_nothing_is_the_same_version(copy, name, more):
    before = code_version(*copy)
    write(file_of(copy, name), None, more)
    assert code_version(*copy) == before


def test_of_yaml_only_what_configures_decides(copy):
    yml = copy[0] / "models" / "staging" / "_made_up__models.yml"
    text = """
    models:
      - name: stg_made_up
        description: One row per thing.
        columns:
          - {name: a, description: The first., config: {meta: {field: text}}}
          - {name: b}
    """
    yml.write_text(text)
    before = code_version(*copy)
    write(yml, "The first.", "What comes first.")
    assert code_version(*copy) == before
    write(yml, "field: text", "field: id")
    changed = code_version(*copy)
    assert changed != before
    write(yml, "name: stg_made_up", "name: stg_made_otherwise")
    assert code_version(*copy) != changed


def test_a_seed_that_policy_log_does_not_seal_decides(copy):
    (copy[0] / "seeds" / "policy" / "unsealed.csv").write_text("x\n1\n")
    before = code_version(*copy)
    write(copy[0] / "seeds" / "policy" / "unsealed.csv", None, "2\n")
    assert code_version(*copy) != before


def test_a_moved_file_is_another_version_and_a_moved_project_is_not(copy, tmp_path):
    before = code_version(*copy)
    moved = shutil.move(copy[0], tmp_path / "elsewhere")
    assert code_version(Path(moved), copy[1]) == before
    macro = Path(moved) / "macros" / "landing" / "landing_feed.sql"
    macro.rename(macro.with_name("another.sql"))
    assert code_version(Path(moved), copy[1]) != before


def test_the_package_and_its_project_are_what_is_versioned_by_default():
    assert code_version() == code_version(project_dir(), package_dir())
    names = [name for name, _ in deciding(project_dir(), package_dir())]
    assert len(names) == len(set(names))


def test_every_room_of_models_is_built_by_a_part_of_a_lakes_night():
    selected = {word.rstrip("+") for arguments in parts.selections().values() for word in arguments}
    rooms = [room for layer in ("intermediate", "marts") for room in (project_dir() / "models" / layer).iterdir()]
    assert rooms
    assert not [room for room in rooms if f"path:models/{room.parent.name}/{room.name}" not in selected]
