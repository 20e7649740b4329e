"""A seeded world of landing files with planted truths: the input of `make nightly`, of tests and of benchmarks."""

from learning_loop.sample.plan import Truth
from learning_loop.sample.world import write_world

__all__ = ["Truth", "write_world"]
