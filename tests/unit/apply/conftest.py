"""A real session to this machine, shared by the tests of the engine."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gureum.hosts import Connections, Session, Target


@pytest.fixture(scope="session")
def session() -> Iterator[Session]:
    with Connections() as connections:
        yield connections.open([Target("one", connection="local")])["one"]
