"""A copy of the project whose seeds a test may edit."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from learning_loop import project
from learning_loop.night import dbt_runner
from learning_loop.project import project_dir


class Clone:
    """Nights of this process run on the copy from now on."""

    def __init__(self, root: Path, patch: pytest.MonkeyPatch):
        self.project = root / "project"
        self.project.mkdir()
        for part in ("models", "macros", "seeds", "profiles", "tests/generic"):
            shutil.copytree(project_dir() / part, self.project / part)
        shutil.copy(project_dir() / "dbt_project.yml", self.project)
        for module in (dbt_runner, project):
            patch.setattr(module, "project_dir", lambda: self.project)

    def seed(self, policy: str) -> Path:
        return self.project / "seeds" / "policy" / f"{policy}.csv"
