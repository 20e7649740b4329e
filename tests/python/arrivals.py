"""The files of a world as they come in, day by day."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path


def arrive(world: Path, landing: Path, today: date) -> None:
    """Copy what lies in folders of days before today and has not come in yet."""
    for path in world.rglob("*.jsonl"):
        if path.parent.name < f"date={today}":
            target = landing / path.relative_to(world)
            target.parent.mkdir(parents=True, exist_ok=True)
            if not target.exists():
                shutil.copy2(path, target)
