"""A folder of pictures as uploads: whose they are, where from, under which licence."""

import csv
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from skin.annotation.items import Upload

SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".heic", ".heif"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """A folder with all below it; `source` is the set's name here, `table` a CSV of `file`, `person`, `licence`.

    Where the table says nothing, a picture in a folder of its own below is of the person that folder is named after,
    or, with `stems`, of the person the file is named after (without its ending); any other is of nobody else.
    """

    root: Path
    source: str
    licence: str = ""
    table: Path | None = None
    stems: bool = False

    def list_files(self) -> list[Path]:
        return sorted(file for file in self.root.rglob("*") if file.suffix.lower() in SUFFIXES and file.is_file())

    def source_of(self, file: Path) -> str:
        return f"{self.source}/{file.relative_to(self.root).as_posix()}"

    def read(self, files: Collection[Path], told: Callable[[], object]) -> Iterator[Upload]:
        """The files as uploads, each read when its turn comes; `told` is called after each."""
        said = self._read_table()
        for file in files:
            name = file.relative_to(self.root).as_posix()
            row = said.get(name, {})
            person = row.get("person") or self._person(file)
            yield Upload(
                name=name,
                picture=file.read_bytes(),
                source=self.source_of(file),
                person=f"{self.source}/{person}" if person else "",
                licence=row.get("licence") or self.licence,
            )
            told()

    def _person(self, file: Path) -> str:
        if self.stems:
            return file.stem
        parent = file.relative_to(self.root).parent.as_posix()
        return "" if parent == "." else parent

    def _read_table(self) -> Mapping[str, Mapping[str, str]]:
        if self.table is None:
            return {}
        with self.table.open(newline="", encoding="utf-8-sig") as lines:
            return {row["file"]: row for row in csv.DictReader(lines)}
