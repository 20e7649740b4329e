"""How the Stage-B functions read Arrow tables: columns as numpy arrays, a mission of a run as a small number."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Run = tuple[str, str]
"""(run_id, mission): credit, rules and uplift never look beyond it."""


def ints(table: pa.Table, column: str) -> Ints:
    """Return a column without nulls as int64."""
    return np.asarray(table[column].combine_chunks().to_numpy(zero_copy_only=False), dtype=np.int64)


def bools(table: pa.Table, column: str) -> Bools:
    """Return a boolean column as numpy, null as False."""
    return np.asarray(table[column].combine_chunks().fill_null(False).to_numpy(zero_copy_only=False), dtype=np.bool_)


def runs_of(table: pa.Table) -> list[Run]:
    """List the (run_id, mission) of a table, once each, in order."""
    pairs = table.select(["run_id", "mission"]).group_by(["run_id", "mission"]).aggregate([])
    return sorted(zip(pairs["run_id"].to_pylist(), pairs["mission"].to_pylist(), strict=True))


def run_numbers(table: pa.Table, runs: list[Run]) -> Ints:
    """Return for each row the place of its (run_id, mission) in ``runs``, -1 where it is not in there."""
    run_ids, run_codes = encoded(table, "run_id")
    missions, mission_codes = encoded(table, "mission")
    numbers = {run: number for number, run in enumerate(runs)}
    lookup = np.array([[numbers.get((run, mission), -1) for mission in missions] for run in run_ids], dtype=np.int64)
    return lookup[run_codes, mission_codes] if len(run_codes) else np.empty(0, dtype=np.int64)


def encoded(table: pa.Table, column: str) -> tuple[list[Any], Ints]:
    """Return a column's distinct values, and for each row the place of its value among them.

    The places are int64: Arrow's int32 would wrap round in a product with a span of steps.
    """
    values = table[column].combine_chunks()
    if not pa.types.is_dictionary(values.type):
        values = values.dictionary_encode()
    return values.dictionary.to_pylist(), values.indices.to_numpy().astype(np.int64)
