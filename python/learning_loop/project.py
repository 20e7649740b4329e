"""Where the dbt project lies: the package is installed from it in place (`pip install -e .`)."""

from pathlib import Path


def project_dir() -> Path:
    """Return the folder that holds dbt_project.yml."""
    return Path(__file__).resolve().parents[2]
