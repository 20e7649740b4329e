"""A macro is found by its name: each file of macros holds one macro, test or materialization, named like the file.

What a macro reads is known to the models that call it before they run, also what it reads only on later nights.
"""

import re

from house import manifest
from learning_loop.project import project_dir

READ = re.compile(r"\bref\(\s*'(\w+)'\s*\)")
DEFINED = re.compile(r"{%-?\s*(?:macro|test|materialization)\s+(\w+)")


def test_each_file_of_macros_defines_one_thing_and_is_named_like_it():
    files = [path for folder in ("macros", "tests/generic") for path in sorted((project_dir() / folder).rglob("*.sql"))]
    assert len(files) > 50
    found = {path.relative_to(project_dir()).as_posix(): DEFINED.findall(path.read_text("utf-8")) for path in files}
    assert found == {file: [file.rpartition("/")[2].removesuffix(".sql")] for file in found}


def test_a_table_that_a_macro_names_is_known_to_every_model_that_calls_the_macro():
    parsed = manifest()
    ours = {name: macro for name, macro in parsed.macros.items() if macro.package_name == "learning_loop"}

    def reached(names, seen):
        for name in set(names) & set(ours) - seen:
            seen.add(name)
            reached(ours[name].depends_on.macros, seen)
        return seen

    unknown, asked = [], 0
    for model in parsed.nodes.values():
        if model.resource_type == "model":
            known = {name.rpartition(".")[2] for name in model.depends_on.nodes}
            for macro in reached(model.depends_on.macros, set()):
                read = READ.findall(ours[macro].macro_sql)
                asked += len(read)
                unknown += [(model.name, macro, name) for name in read if name not in known]
    assert asked > 50
    assert unknown == []
