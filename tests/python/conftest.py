import pytest

from house import House


@pytest.fixture(autouse=True)
def one_salt(monkeypatch):
    """Of two contents at one instant the hash decides, and it holds pseudonyms: every test has the same salt."""
    monkeypatch.setenv("LEARNING_LOOP_SALT", "a salt for tests only")
    monkeypatch.delenv("LEARNING_LOOP_LANDING", raising=False)
    monkeypatch.delenv("LEARNING_LOOP_WAREHOUSE", raising=False)


@pytest.fixture
def house(tmp_path):
    return House(tmp_path)
