"""What prevents sign-off: missing answers, and answers that contradict whether the question applies."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scrutineer.errors import Fault
from scrutineer.fieldwork.cases.answers import Answers
from scrutineer.fieldwork.cases.caseload import Caseload
from scrutineer.fieldwork.cases.codes import MISSING, NOT_APPLICABLE_BYTE
from scrutineer.fieldwork.cases.settled_cases import find_applicable
from scrutineer.frameworks.model import Framework


@dataclass(frozen=True)
class Gap:
    """One question that some cases leave open or answer against the framework.

    Attributes:
        kind: missing; not applicable where it applies; answered where it does not apply.
        question: its key.
        cases: the cases, in order.
    """

    kind: str
    question: str
    cases: tuple[str, ...]

    def make_fault(self) -> Fault:
        """The gap as a sentence."""
        listed = ", ".join(self.cases[:8]) + (
            f" and {len(self.cases) - 8} more" if len(self.cases) > 8 else ""
        )
        where = f"case{'' if len(self.cases) == 1 else 's'} {listed}, question '{self.question}'"
        return Fault(where, *_SENTENCES[self.kind])


MISSING_ANSWER = "missing"
NOT_APPLICABLE_BUT_APPLIES = "not applicable where it applies"
ANSWERED_BUT_DOES_NOT_APPLY = "answered where it does not apply"

_SENTENCES = {
    MISSING_ANSWER: ("there is no answer yet", "Answer the question"),
    NOT_APPLICABLE_BUT_APPLIES: (
        "the answer is 'not applicable', but the question applies",
        "Answer it, or correct the case's details",
    ),
    ANSWERED_BUT_DOES_NOT_APPLY: (
        "there is an answer, but the question does not apply: the answer is kept but not counted",
        "Remove the answer, or correct the case's details",
    ),
}


def list_gaps(framework: Framework, caseload: Caseload, answers: Answers) -> tuple[Gap, ...]:
    """Every gap of the first assessment, by question in the framework's order."""
    return tuple(_find_gaps(framework, caseload, answers))


def _set_aside(answers: Answers, question: int) -> npt.NDArray[np.bool_]:
    if answers.set_aside is None:
        return np.zeros(len(answers.cases), dtype=np.bool_)
    return np.asarray(answers.set_aside[:, question] != MISSING)


def _find_gaps(framework: Framework, caseload: Caseload, answers: Answers) -> Iterator[Gap]:
    truth = find_applicable(framework, caseload.frame, answers)
    for n, key in enumerate(answers.questions):
        question, column = framework.questions[key], answers.codes[:, n]
        # What follows from other answers is open only because one of those is.
        if question.derived:
            continue
        certain = np.zeros(len(column), dtype=np.bool_) if question.may_not_apply else truth[key] == 1
        for kind, there in (
            (MISSING_ANSWER, column == MISSING),
            (NOT_APPLICABLE_BUT_APPLIES, (column == NOT_APPLICABLE_BYTE) & certain),
            (ANSWERED_BUT_DOES_NOT_APPLY, _set_aside(answers, n)),
        ):
            if there.any():
                yield Gap(kind, key, tuple(answers.cases[i] for i in np.flatnonzero(there)))
