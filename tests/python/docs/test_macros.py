"""A macro is found by its name: each file of macros holds one macro, test or materialization, named like the file."""

import re

from learning_loop.project import project_dir

DEFINED = re.compile(r"{%-?\s*(?:macro|test|materialization)\s+(\w+)")


def test_each_file_of_macros_defines_one_thing_and_is_named_like_it():
    files = [path for folder in ("macros", "tests/generic") for path in sorted((project_dir() / folder).rglob("*.sql"))]
    assert len(files) > 50
    found = {path.relative_to(project_dir()).as_posix(): DEFINED.findall(path.read_text("utf-8")) for path in files}
    assert found == {file: [file.rpartition("/")[2].removesuffix(".sql")] for file in found}
