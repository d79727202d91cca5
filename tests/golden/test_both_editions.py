"""The frameworks of the first edition of the language give the same figures, to the last digit, written in the second."""

from __future__ import annotations

import re
import shutil

import numpy as np
import pytest

from scrutineer.fieldwork.cases.answers import list_choice_questions
from scrutineer.fieldwork.cases.codes import MISSING, collect_answers
from scrutineer.frameworks.library import Library
from scrutineer.scoring.groups import GroupOf
from scrutineer.scoring.inspect import make_results
from scrutineer.tasks.files import find_data_folder

SHIPPED = find_data_folder("frameworks")
FIRST = sorted(
    path.parent.name
    for path in SHIPPED.glob("*/framework.yaml")
    if re.search(r"(?m)^format: 1$", path.read_text(encoding="utf-8"))
)


@pytest.fixture(scope="module")
def second(tmp_path_factory: pytest.TempPathFactory) -> Library:
    """All frameworks, those of the first edition marked as of the second."""
    folder = tmp_path_factory.mktemp("second") / "frameworks"
    shutil.copytree(SHIPPED, folder)
    for name in FIRST:
        file = folder / name / "framework.yaml"
        text = file.read_text(encoding="utf-8")
        file.write_text(re.sub(r"(?m)^format: 1$", "format: 2", text), encoding="utf-8")
    return Library(folder)


def test_the_seven_of_the_reports_are_of_the_first_edition() -> None:
    assert set(FIRST) == {
        "esi-2003", "esi-2005", "esi-follow-up", "esi-domestic-violence", "esi-accommodation", "esi-substance-misuse", "omi-2006",
    }  # fmt: skip


@pytest.mark.parametrize("name", FIRST)
def test_both_editions_give_the_same_figures(second: Library, name: str) -> None:
    framework, rewritten = Library(SHIPPED).load_framework(name), second.load_framework(name)
    keys = list_choice_questions(framework)
    assert keys == list_choice_questions(rewritten)
    generator = np.random.Generator(np.random.PCG64(11))
    kinds = [[*collect_answers(framework.scale_of[key]).values(), MISSING] for key in keys]
    codes = np.column_stack([generator.choice(own, 90) for own in kinds]).astype(np.uint8)
    groups = [
        GroupOf("all", "All cases", np.ones(90, dtype=np.bool_)),
        GroupOf("some", "Some", generator.random(90) < 0.4),
    ]
    first, again = (make_results(f, codes, keys, groups).as_dict()["groups"] for f in (framework, rewritten))
    assert first == again
