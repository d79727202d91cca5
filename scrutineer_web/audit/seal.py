"""The seal of a signed-off assessment: the hash of everything in it."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from scrutineer_web.records.answer import TEXTS, Answer

if TYPE_CHECKING:
    from scrutineer_web.records.assessment import Assessment


def make_seal(assessment: Assessment) -> str:
    """The hash of an assessment's framework, answers, evidence and reasons."""
    answers = Answer.objects.filter(assessment=assessment).order_by("question")
    content = {
        "framework": assessment.framework_version.hash,
        "codes": bytes(assessment.codes).hex(),
        "facts": assessment.facts,
        "answers": [list(row) for row in answers.values_list("question", "value", *TEXTS, "rev")],
    }
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
