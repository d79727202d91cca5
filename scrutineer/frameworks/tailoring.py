"""`extends`: a framework made from another by renaming, retiring, adding and reweighting.

A tailored framework is resolved into a whole one before anything else sees it, so that no
other part of the project knows that `extends` exists.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from pydantic import Field

from scrutineer.frameworks.model import Criterion, Framework, Question, Section
from scrutineer.frameworks.parts import Code, FrameworkPart, Identifier, Key, Sentence

Names = dict[str, str]


class Naming(FrameworkPart):
    """New words for a section, criterion or question. What you leave out stays as it is."""

    title: Sentence | None = None
    text: Sentence | None = None
    description: str | None = None
    guidance: str | None = None
    meaning: int | None = None


class Addition(FrameworkPart):
    """A new section, criterion or question.

    Attributes:
        to: where it goes: the code of the section or criterion.
    """

    to: Code | None = None
    section: Section | None = None
    criterion: Criterion | None = None
    question: Question | None = None


class Tailoring(FrameworkPart):
    """The changes to the framework that's extended.

    Attributes:
        rename: new words, by the part's code or key.
        retire: the parts that are no longer used, by code or key.
        reweight: the new importance of a criterion or weight of a section, by code.
    """

    rename: dict[str, Naming] = Field(default_factory=dict)
    retire: tuple[str, ...] = ()
    add: tuple[Addition, ...] = ()
    reweight: dict[str, Key | int | None] = Field(default_factory=dict)


class Extension(FrameworkPart):
    """The file of a framework that extends another one.

    Attributes:
        words: merged with the other framework's.
        replace: parts of the framework, such as groups, sample or calendar. Each replaces the other framework's.
    """

    format: int
    id: Identifier
    version: str
    title: Sentence
    extends: Identifier
    kind: str | None = None
    words: dict[Key, Sentence] = Field(default_factory=dict)
    tailor: Tailoring = Tailoring()
    replace: dict[str, Any] = Field(default_factory=dict)


Problem = tuple[tuple[str | int, ...], str, str]


def find_unknown_names(base: Framework, tailoring: Tailoring) -> Iterator[Problem]:
    """Everything that a tailoring names but the extended framework does not have.

    Yields:
        The place in the tailoring, what is wrong, and what could be written.
    """
    sections = {s.code for s in base.sections}
    known = sections | set(base.criteria) | set(base.questions)
    for name in tailoring.rename:
        if name not in known:
            yield (
                ("rename", name),
                f"'{name}' is renamed, but '{base.id}' has no such part",
                _list_known(known),
            )
    for n, name in enumerate(tailoring.retire):
        if name not in known:
            yield ("retire", n), f"'{name}' is retired, but '{base.id}' has no such part", _list_known(known)
    for name in tailoring.reweight:
        if name not in sections | set(base.criteria):
            yield (
                ("reweight", name),
                f"'{name}' is reweighted, but '{base.id}' has no such part",
                _list_known(known),
            )
    for n, addition in enumerate(tailoring.add):
        yield from _find_misplaced(("add", n), addition, sections, set(base.criteria))


def _find_misplaced(
    place: tuple[str | int, ...], addition: Addition, sections: set[str], criteria: set[str]
) -> Iterator[Problem]:
    parts = [part for part in (addition.section, addition.criterion, addition.question) if part is not None]
    if len(parts) != 1:
        yield place, "each addition must add exactly one thing", "Add a section, a criterion or a question"
    elif addition.criterion and addition.to not in sections:
        yield place, f"a criterion is added to an unknown section, '{addition.to}'", _list_known(sections)
    elif addition.question and addition.to not in criteria:
        yield place, f"a question is added to an unknown criterion, '{addition.to}'", _list_known(criteria)


def _list_known(names: set[str]) -> str:
    return f"Choose from {', '.join(sorted(names))}"


def apply_extension(base: Framework, extension: Extension, replaced: dict[str, Any]) -> Framework:
    """The extended framework with the tailoring done.

    Args:
        base: the framework that is extended, its words not yet filled in.
        extension: the tailoring file; nothing in it is unknown to `base`.
        replaced: the parts under `replace`, as parts of the model.
    """
    tailoring = extension.tailor
    sections = tuple(_make_section(s, tailoring) for s in base.sections if s.code not in tailoring.retire)
    added = tuple(a.section for a in tailoring.add if a.section)
    own: dict[str, Any] = {
        "id": extension.id,
        "version": extension.version,
        "title": extension.title,
        "words": {**base.words, **extension.words},
        "sections": sections + added,
        **({"kind": extension.kind} if extension.kind else {}),
    }
    whole = {name: getattr(base, name) for name in Framework.model_fields}
    return Framework.model_construct(**{**whole, **own, **replaced})


def _make_section(section: Section, tailoring: Tailoring) -> Section:
    criteria = tuple(
        _make_criterion(c, tailoring) for c in section.criteria if c.code not in tailoring.retire
    )
    added = tuple(a.criterion for a in tailoring.add if a.criterion and a.to == section.code)
    changes: dict[str, Any] = {"criteria": criteria + added, **_rename(section.code, tailoring, ("title",))}
    if section.code in tailoring.reweight:
        changes["weight"] = tailoring.reweight[section.code]
    return section.model_copy(update=changes)


def _make_criterion(criterion: Criterion, tailoring: Tailoring) -> Criterion:
    questions = tuple(
        _make_question(q, tailoring) for q in criterion.questions if q.key not in tailoring.retire
    )
    added = tuple(a.question for a in tailoring.add if a.question and a.to == criterion.code)
    changes: dict[str, Any] = {
        "questions": questions + added,
        **_rename(criterion.code, tailoring, ("title", "description")),
    }
    if criterion.code in tailoring.reweight:
        changes["importance"] = tailoring.reweight[criterion.code]
    return criterion.model_copy(update=changes)


def _make_question(question: Question, tailoring: Tailoring) -> Question:
    return question.model_copy(update=_rename(question.key, tailoring, ("text", "guidance", "meaning")))


def _rename(name: str, tailoring: Tailoring, fields: tuple[str, ...]) -> dict[str, Any]:
    naming = tailoring.rename.get(name)
    if naming is None:
        return {}
    return {field: value for field in fields if (value := getattr(naming, field)) is not None}


def fill_in(framework: Framework, missing: Callable[[str, str], None]) -> Framework:
    """The framework with its `words` written into every title, text, description and guidance.

    Args:
        framework: a whole framework whose texts may hold ``{word}``.
        missing: called with the part's code or key and each word that the framework does not define.
    """

    def fill(name: str, text: str) -> str:
        for word in _list_braced(text):
            if word not in framework.words:
                missing(name, word)
                return text
        return text.format_map(framework.words)

    def fill_question(q: Question) -> Question:
        return q.model_copy(update={"text": fill(q.key, q.text), "guidance": fill(q.key, q.guidance)})

    def fill_criterion(c: Criterion) -> Criterion:
        return c.model_copy(
            update={
                "title": fill(c.code, c.title),
                "description": fill(c.code, c.description),
                "questions": tuple(map(fill_question, c.questions)),
                "items": tuple(i.model_copy(update={"text": fill(i.key, i.text)}) for i in c.items),
            }
        )

    def fill_section(s: Section) -> Section:
        return s.model_copy(
            update={"title": fill(s.code, s.title), "criteria": tuple(map(fill_criterion, s.criteria))}
        )

    return framework.model_copy(update={"sections": tuple(map(fill_section, framework.sections))})


def _list_braced(text: str) -> list[str]:
    return [piece.split("}")[0] for piece in text.split("{")[1:]]
