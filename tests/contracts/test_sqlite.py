"""The storage contract on SQLite."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from server.storage.contract import Storage
from server.storage.sqlite import open_storage
from tests.contracts.test_storage import StorageContract


@dataclass
class SqliteEngine:
    folder: Path

    def open(self) -> Storage:
        return open_storage(self.folder)


class TestSqlite(StorageContract):
    @pytest.fixture
    def engine(self, tmp_path: Path) -> SqliteEngine:
        return SqliteEngine(tmp_path)
