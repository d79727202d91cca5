"""Forms with rows of fields: whatever is typed into one field alone is kept, or the form says what is missing."""

from __future__ import annotations

from typing import Any

import pytest
from django import forms
from django.test import Client
from django.urls import reverse

from scrutineer.frameworks.library import Library
from scrutineer.frameworks.model import Framework
from scrutineer.inspection.area import PERFORMANCE_COLUMNS, AreaProfile
from scrutineer_web.fieldwork.evidence_forms import PieceForm
from scrutineer_web.kit.common_forms import ProfileForm
from scrutineer_web.records.inspection import Inspection
from scrutineer_web.records.user import User

PROFILE = {"facts": "", "average_of": "National average"}
PIECE = {"kind": "document", "title": "Business plan", "source": "The area", "base": "0"}


@pytest.fixture(scope="module")
def framework(library: Library) -> Framework:
    return library.load_framework("esi-2003")


def type_into(field: forms.Field) -> str:
    """Something that fits a field, and that occurs nowhere else."""
    if isinstance(field, forms.ChoiceField):
        return str(list(field.choices)[-1][0])
    return "31.25" if isinstance(field, forms.FloatField) else "typed here alone"


def list_row_fields(form: forms.Form) -> list[str]:
    return [name for name in form.fields if "__" in name]


def test_what_is_typed_into_one_field_of_a_profile_is_kept_or_asked_about(framework: Framework) -> None:
    names = list_row_fields(ProfileForm(framework=framework, area=AreaProfile()))
    assert len(names) == len(framework.targets.measures) * len(PERFORMANCE_COLUMNS)
    for name in names:
        empty = ProfileForm(framework=framework, area=AreaProfile())
        typed = type_into(empty.fields[name])
        form = ProfileForm({**PROFILE, name: typed}, framework=framework, area=AreaProfile())
        assert not form.is_valid(), name
        measure = name.partition("__")[0]
        missing = {f"{measure}__{key}" for key in ("value", "period")} - {name}
        assert set(form.errors) == missing
        assert str(form[name].value()) == typed


def test_what_is_typed_into_one_field_of_a_piece_is_kept_or_asked_about(framework: Framework) -> None:
    names = list_row_fields(PieceForm(framework=framework))
    assert len(names) > 20
    for name in names:
        typed = type_into(PieceForm(framework=framework).fields[name])
        form = PieceForm({**PIECE, name: typed}, framework=framework)
        kind, _, item = name.partition("__")
        if kind == "grade":
            assert form.is_valid(), form.errors
            assert form.collect_content()["bears"] == {item: typed}
        else:
            assert set(form.errors) == {f"grade__{item}"}
            assert form[name].value() == typed


@pytest.mark.parametrize("gone", ["value", "period"])
def test_a_measure_with_all_that_it_needs_is_kept_whole(framework: Framework, gone: str) -> None:
    measure = framework.targets.measures[0].key
    rows: dict[str, Any] = {"value": "31.25", "period": "2004", "average": "30", "average_period": "2003"}
    whole = {f"{measure}__{key}": value for key, value in rows.items()}
    form = ProfileForm({**PROFILE, **whole}, framework=framework, area=AreaProfile())
    assert form.is_valid(), form.errors
    assert form.collect_content()["performance"] == {
        measure: {"value": 31.25, "period": "2004", "average": 30.0, "average_period": "2003"}
    }
    form = ProfileForm(
        {**PROFILE, **whole, f"{measure}__{gone}": ""}, framework=framework, area=AreaProfile()
    )
    assert set(form.errors) == {f"{measure}__{gone}"}


def test_a_page_shows_what_was_typed_and_what_is_missing(
    client: Client, inspection: Inspection, people: dict[str, User]
) -> None:
    client.force_login(people["lead_inspector"])
    address = reverse("profile_edit", args=[inspection.pk])
    page = client.post(address, {**PROFILE, "sickness__average": "31.25"}).content.decode()
    assert "Fill this in, or clear the other fields of this measure" in page
    assert 'value="31.25"' in page
    inspection.refresh_from_db()
    assert "sickness" not in inspection.profile.get("performance", {})
