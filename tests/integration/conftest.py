"""What several files of these tests stand on."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.integration.house import House


@pytest.fixture
def house(make_database: Callable[[], str], tmp_path: Path) -> Iterator[House]:
    house = House(make_database(), tmp_path / "pictures")
    yield house
    house.queue.close()
    house.engine.dispose()
