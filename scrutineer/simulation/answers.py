"""Made-up answers, issues and assessors for cases that were drawn from a made-up caseload."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from scrutineer.fieldwork.cases.answers import Answers, list_choice_questions, make_long_table
from scrutineer.fieldwork.cases.caseload import Caseload
from scrutineer.frameworks.model import Framework
from scrutineer.inspection.needs import PROGRESS
from scrutineer.simulation.latent import Assignment, Model, assign, make_answers
from scrutineer.simulation.recorded_values import make_recorded

_ISSUES_EACH = (1, 4)
_PROGRESS = (0.55, 0.37, 0.08)


@dataclass(frozen=True)
class AnsweredCases:
    """Cases with everything that fieldwork adds to them.

    Attributes:
        cases: with the particulars of the case file and the assessors.
        answers: the long table of answers.
        issues: a row per case and issue.
    """

    cases: pl.DataFrame
    answers: pl.DataFrame
    needs: pl.DataFrame


def make_answered(
    framework: Framework,
    caseload: Caseload,
    needs: tuple[str, ...],
    assessors: int,
    model: Model,
    generator: np.random.Generator,
) -> AnsweredCases:
    """Make up what assessors would find in some cases.

    Args:
        framework: the questions.
        caseload: the cases, with every attribute.
        issues: the keys of the issues that offenders may have.
        assessors: how many assess; who assesses which case is made up too, where the cases do not say it.
        model: how good the work is.
        generator: the source of chance.
    """
    number = caseload.frame.height
    who = assign(number, assessors, framework.sample.read_twice_percent / 100, generator)
    # From a source of their own, so that areas that were made up before stay as they are.
    others = make_recorded(framework, caseload, generator.spawn(1)[0])
    first, second = make_answers(framework, caseload, model, who, generator, others)
    frame = caseload.frame if "assessor" in caseload.frame.columns else _add_assessors(caseload.frame, who)
    ids = tuple(caseload.ids)
    readers = dict(
        zip(
            ids,
            zip(frame["assessor"].to_list(), frame["second_assessor"].to_list(), strict=True),
            strict=True,
        )
    )
    answers = Answers(
        cases=ids,
        questions=list_choice_questions(framework),
        codes=first,
        second=second,
        readers=readers,
        others=others,
    )
    return AnsweredCases(frame, make_long_table(framework, answers), _make_needs(ids, needs, generator))


def _add_assessors(frame: pl.DataFrame, who: Assignment) -> pl.DataFrame:
    kinds = ["area_assessor" if n % 3 == 2 else "inspector" for n in who.first.tolist()]
    second = [who.names[n] if n >= 0 else None for n in who.second.tolist()]
    return frame.with_columns(
        assessor=pl.Series([who.names[n] for n in who.first.tolist()]),
        assessor_kind=pl.Series(kinds),
        second_assessor=pl.Series(second, dtype=pl.String),
    )


def _make_needs(ids: tuple[str, ...], known: tuple[str, ...], generator: np.random.Generator) -> pl.DataFrame:
    rows = []
    weights = 1 / np.arange(1, len(known) + 1) if known else np.zeros(0)
    for case in ids if known else ():
        number = min(int(generator.integers(*_ISSUES_EACH)), len(known))
        chosen = generator.choice(len(known), number, replace=False, p=weights / weights.sum())
        for place in sorted(chosen.tolist()):
            rows.append((case, known[place], PROGRESS[int(generator.choice(3, p=_PROGRESS))]))
    return pl.DataFrame(rows, schema=dict.fromkeys(("case", "issue", "progress"), pl.String), orient="row")


def keep_only(caseload: Caseload, cases: list[str]) -> Caseload:
    """Some cases of a caseload, in the order given."""
    table = pl.DataFrame({"case": cases})
    return replace(caseload, frame=table.join(caseload.frame, on="case", how="left", maintain_order="left"))
