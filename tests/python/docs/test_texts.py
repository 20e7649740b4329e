"""A column's text stands once in the YAML: one that two columns need is an anchor of its file, or a doc block."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import yaml

from learning_loop.project import project_dir


def descriptions(node: yaml.Node, of: str = "", seen: set[int] | None = None) -> Iterator[str]:
    """Yield the texts of the columns below a node as they are written: an alias is the node that it stands for."""
    seen = set() if seen is None else seen
    if id(node) in seen:
        return
    seen.add(id(node))
    if isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from descriptions(item, of, seen)
    elif isinstance(node, yaml.MappingNode):
        for name, value in node.value:
            if of in ("columns", "anchors") and name.value == "description":
                yield value.value
            yield from descriptions(value, name.value, seen)


def test_no_text_of_a_column_is_written_twice():
    files = [*project_dir().glob("models/**/*.yml"), *project_dir().glob("seeds/**/*.yml")]
    roots = [yaml.compose(path.read_text("utf-8"), yaml.CSafeLoader) for path in files]
    texts = Counter(text for root in roots for text in descriptions(root) if "{{" not in text)
    assert len(texts) > 500
    assert [text for text, times in texts.items() if times > 1] == []
