"""The wheel runs a night in an empty folder, where nothing of the repository can be imported."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

from learning_loop.project import PARTS, package_dir, project_dir

OF_A_WHEEL = ("pyproject.toml", "setup.py", "README.md", "LICENSE", "python", *PARTS)


def run(command: list[Path | str], cwd: Path, **environment: str) -> str:
    clean = {
        name: value for name, value in os.environ.items() if not name.startswith(("LEARNING_LOOP_", "DBT_", "PYTHON"))
    }
    done = subprocess.run(
        [str(part) for part in command], cwd=cwd, env=clean | environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def files_under(root: Path) -> dict[str, bytes]:
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """The wheel of a copy of the repository: a build leaves its own files there."""
    root = tmp_path_factory.mktemp("wheel")
    (root / "repository").mkdir()
    for name in OF_A_WHEEL:
        found = project_dir() / name
        (shutil.copytree if found.is_dir() else shutil.copy)(found, root / "repository" / name)
    options = ["--quiet", "--disable-pip-version-check", "--no-deps", "--no-build-isolation", "--no-index"]
    run([sys.executable, "-m", "pip", "wheel", *options, "--wheel-dir", root, "."], root / "repository")
    shutil.rmtree(root / "repository")
    return next(root.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory) -> Path:
    """The Python of an environment that holds the wheel, and sees what this one has installed but for the project."""
    root = tmp_path_factory.mktemp("installed")
    venv.create(root / "env", with_pip=True, symlinks=True)
    python = root / "env" / "bin" / "python"
    own = Path(run([python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], root).strip())
    # A plain line of a .pth adds a folder without reading that folder's own .pth files: the repository stays out.
    (own / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    options = ["--quiet", "--disable-pip-version-check", "--no-deps", "--no-index", "--ignore-installed"]
    run([python, "-m", "pip", "install", *options, wheel], root)
    return python


def test_the_wheel_holds_the_project_and_the_data_of_every_room(wheel):
    held = {name for name in zipfile.ZipFile(wheel).namelist() if not name.endswith("/")}
    package = [f"learning_loop/{name}" for name in files_under(package_dir())]
    parts = [
        f"learning_loop/dbt_project/{name}"
        for folder in PARTS[1:]
        for name in (f"{folder}/{file}" for file in files_under(project_dir() / folder))
        if not name.startswith("tests/python/") and not Path(name).name.startswith(".")
    ]
    expected = {*package, *parts, "learning_loop/dbt_project/dbt_project.yml"}
    assert {name for name in held if name.startswith("learning_loop/")} == expected
    assert any(name.endswith("licenses/LICENSE") for name in held)


def test_a_night_runs_in_an_empty_folder_without_the_repository(installed, tmp_path):
    package = Path(run([installed, "-c", "import learning_loop; print(learning_loop.__path__[0])"], tmp_path).strip())
    assert installed.parents[1] in package.parents and not list(tmp_path.iterdir())
    before = files_under(package)
    command = installed.with_name("learning-loop")
    run([command, "sample", "--out", "landing", "--days", "28"], tmp_path)
    told = run([command, "nightly", "--as-of", "2026-02-16T02:00:00Z"], tmp_path)
    assert "Published the night of 2026-02-16T02:00:00Z" in told
    assert "fresh" in run([command, "status", "--now", "2026-02-16T06:00:00Z"], tmp_path).lower()
    assert "candidate" in run([command, "backlog", "list"], tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["landing", "warehouse"]
    assert files_under(package) == before, "the night wrote into the package, which may be read-only"


def test_init_writes_a_project_out_and_the_variable_has_it_used(installed, tmp_path):
    command = installed.with_name("learning-loop")
    assert "LEARNING_LOOP_PROJECT=" in run([command, "init", "mine"], tmp_path)
    assert not (tmp_path / "mine" / "tests" / "python").exists()
    twice = subprocess.run([command, "init", "mine"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (twice.returncode, twice.stderr) == (2, "mine is not empty. Name a new folder, or empty this one.\n")
    where = [installed, "-c", "from learning_loop.project import project_dir; print(project_dir())"]
    assert run(where, tmp_path, LEARNING_LOOP_PROJECT="mine").strip() == str(tmp_path / "mine")
    (tmp_path / "mine" / "dbt_project.yml").unlink()
    lost = subprocess.run(
        [command, "sample", "--out", "x"], cwd=tmp_path, env=os.environ | {"LEARNING_LOOP_PROJECT": "mine"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert lost.returncode == 2 and "holds no dbt project" in lost.stderr
