"""The texts in the web application's Python: which a mark for translation surrounds, and which none does."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import ROOT

ROOM = ROOT / "scrutineer_web"

NOT_SAID = {
    "audit/anchors.py": "said on a terminal",
    "audit/begin.py": "said on a terminal",
    "audit/in_backup.py": "said on a terminal",
    "audit/triggers.py": "read by the database",
    "audit/unprotected.py": "read by programmers",
    "commands.py": "said on a terminal",
    "demonstration.py": "made-up data",
    "fictional.py": "made-up data",
    "kit/headers.py": "read by browsers",
    "kit/logs.py": "written to the log",
    "kit/made_files.py": "read by browsers",
    "kit/made_up_people.py": "made-up names",
    "kit/metrics.py": "read by a program that watches the room",
    "kit/oidc.py": "written to the log",
    "kit/private.py": "said on a terminal",
    "locale": "no code",
    "records/migrations": "no code that says anything",
    "records/models.py": "names of classes alone",
    "records/statements.py": "read by the database",
    "running": "said on a terminal, and written to the log",
    "settings.py": "read when the room starts",
    "styles": "no code of Python",
    "wsgi.py": "read when the room starts",
}
"""Folders and modules that say nothing on a screen, and why."""

EXEMPT = {
    # What browsers and programs read
    "sandbox; default-src 'none'",
    "default-src 'none'",
    "text/html; charset=utf-8",
    "text/csv; charset=utf-8",
    "text/plain; version=0.0.4; charset=utf-8",
    "public, max-age=3600",
    'attachment; filename="\0"\0',
    "408 Request Timeout",
    "500 Internal Server Error",
    "503 Service Unavailable",
    'curl -H "Authorization: Bearer scr_…" \0',
    "not well",  # said to what watches the room, not to people
    # Names in files that are sent
    "Launch",
    "Type",
    # What browsers and programs say to each other
    "Accept",
    "Authorization",
    "Connection",
    "Lax",
    "Location",
    "Referer",
    "govuk-input govuk-input--width-3",
    "govuk-input govuk-input--width-10",
    # What the program calls a key, a receiver of signals or a class
    "scrutineer \0",
    "scrutineer \0:\0",
    "scrutineer device key:\0:\0",
    "written \0",
    "deleted \0",
    "data subject",
    "Data hash",
    "Event",
    "Read",
    "Records",
    # Titles that are kept with the record, and words of reports, which have a language of their own
    "\0, by the area itself",
    "Inspections of \0 to \0",
    "\0 across areas",
    "\0, \0 areas",
    " across areas",
    "\0 to \0",
    "Periodic report on:",
    "Thematic report on:",
    "Report across areas on:",
    # What records are called where programmers see them
    "\0, rev \0",
    "assessment \0 of \0",
    "\0 on \0",
    "from \0",
    "outcome of \0",
    "timetable \0",
    "the text of \0",
    "the cases of \0",
    # Places that the core, a library or the API names, and what the API says of itself to programs
    "the \0",
    "the caller",
    "Everything that Scrutineer's screens read, and sending in answers. People create keys on their own account page.",
    # Keys, and values as records have them
    "columns of the table",
    "near miss",
    "partly met",
    "not met",
    "True",
    # A name that no language translates, and what an area's profile says until somebody changes it
    "Scrutineer",
    "National average",
    "# [to be written: a title]\n",
    # An error of a request that was given up, which nobody waits for any more
    "the request's time was up",
}
"""Texts that look like sentences, and that nobody reads on a screen or that are data."""

MARKS = {"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy", "pgettext", "pgettext_lazy"}

_SILENT = {
    "TypeError",
    "ValueError",
    "RuntimeError",
    "KeyError",
    "NotImplementedError",
    "TypeVar",
    "getLogger",
}
"""Calls whose texts only programmers read."""
_SILENT_OF = {"log", "re"}
"""What writes to the log, and patterns."""

_SQL = re.compile(r"\b(?:SELECT|FROM|WHERE|AND|BEGIN|NULL|UPDATE|DROP|ALTER|CREATE|SET)\b")
"""What the database reads."""

GAP = "\0"
"""What stands for a value in the text of an f-string."""


@dataclass(frozen=True)
class Literal:
    """A text that no mark surrounds.

    Attributes:
        text: what it says; values of an f-string are gaps.
        line: where it begins.
    """

    text: str
    line: int

    @property
    def is_sentence(self) -> bool:
        """Whether it has two words that follow each other, or a value and a word with a space between."""
        return bool(
            re.search(
                rf"(?:[^\W\d_]{{2}}|{GAP})[,;:.!?]? [^\W\d_]{{2}}|[^\W\d_]{{2}}[,;:.!?]? {GAP}", self.text
            )
        )

    @property
    def is_said(self) -> bool:
        """Whether it could be said on a screen: it is no key, no address and no name of a class."""
        if _SQL.search(self.text):
            return False
        return self.is_sentence or bool(re.fullmatch(r"[A-Z][a-z]+", self.text))

    @property
    def can_be_recognised(self) -> bool:
        """Whether a page shows it so that nothing else looks the same: as it is, or with two words around its values."""
        return GAP not in self.text or len(re.findall(r"[^\W\d_]{2,}", self.text)) > 1

    def make_pattern(self) -> re.Pattern[str]:
        """What a page shows of it."""
        return re.compile(".+".join(re.escape(part) for part in self.text.split(GAP)), re.DOTALL)


def list_modules() -> list[Path]:
    """The modules whose texts are marked."""
    left_out = [ROOM / name for name in NOT_SAID]
    return [
        path
        for path in sorted(ROOM.rglob("*.py"))
        if not any(path.is_relative_to(place) for place in left_out)
    ]


def list_literals(path: Path) -> Iterator[Literal]:
    """The texts of a module that no mark surrounds: not its docstrings, and nothing that only programmers read."""
    yield from _visit(ast.parse(path.read_text(encoding="utf-8")))


def _visit(node: ast.AST) -> Iterator[Literal]:
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return  # a docstring
    if isinstance(node, ast.Call):
        whole = ast.unparse(node.func)
        if whole in MARKS or whole in _SILENT or whole.partition(".")[0] in _SILENT_OF:
            return
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield Literal(node.value, node.lineno)
    elif isinstance(node, ast.JoinedStr):
        parts = [part.value if isinstance(part, ast.Constant) else GAP for part in node.values]
        yield Literal("".join(str(part) for part in parts), node.lineno)
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                yield from _visit(part.value)
    else:
        for child in ast.iter_child_nodes(node):
            yield from _visit(child)
