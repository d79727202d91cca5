"""Comparing two frameworks passes over no field: each is changed in turn, wherever it occurs, and the comparison says so."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import ValidationError

from scrutineer.frameworks.library import Library
from scrutineer.frameworks.model import Framework, Question, Section
from scrutineer.frameworks.rating_methods import Discretion, PartsTest, RatingLimit, RatingStep
from scrutineer.frameworks.version_changes import compare
from scrutineer.tasks.files import find_data_folder

SHIPPED = Library(find_data_folder("frameworks"))
IDENTITY = {("id",), ("version",), ("format",)}


def add_derived(section: Section) -> Section:
    """A section whose first criterion ends with a question that's answered by rules, with every kind of test."""
    place = next(n for n, criterion in enumerate(section.criteria) if criterion.questions)
    first = section.criteria[place]
    test = {
        "started": {"within": 5, "unit": "days", "after": "started", "place": "GB-ENG"},
        "age": {"at_least": 18.5, "at_most": 21.5},
        "how_many": {
            "of": [first.questions[0].key],
            "answered": ["poor"],
            "at_least": 1,
            "at_most": 2,
            "every": True,
        },
        "not": {"started": {"on_or_after": "2003-01-01", "on_or_before": "2003-12-31"}},
    }
    derived = [{"answer": "poor", "when": test, "title": "A test"}, {"answer": "sufficient"}]
    question = Question.model_validate(
        {
            "key": "by_rule",
            "text": "By rule",
            "scale": "quality",
            "derived": derived,
            "weight": 2,
            "tags": ["one"],
        }
    )
    own = first.model_copy(update={"questions": (*first.questions, question)})
    criteria = (*section.criteria[:place], own, *section.criteria[place + 1 :])
    return section.model_copy(update={"criteria": criteria})


def make_rich() -> Framework:
    """A framework that says something of every kind: one that ships, with ratings of every kind added."""
    base = SHIPPED.load_framework("esi-2003")
    youth = SHIPPED.load_framework("hmip-youth-2018")
    assert youth.rated.overall is not None
    test = PartsTest(at_least="good", number=2, parts=("B1", "B2"))
    overall = youth.rated.overall.model_copy(
        update={
            "rules": (RatingStep(rating="good", where=(test,)),),
            "limits": (RatingLimit(at_most="good", title="A limit", where=(test,)),),
            "discretion": Discretion(by="The panel", within=1),
        }
    )
    rated = youth.rated.model_copy(update={"overall": overall})
    omi = SHIPPED.load_framework("omi-2006")
    scoring = base.scoring.model_copy(
        update={"bands": omi.scoring.bands, "points": VILLAGE.scoring.points, "priority_line": 70}
    )
    return base.model_copy(
        update={
            "format": 2,
            "sections": (base.sections[0], add_derived(base.sections[1]), *base.sections[2:]),
            "rating_scales": youth.rating_scales,
            "rated": rated,
            "scoring": scoring,
            "sample": omi.sample.model_copy(update={"only": base.groups[0].when}),
        }
    )


VILLAGE = Library(
    find_data_folder("frameworks").parent / "scrutineer/proof/examples/frameworks"
).load_framework("village-libraries")
RICH = make_rich().model_dump(mode="json", by_alias=True)


def list_leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The place of every value that isn't a list or a mapping with something in it."""
    if isinstance(value, dict) and value:
        for key, part in value.items():
            yield from list_leaves(part, (*path, key))
    elif isinstance(value, list) and value:
        for n, part in enumerate(value):
            yield from list_leaves(part, (*path, n))
    else:
        yield path


def name_kind(path: tuple[Any, ...]) -> tuple[str, ...]:
    """The field of a place, whichever entry of its lists it is in."""
    return tuple(str(step) for step in path if not isinstance(step, int))


def list_fields() -> dict[tuple[str, ...], tuple[Any, ...]]:
    """One place of each field."""
    places: dict[tuple[str, ...], tuple[Any, ...]] = {}
    for path in list_leaves(RICH):
        places.setdefault(name_kind(path), path)
    return {kind: path for kind, path in places.items() if kind not in IDENTITY}


FIELDS = list_fields()


