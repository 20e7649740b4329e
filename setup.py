"""A wheel carries the dbt project, so that a night needs no repository; all else is said in pyproject.toml."""

import shutil
import sys
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).resolve().parent
sys.path.insert(0, str(ROOT / "python"))

from learning_loop.project import CARRIED, write_project  # noqa: E402


class BuildWithProject(build_py):
    """Copies the project into the package; installed in place, the package reads the repository itself."""

    def run(self) -> None:
        """Begin anew each time: a module that is gone would travel on from an earlier build."""
        if not self.editable_mode:
            shutil.rmtree(self.build_lib, ignore_errors=True)
        super().run()
        if not self.editable_mode:
            write_project(ROOT, Path(self.build_lib) / "learning_loop" / CARRIED)


setup(cmdclass={"build_py": BuildWithProject})
