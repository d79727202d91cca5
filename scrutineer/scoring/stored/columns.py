"""Which columns of stored cases and answers are read: those that a figure needs, and no other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from scrutineer.errors import Fault, UserError
from scrutineer.fieldwork.cases.columns import CASE, Column, collect_columns, match_headings
from scrutineer.fieldwork.cases.settled_cases import find_named
from scrutineer.frameworks.model import Framework
from scrutineer.scoring.groups import list_attributes
from scrutineer.tables.names import make_key, suggest_nearest


@dataclass(frozen=True)
class StoredColumns:
    """Headings by what they hold.

    Attributes:
        case: the references in the cases.
        answers_case: the references in the answers.
        attributes: heading in the cases, by attribute.
        answered: attributes that only the answers have, as assessors give them.
        questions: heading in the answers, by question: a column each; none where there is a row for each answer.
        question: the heading of the column that names the question, where there is a row for each answer.
        answer: the heading of the column with the answer, then.
        reading: the heading of the column that says which assessment it is; empty if there is none.
    """

    case: str
    answers_case: str
    attributes: dict[str, str]
    answered: dict[str, str] = field(default_factory=dict)
    questions: dict[str, str] = field(default_factory=dict)
    question: str = ""
    answer: str = ""
    reading: str = ""

    @property
    def are_long(self) -> bool:
        """Whether there is a row for each answer."""
        return bool(self.question)


def find_columns(
    framework: Framework,
    elements: Iterable[Framework],
    cases: Sequence[str],
    answers: Sequence[str],
    by: Sequence[str],
    where: tuple[str, str],
) -> StoredColumns:
    """Find the columns that scores need.

    Args:
        framework: that cases are scored by.
        elements: its thematic elements on part of the cases.
        cases: the headings of the cases.
        answers: the headings of the answers; the same where both are in the same files.
        by: attributes that are asked for.
        where: what people know the cases and the answers by.

    Raises:
        UserError: a column is missing, or a heading of the answers is no question.
    """
    known = collect_columns(framework)
    headings, _ = match_headings(cases, known, {})
    own = {make_key(name): name for name in answers}
    faults = [
        Fault(place, "there is no column 'case'", "Add a column with the reference of each case")
        for place, found in zip(where, (headings, own), strict=True)
        if CASE not in found
    ]
    is_long = {"question", "answer"} <= own.keys()
    questions = {} if is_long else {key: own[key] for key in framework.questions if key in own}
    shared = set(cases) & set(answers) == set(cases)
    if not is_long and not shared:
        faults += _find_strange(framework, own, where[1])
    if not is_long and not questions:
        do = "Use the questions' keys as headings, or the columns case, question and answer"
        faults.append(Fault(where[1], "none of the columns is a question in the framework", do))
    if faults:
        raise UserError(faults)
    needed = _list_needed(framework, elements, headings.keys() | (own.keys() & known.keys()), by)
    return StoredColumns(
        case=headings[CASE],
        answers_case=own[CASE],
        attributes={key: headings[key] for key in needed if key in headings},
        answered={key: own[key] for key in needed if not is_long and key not in headings and key in own},
        questions=questions,
        question=own["question"] if is_long else "",
        answer=own["answer"] if is_long else "",
        reading=own.get("reading", ""),
    )


def list_typed(framework: Framework, columns: StoredColumns) -> list[Column]:
    """The attributes that are read, in the framework's order."""
    known = collect_columns(framework)
    return [column for key, column in known.items() if key in {*columns.attributes, *columns.answered}]


def _find_strange(framework: Framework, own: dict[str, str], where: str) -> list[Fault]:
    allowed = {CASE, "assessor", "reading", *collect_columns(framework), *framework.questions}
    return [
        Fault(
            where,
            f"column '{name}' is not a question in the framework",
            suggest_nearest(key, framework.questions) or "Check its spelling",
        )
        for key, name in own.items()
        if key not in allowed
    ]


_ALWAYS = ("selected_as", "weight", "synthetic")


def _list_needed(
    framework: Framework, elements: Iterable[Framework], there: Iterable[str], by: Sequence[str]
) -> list[str]:
    """The attributes that some condition, group or figure looks at."""
    columns = list(there)
    named = {name for group in framework.groups for name in group.when.list_names()} | find_named(framework)
    parts = list(elements)
    for element in parts:
        if element.sample.only is not None:
            named |= set(element.sample.only.list_names())
    named |= {*list_attributes(framework, columns, by), *_ALWAYS, *(["elements"] if parts else [])}
    return [name for name in columns if name in named and name != CASE]
