"""The one table of kinds of question: complete, and the same for every reader of it."""

from typing import get_args

import pytest

from scrutineer.frameworks.model import Scale
from scrutineer.frameworks.question_kinds import KINDS, KindName, find_kind
from tests.conftest import ROOT

FIELDS = ROOT / "scrutineer_web" / "fieldwork" / "templates" / "fieldwork" / "fields"


def test_every_name_has_its_row() -> None:
    assert set(KINDS) == set(get_args(KindName))
    assert all(kind.name == name for name, kind in KINDS.items())


def test_every_kind_has_its_field_and_every_field_its_kind() -> None:
    assert {f"{kind.field}.html" for kind in KINDS.values()} == {path.name for path in FIELDS.iterdir()}


def test_only_coded_kinds_are_counted() -> None:
    assert [name for name, kind in KINDS.items() if kind.is_coded] == ["choice"]


@pytest.fixture
def several() -> Scale:
    options = [
        {"code": "no_fixed_abode", "label": "Homeless", "above": None},
        {"code": "debt", "label": "Owes money", "above": None},
    ]
    return Scale.model_validate({"key": "s", "title": "Several", "kind": "choices", "options": options})


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("debt", "debt"),
        ("Owes money;no fixed abode", "debt;no_fixed_abode"),
        ("NO_FIXED_ABODE; debt", "no_fixed_abode;debt"),
    ],
)
def test_choices_are_kept_by_their_codes(several: Scale, written: str, expected: str) -> None:
    assert find_kind(several).check(several, written) == expected


def test_an_unknown_choice_is_refused_with_those_offered(several: Scale) -> None:
    with pytest.raises(ValueError, match="enter one or more of debt, no_fixed_abode"):
        find_kind(several).check(several, "debt;drink")
