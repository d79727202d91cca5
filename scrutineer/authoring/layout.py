"""The sheets of a framework's workbook: for each the model of its rows, what a row belongs to, and which fields it leaves out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from scrutineer.authoring.cells import Cell, write_cell
from scrutineer.frameworks.conditions import DerivedRule
from scrutineer.frameworks.model import (
    Attribute,
    Band,
    CalendarRule,
    Criterion,
    Framework,
    Grade,
    Group,
    Importance,
    Item,
    Measure,
    Option,
    Question,
    Quota,
    RatingRule,
    Scale,
    Section,
    Thread,
)
from scrutineer.frameworks.parts import FrameworkPart
from scrutineer.frameworks.rating_methods import RatingScale, RatingValue

Entry = tuple[tuple[Any, ...], FrameworkPart]
"""What a row belongs to, by the columns before its own, and the part itself."""


@dataclass(frozen=True)
class Sheet:
    """One sheet.

    Attributes:
        name: as its tab shows it.
        model: of its rows.
        parents: the columns that say what a row belongs to, each with the path to the list it names an entry of.
        path: where the rows belong, below the last parent.
        entries: the rows of a framework.
        without: fields that other sheets hold.
    """

    name: str
    model: type[FrameworkPart]
    path: tuple[str, ...]
    entries: Callable[[Framework], Iterator[Entry]]
    parents: tuple[tuple[str, tuple[str, ...], str], ...] = ()
    without: frozenset[str] = frozenset()

    @property
    def fields(self) -> dict[str, str]:
        """The fields of a row by the heading of their column."""
        return {
            write_heading(field.alias or name): name
            for name, field in self.model.model_fields.items()
            if name not in self.without
        }

    @property
    def headings(self) -> tuple[str, ...]:
        """All columns, those of the parents first."""
        return (*(heading for heading, _, _ in self.parents), *self.fields)


def write_heading(name: str) -> str:
    """A field's name as people read it."""
    return name.replace("_", " ").strip()


_SECTION = ("section", ("sections",), "code")
_CRITERION = ("criterion", ("criteria",), "code")
_QUESTION = ("question", ("questions",), "key")
_SCALE = ("scale", ("scales",), "key")
_RATING_SCALE = ("rating scale", ("rating_scales",), "key")


def _list_criteria(framework: Framework) -> Iterator[tuple[Section, Criterion]]:
    return ((s, c) for s in framework.sections for c in s.criteria)


def _list_questions(framework: Framework) -> Iterator[tuple[Section, Criterion, Question]]:
    return ((s, c, q) for s, c in _list_criteria(framework) for q in c.questions)


SHEETS: tuple[Sheet, ...] = (
    Sheet(
        "Sections",
        Section,
        ("sections",),
        lambda f: (((), s) for s in f.sections),
        (),
        frozenset({"criteria", "rated"}),
    ),
    Sheet(
        "Criteria",
        Criterion,
        ("criteria",),
        lambda f: (((s.code,), c) for s, c in _list_criteria(f)),
        (_SECTION,),
        frozenset({"questions", "items", "rated"}),
    ),
    Sheet(
        "Questions",
        Question,
        ("questions",),
        lambda f: (((s.code, c.code), q) for s, c, q in _list_questions(f)),
        (_SECTION, _CRITERION),
        frozenset({"when", "derived"}),
    ),
    Sheet(
        "Answer rules",
        DerivedRule,
        ("derived",),
        lambda f: (((s.code, c.code, q.key), r) for s, c, q in _list_questions(f) for r in q.derived),
        (_SECTION, _CRITERION, _QUESTION),
        frozenset({"when"}),
    ),
    Sheet(
        "Items",
        Item,
        ("items",),
        lambda f: (((s.code, c.code), i) for s, c in _list_criteria(f) for i in c.items),
        (_SECTION, _CRITERION),
    ),
    Sheet("Scales", Scale, ("scales",), lambda f: (((), s) for s in f.scales), (), frozenset({"options"})),
    Sheet(
        "Options",
        Option,
        ("options",),
        lambda f: (((s.key,), o) for s in f.scales for o in s.options),
        (_SCALE,),
    ),
    Sheet("Attributes", Attribute, ("attributes",), lambda f: (((), a) for a in f.attributes)),
    Sheet("Groups", Group, ("groups",), lambda f: (((), g) for g in f.groups), (), frozenset({"when"})),
    Sheet("Threads", Thread, ("threads",), lambda f: (((), t) for t in f.threads)),
    Sheet(
        "Importance", Importance, ("scoring", "importance"), lambda f: (((), i) for i in f.scoring.importance)
    ),
    Sheet("Score bands", Band, ("scoring", "bands"), lambda f: (((), b) for b in f.scoring.bands)),
    Sheet(
        "Point bands",
        Band,
        ("scoring", "points", "bands"),
        lambda f: (((), b) for b in (f.scoring.points.bands if f.scoring.points else ())),
    ),
    Sheet(
        "Grades",
        Grade,
        ("ratings", "grades"),
        lambda f: (((), g) for g in (f.ratings.grades if f.ratings else ())),
    ),
    Sheet(
        "Rules on grades",
        RatingRule,
        ("ratings", "rules"),
        lambda f: (((), r) for r in (f.ratings.rules if f.ratings else ())),
    ),
    Sheet(
        "Rating scales",
        RatingScale,
        ("rating_scales",),
        lambda f: (((), r) for r in f.rating_scales),
        (),
        frozenset({"ratings"}),
    ),
    Sheet(
        "Ratings",
        RatingValue,
        ("ratings",),
        lambda f: (((r.key,), v) for r in f.rating_scales for v in r.ratings),
        (_RATING_SCALE,),
    ),
    Sheet("Quotas", Quota, ("sample", "quotas"), lambda f: (((), q) for q in f.sample.quotas)),
    Sheet("Calendar", CalendarRule, ("calendar", "rules"), lambda f: (((), r) for r in f.calendar.rules)),
    Sheet("Targets", Measure, ("targets", "measures"), lambda f: (((), m) for m in f.targets.measures)),
)
"""Every sheet of plain rows. Settings, words, conditions and methods of rating have sheets of their own form."""


def write_row(sheet: Sheet, entry: Entry) -> dict[str, Cell]:
    """The cells of one row by heading; what is at its default is left blank."""
    parents, part = entry
    row: dict[str, Cell] = dict(zip((heading for heading, _, _ in sheet.parents), parents, strict=True))
    for heading, name in sheet.fields.items():
        field, value = sheet.model.model_fields[name], getattr(part, name)
        is_default = not field.is_required() and value == field.get_default(call_default_factory=True)
        row[heading] = None if is_default else write_cell(value)
    return row


Row = Mapping[str, Cell]
