"""A seeded world of landing files with planted truths: the input of `make nightly`, of tests and of benchmarks."""
