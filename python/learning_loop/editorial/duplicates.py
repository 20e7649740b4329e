"""Groups of candidates that are one idea."""

from __future__ import annotations

from collections import defaultdict

import pyarrow as pa

GROUPS_SCHEMA = pa.schema([("candidate_id", pa.string()), ("group_head", pa.string()), ("group_size", pa.int32())])


def groups(links: pa.Table) -> pa.Table:
    """Join linked candidates into groups, the strongest link first, and never two that are kept apart.

    Without pairs kept apart these are the connected components. With them, a link that would bring such a pair into one
    group is passed over: the weakest links give way, and the result depends on the set of links alone.

    Args:
        links: candidate_a, candidate_b, weakness; null weakness is a pair to keep apart. These come first, the
            others in the order in which groups grow.

    Returns:
        A table of GROUPS_SCHEMA ordered by candidate, one row per member of a group of two or more; ``group_head`` is
        the member with the least id.
    """
    parent: dict[str, str] = {}
    members: dict[str, list[str]] = {}
    apart: defaultdict[str, set[str]] = defaultdict(set)

    def head(candidate: str) -> str:
        root = candidate
        while (above := parent.setdefault(root, root)) != root:
            root = above
        while parent[candidate] != root:
            parent[candidate], candidate = root, parent[candidate]
        return root

    columns = (links["candidate_a"].to_pylist(), links["candidate_b"].to_pylist(), links["weakness"].to_pylist())
    for a, b, weakness in zip(*columns, strict=True):
        if weakness is None:
            apart[a].add(b)
            apart[b].add(a)
            continue
        small, large = sorted((head(a), head(b)), key=lambda root: (len(members.get(root, (root,))), root))
        if small == large:
            continue
        absorbed = members.get(small, [small])
        if any(head(other) == large for member in absorbed for other in apart.get(member, ())):
            continue
        members.setdefault(large, [large]).extend(absorbed)
        members.pop(small, None)
        parent[small] = large
    rows = sorted(
        (member, least, len(group)) for group in members.values() for least in (min(group),) for member in group
    )
    return pa.table([list(column) for column in zip(*rows, strict=True)] or [[], [], []], schema=GROUPS_SCHEMA)
