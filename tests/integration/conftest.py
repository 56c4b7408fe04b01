"""What several files of these tests stand on."""

from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from gradio_client import Client

from tests.integration.house import House

Connect = Callable[[httpx.Client], Client]


@pytest.fixture
def house(make_database: Callable[[], str], tmp_path: Path) -> Iterator[House]:
    house = House(make_database(), tmp_path / "pictures")
    yield house
    house.queue.close()
    house.engine.dispose()


@pytest.fixture
def connect() -> Iterator[Connect]:
    """Connects the real Gradio client as the person that an HTTP client is signed in as."""
    opened: list[Client] = []

    def open_client(rest: httpx.Client) -> Client:
        headers = {"Authorization": rest.headers["Authorization"]}
        client = Client(str(rest.base_url), headers=headers, verbose=False, analytics_enabled=False)
        opened.append(client)
        return client

    yield open_client
    for client in opened:
        client.close()
