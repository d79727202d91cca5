"""Cases made at random for a framework: facts and answers as people could give them, some of them left out."""

from __future__ import annotations

from datetime import date
from random import Random
from typing import Any

from scrutineer.frameworks.library import Library
from scrutineer.frameworks.model import Framework
from scrutineer.frameworks.question_kinds import NO_EVIDENCE, NOT_APPLICABLE, find_kind
from scrutineer.tasks.files import find_data_folder

SHIPPED = Library(find_data_folder("frameworks"))
NOTES, CHILDREN = SHIPPED.load_framework("case-note-review"), SHIPPED.load_framework("cfsr-4")


def make_random_case(framework: Framework, random: Random) -> tuple[dict[str, Any], dict[str, Any]]:
    """Facts and answers of one case; about a fifth of everything isn't known."""
    facts: dict[str, Any] = {}
    for attribute in framework.attributes:
        if random.random() < 0.2:
            continue
        facts[attribute.key] = {
            "choice": lambda a=attribute: random.choice(a.options or ["x"]),
            "yes_no": lambda: random.random() < 0.7,
            "number": lambda: float(random.randint(0, 90)),
            "date": lambda: date(2026, 3, random.randint(1, 28)),
            "text": lambda: "somewhere",
        }[attribute.kind]()
    answers: dict[str, Any] = {}
    for key, question in framework.questions.items():
        scale = framework.scale_of[key]
        if question.derived or random.random() < 0.2:
            continue
        if find_kind(scale).is_coded:
            codes = [option.code for option in scale.options]
            answers[key] = random.choice([*codes, codes[0], codes[0], NO_EVIDENCE, NOT_APPLICABLE])
        elif find_kind(scale).read_as == "date":
            answers[key] = f"2026-03-{random.randint(1, 28):02d}"
        elif find_kind(scale).read_as == "number":
            answers[key] = str(random.randint(0, 20) / 2)
    return facts, answers
