"""One process that forks nights, and one house on its second morning, for all tests of a worker; the kit's log."""

import pytest
from kit import EVENTS_ONLY, Disturbed, Nursery


@pytest.fixture(scope="session")
def nursery(tmp_path_factory):
    nursery = Nursery(tmp_path_factory.mktemp("nursery"))
    yield nursery
    nursery.close()


@pytest.fixture(scope="session")
def disturbed(nursery, tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LEARNING_LOOP_SALT", "a salt for tests only")
        yield Disturbed(tmp_path_factory.mktemp("disturbed"), nursery, EVENTS_ONLY)


@pytest.fixture
def tell(record_property):
    """Write a line to the log that ends the run: what tests print in pytest-xdist's workers reaches nobody."""
    return lambda line: record_property("told", line)


def pytest_terminal_summary(terminalreporter):
    for outcome in ("passed", "failed"):
        for report in terminalreporter.getreports(outcome):
            lines = [line for name, line in report.user_properties if name == "told"]
            if lines:
                terminalreporter.section(report.nodeid.rsplit("::", 1)[-1], sep="-")
                terminalreporter.write("\n".join(lines) + "\n")
