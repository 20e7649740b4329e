"""How much an editor changed of a text."""

from __future__ import annotations

import pyarrow as pa
from rapidfuzz.distance import Levenshtein

DISTANCES_SCHEMA = pa.schema([("label_id", pa.string()), ("edit_distance", pa.float64())])


def edit_distances(texts: pa.Table) -> pa.Table:
    """Return the normalised Levenshtein distance of each pair: edits in characters over the longer text's length.

    Args:
        texts: columns label_id, original_text, final_text, none null.

    Returns:
        A table of DISTANCES_SCHEMA in the order of ``texts``; 0 is an untouched text, 1 shares nothing. Two empty
        texts are equal. Rounded to 9 decimals.
    """
    pairs = zip(texts["original_text"].to_pylist(), texts["final_text"].to_pylist(), strict=True)
    distances = [round(Levenshtein.normalized_distance(original, final), 9) for original, final in pairs]
    return pa.table([texts["label_id"].cast(pa.string()), pa.array(distances, pa.float64())], schema=DISTANCES_SCHEMA)
