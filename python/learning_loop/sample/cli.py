"""`learning-loop sample`: write a made-up landing folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from learning_loop.errors import WrongUse
from learning_loop.terminal import say

app = typer.Typer(add_completion=False)


@app.command()
def sample(
    out: Annotated[Path, typer.Option(help="The folder to write; it must be empty or absent.")],
    seed: Annotated[int, typer.Option(help="Another seed is another world with the same truths.")] = 7,
    days: Annotated[int, typer.Option(min=28, help="How many days of history.")] = 60,
    scale: Annotated[int, typer.Option(min=1, help="How many times the background events.")] = 1,
) -> None:
    """Write a made-up landing folder with planted truths, listed in its truth.json."""
    from learning_loop.sample.world import write_world

    if out.exists() and any(out.iterdir()):
        raise WrongUse(f"{out} is not empty. Name a new folder with --out, or empty this one.")
    truth = write_world(out, seed=seed, days=days, scale=scale)
    told = f"Wrote {out} (seed {seed}, {days} days, scale {scale}); what is planted: {out / 'truth.json'}"
    say(told, f"Run it: learning-loop nightly --landing {out} --as-of {truth['as_of']}")
