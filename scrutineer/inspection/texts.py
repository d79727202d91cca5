"""The Markdown files of an inspection: the parts of its narrative and its findings, as people wrote them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from scrutineer.errors import Fault, UserError, make_fault, shorten_path

LONGEST = 1_000_000


@dataclass(frozen=True)
class Text:
    """One Markdown file.

    Attributes:
        name: its place in the folder without the ending: `narrative/foreword`, `findings/B1`.
        where: the file as a person would write it.
    """

    name: str
    where: str
    lines: tuple[str, ...]

    @property
    def empty(self) -> bool:
        """Whether it has only blank lines."""
        return not any(line.strip() for line in self.lines)


def read_texts(folder: Path) -> dict[str, Text]:
    """Every Markdown file of `narrative`, `findings` and `practice` (good practice examples: B3-1.md), by name.

    Raises:
        UserError: with every file that is too long or no text.
    """
    texts: dict[str, Text] = {}
    faults: list[Fault] = []
    for part in ("narrative", "findings", "practice"):
        for path in sorted((folder / part).glob("*.md")):
            name = f"{part}/{path.stem}"
            try:
                texts[name] = Text(name, shorten_path(path), tuple(_read_content(path).split("\n")))
            except UserError as error:
                faults += error.faults
    if faults:
        raise UserError(faults)
    return texts


def _read_content(path: Path) -> str:
    try:
        if path.stat().st_size > LONGEST:
            raise UserError(Fault(shorten_path(path), "the text is longer than 1 MB", "Split the text"))
        return path.read_text(encoding="utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise UserError(Fault(shorten_path(path), "this is not UTF-8 text", "Save it as UTF-8")) from None
    except OSError as error:
        raise UserError(make_fault(error, shorten_path(path))) from error
