"""Where the dbt project lies: in the repository, in the installed package, or where a user keeps their own."""

import os
import shutil
from pathlib import Path

VARIABLE = "LEARNING_LOOP_PROJECT"
CARRIED = "dbt_project"  # where a wheel holds it, in the package
# What a night reads of the project; tests/python is for those who change it.
PARTS = ("dbt_project.yml", "macros", "models", "profiles", "seeds", "tests")


def package_dir() -> Path:
    """Return the folder of this package's modules."""
    return Path(__file__).resolve().parent


def project_dir() -> Path:
    """Return the folder that holds dbt_project.yml.

    The one LEARNING_LOOP_PROJECT names, else the copy that a wheel carries, else the repository that this package was
    installed from in place.
    """
    if named := os.environ.get(VARIABLE):
        return Path(named).resolve()
    carried = package_dir() / CARRIED
    return carried if carried.is_dir() else package_dir().parents[1]


def write_project(source: Path, target: Path) -> None:
    """Copy the dbt project in ``source`` to ``target``; the copies can be changed even if the originals cannot."""
    for part in PARTS:
        found = source / part
        for path in [found] if found.is_file() else sorted(found.rglob("*")):
            relative = path.relative_to(source)
            if path.is_file() and not path.name.startswith(".") and relative.parts[:2] != ("tests", "python"):
                (target / relative).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, target / relative)
