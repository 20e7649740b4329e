"""Where the dbt project lies: the package is installed from it in place (`pip install -e .`)."""

from __future__ import annotations

import hashlib
from pathlib import Path

from learning_loop import __version__


def project_dir() -> Path:
    """Return the folder that holds dbt_project.yml."""
    return Path(__file__).resolve().parents[2]


def code_version() -> str:
    """Name the code that computes: the package version and a digest of all models, macros and policies' shapes.

    A published file of another code version is rebuilt from its stored rows, so that no mart mixes two versions.
    """
    digest = hashlib.sha256()
    root = project_dir()
    for folder in ("models", "macros", "python/learning_loop"):
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in {".sql", ".py"}:
                digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return f"{__version__}+{digest.hexdigest()[:12]}"
