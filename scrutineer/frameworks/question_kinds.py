"""Kinds of question: the one table. To add a kind, add its name and its row here, and a template of its field.

Everything that treats kinds differently asks this table: reading and checking an answer, the field on a screen, the cell
of a workbook, what is counted, and what retention removes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from scrutineer.tables.limits import LARGEST
from scrutineer.tables.names import normalise_name, write_spoken

if TYPE_CHECKING:
    from scrutineer.frameworks.model import Scale

KindName = Literal["choice", "number", "date", "text", "choices"]
"""Names of the kinds, as a framework's file has them."""


ANY_NUMBER = (-LARGEST, LARGEST)

NOT_APPLICABLE: Final = "not_applicable"
NO_EVIDENCE: Final = "not_enough_evidence"
"""The two answers that every scale of options offers besides its own."""

MOST_OPTIONS: Final = 15
"""An answer is kept in one byte, of which four bits number the option."""


@dataclass(frozen=True)
class QuestionKind:
    """How questions of one kind are answered.

    Attributes:
        name: as a framework's file has it.
        is_coded: the answer is one option of the scale, kept as a byte and counted; other answers are kept as written.
        read_as: what kind of value an answer that isn't coded is read as.
        check: gives a text as it is kept, such as codes in the place of labels; raises `ValueError`, with a sentence
            that says what to give, where it can't be an answer on the scale. Its value is read before: a number comes as
            18 or 18.5, a date as 2006-03-31, a text without blanks around it.
        field: the template of its field on the case form, in `fieldwork/fields/`.
        cell_format: the number format of its cell in a workbook: "@" keeps what is typed as text.
        has_words: a person may write anything, so retention removes it.
        parameters: the fields of a scale that say more about a question of this kind, besides key, title and kind; on
            scales of other kinds `framework check` refuses them.
        bounds: the least and the most that a number may be on a scale: for the form, for files, and for a workbook's cell.
    """

    name: KindName
    is_coded: bool
    read_as: Literal["text", "number", "date"]
    check: Callable[[Scale, str], str]
    field: str
    cell_format: Literal["@", "General"]
    has_words: bool = False
    parameters: frozenset[str] = frozenset()
    bounds: Callable[[Scale], tuple[float, float]] = lambda _: ANY_NUMBER


def find_kind(scale: Scale) -> QuestionKind:
    """The kind of a scale's questions."""
    return KINDS[scale.kind]


def _check_choices(scale: Scale, text: str) -> str:
    """Some of the options, with semicolons between them, each by its code or its label."""
    ways = {normalise_name(option.label): option.code for option in scale.options}
    ways |= {way: o.code for o in scale.options for way in (normalise_name(o.code), write_spoken(o.code))}
    chosen = [ways.get(normalise_name(part)) for part in text.split(";")]
    if None in chosen:
        codes = sorted(option.code for option in scale.options)
        raise ValueError(f"enter one or more of {', '.join(codes)}, separated by semicolons")
    return ";".join(filter(None, chosen))


def _accept(scale: Scale, text: str) -> str:
    """Whatever can be read as its value is an answer."""
    del scale
    return text


_ALL = (
    QuestionKind(
        name="choice",
        is_coded=True,
        read_as="text",
        check=_accept,
        field="radios",
        cell_format="@",
        parameters=frozenset({"options", "not_enough_evidence"}),
    ),
    QuestionKind(
        name="choices",
        is_coded=False,
        read_as="text",
        check=_check_choices,
        field="checkboxes",
        cell_format="General",
        parameters=frozenset({"options"}),
    ),
    QuestionKind(
        name="number", is_coded=False, read_as="number", check=_accept, field="number", cell_format="General"
    ),
    QuestionKind(
        name="date", is_coded=False, read_as="date", check=_accept, field="date", cell_format="General"
    ),
    QuestionKind(
        name="text",
        is_coded=False,
        read_as="text",
        check=_accept,
        field="textarea",
        cell_format="@",
        has_words=True,
    ),
)

KINDS: Mapping[str, QuestionKind] = {each.name: each for each in _ALL}
"""Every kind by its name."""