def change(path: tuple[Any, ...]) -> Framework | None:
    """The framework with another value at a place; None if no other one is possible there."""
    import copy

    own: Any = RICH
    for step in path:
        own = own[step]
    others: list[Any] = (
        [not own]
        if isinstance(own, bool)
        else [own + 1, own - 1]
        if isinstance(own, int | float)
        else [1, "other", True, ["other"], [1, 2], {"other": True}, {"key": "other", "title": "Other"}]
    )
    if isinstance(own, str):
        others = [f"{own}x", *CHOICES, *others]
    others = [*OTHERS.get(str(path[-1]), []), *others]
    for other in others:
        content = copy.deepcopy(RICH)
        place = content
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = other
        try:
            changed = Framework.model_validate(content)
        except ValidationError:
            continue
        if changed != Framework.model_validate(RICH):
            return changed
    return None


CHOICES = (
    "judgement", "case", "number", "choice", "text", "leave_out", "partial", "office", "caseload", "case_file", "lower", "follow_up",
    "days", "draft", "score", "sections", "not_rated",
)  # fmt: skip


METHOD = {"scale": "judgement", "value": "judgement"}
OTHERS: dict[str, list[Any]] = {
    "any": [[{"sex": "male"}]],
    "acceptance": [
        {"accepted": "good", "rejected": "inadequate", "steps": [{"examined": 80, "at_most": 8}]},
    ],
    "after": ["home_visit"],
    "derived": [[{"answer": "sufficient"}]],
    "on_or_after": ["2003-02-01"],
    "on_or_before": ["2003-11-30"],
    "place": ["GB-SCT"],
    "unit": ["weeks"],
    "discretion": [{"by": "The panel"}],
    "how_many": [{"of": ["a1_1"], "answered": ["no"], "at_least": 1}],
    "items": [[{"key": "another", "text": "Another item"}]],
    "limits": [[{"at_most": "good", "title": "Another limit", "where": [{"at_most": "good"}]}]],
    "precision": [{"points": 5}],
    "questions": [[{"key": "another", "text": "Another question", "scale": "quality"}]],
    "rated": [METHOD],
    "role": ["team", "office"],
    "rules": [[{"rating": "good"}]],
    "sections": [METHOD, ["B"]],
}
"""Values of fields that are empty in the framework that's changed."""


def test_there_are_many_fields() -> None:
    assert len(FIELDS) > 100


@pytest.mark.parametrize("kind", FIELDS, ids=".".join)
def test_every_field_that_changes_is_named(kind: tuple[str, ...]) -> None:
    changed = change(FIELDS[kind])
    assert changed is not None, f"no other value was possible: add one to CHOICES for {FIELDS[kind]}"
    before = Framework.model_validate(RICH)
    changes = compare(before, changed)
    assert changes, FIELDS[kind]
    assert all(c.old != c.new for c in changes if c.change not in {"added", "retired"}), changes
    assert compare(changed, before)


@pytest.mark.parametrize(
    "path", [("sample", "size"), ("scoring", "bands", 0, "at_least"), ("groups", 0, "when"), ("calendar", "fieldwork_weeks"),
             ("rated", "overall", "bands", 0, "at_least"), ("rating_scales", 0, "ratings", 0, "points"), ("attributes", 0, "kind"),
             ("sections", 1, "criteria", 0, "questions", 0, "may_not_apply")],
    ids=str,
)  # fmt: skip
def test_what_can_change_a_score_a_sample_or_a_date_is_method(path: tuple[Any, ...]) -> None:
    place = (
        path if path in set(FIELDS.values()) else next(p for p in list_leaves(RICH) if p[: len(path)] == path)
    )
    changed = change(place)
    assert changed is not None
    assert {c.change for c in compare(Framework.model_validate(RICH), changed)} >= {"method"}


@pytest.mark.parametrize("name", ["sections", "groups", "attributes"])
def test_another_order_and_a_part_less_are_named(name: str) -> None:
    before = Framework.model_validate(RICH)
    parts = getattr(before, name)
    assert compare(before, before.model_copy(update={name: tuple(reversed(parts))}))
    assert compare(before, before.model_copy(update={name: parts[:-1]}))
