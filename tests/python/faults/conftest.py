"""One process that forks nights, and one house on its second morning, for all tests of a worker."""

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
