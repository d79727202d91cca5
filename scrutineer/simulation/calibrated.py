"""Made-up cases whose counts print as the figures of a published report: all of its questions, in all of its groups."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from scrutineer.fieldwork.cases.answers import list_choice_questions
from scrutineer.fieldwork.cases.caseload import Caseload
from scrutineer.fieldwork.cases.codes import MISSING, NOT_APPLICABLE_BYTE, RELEVANT, Codes
from scrutineer.fieldwork.cases.membership import Truth, collect_groups, evaluate
from scrutineer.frameworks.conditions import Condition
from scrutineer.frameworks.model import Framework
from scrutineer.scoring.figures import GroupFigures, Printed
from scrutineer.simulation.latent import list_options
from scrutineer.simulation.matching_counts import Fitted, Kinds, fit

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Calibrated:
    """Cases and answers, and what could not be reproduced exactly.

    Attributes:
        caseload: the cases, with the particulars that make each question apply or not.
        codes: cases × questions; questions of which nothing is printed are unanswered.
        notes: sentences about figures that had to be read otherwise, or that no count gives.
    """

    caseload: Caseload
    codes: Codes
    notes: tuple[str, ...]


def calibrate(
    framework: Framework,
    pool: Caseload,
    figures: Mapping[str, GroupFigures],
    base: str,
    generator: np.random.Generator,
) -> Calibrated:
    """Cases and answers that reproduce printed figures exactly.

    Args:
        framework: questions and conditions.
        pool: made-up cases to choose from; many times as many as are needed.
        figures: by group; a group must be one of the framework's, or the base group.
        base: the group that the scores are of; every case belongs to it, unless it is a group of the framework
            next to others that share no case with it.
        generator: the source of chance.
    """
    targets = {
        name: f for name, f in figures.items() if f.questions and (name == base or _is_group(framework, name))
    }
    caseload, members = _choose(framework, pool, targets, base, generator)
    keys = list_choice_questions(framework)
    codes = np.full((caseload.frame.height, len(keys)), MISSING, dtype=np.uint8)
    quality = generator.normal(0, 1, caseload.frame.height)
    notes: list[str] = []
    for n, key in enumerate(keys):
        printed = {name: f.questions[key] for name, f in targets.items() if key in f.questions}
        if not printed:
            continue
        fitted, kind_of = _fit(framework, caseload, members, key, printed)
        if fitted is None:
            notes.append(
                f"{key}: no count of these cases rounds to {', '.join(f'{p} ({g})' for g, p in printed.items())}"
            )
            continue
        notes += [f"{key}: {note}" for note in fitted.notes]
        covered = np.any([members[name] for name in printed], axis=0)
        codes[covered, n] = NOT_APPLICABLE_BYTE
        _deal_answers(codes[:, n], framework, key, fitted, kind_of, quality, generator)
    known = _add_particulars(framework, caseload, keys, codes)
    known = _keep_not_contradicted(framework, known, keys, codes, set(targets))
    return Calibrated(known, codes, tuple(notes))


def _is_group(framework: Framework, name: str) -> bool:
    return any(g.key == name for g in framework.groups)


def _choose(
    framework: Framework,
    pool: Caseload,
    targets: Mapping[str, GroupFigures],
    base: str,
    generator: np.random.Generator,
) -> tuple[Caseload, dict[str, Mask]]:
    """So many cases of the pool as the report is about, with enough of each group."""
    truth = collect_groups(framework, pool.frame)
    inside = {
        name: truth[name] == 1 if _is_group(framework, name) else np.ones(pool.frame.height, np.bool_)
        for name in targets
    }
    taken: list[int] = []
    order = generator.permutation(pool.frame.height)
    apart = [name for name in targets if name != base and not (inside[name] & inside[base]).any()]
    for part in (base, *apart):
        size = targets[part].cases or _find_least_size(targets[part])
        own = [n for n in order.tolist() if inside[part][n]]
        chosen: list[int] = []
        for name in targets:
            if name not in (base, *apart):
                lack = _find_least_size(targets[name]) - sum(inside[name][n] for n in chosen)
                chosen += [n for n in own if inside[name][n] and n not in chosen][: max(lack, 0)]
        taken += (chosen + [n for n in own if n not in set(chosen)])[:size]
    frame = pool.frame[sorted(taken)]
    return Caseload(pool.where, frame), {name: mask[sorted(taken)] for name, mask in inside.items()}


def _find_least_size(figures: GroupFigures) -> int:
    """The fewest cases, and no fewer than ten, of which every printed figure can be a count."""
    counts = [f.relevant or 0 for f in figures.questions.values()]
    for size in range(max([10, *counts]), 400):
        if all(_is_attainable(f, size) for f in figures.questions.values()):
            return size
    return max([20, *counts])


def _is_attainable(figure: Printed, size: int) -> bool:
    """Whether some count of these cases, all or nearly all relevant, prints as a figure."""
    if figure.relevant is not None or figure.percent is None:
        return True
    meant = figure.stands_for
    return any(
        (100 * a >= meant.low * r and 100 * a < meant.high * r) or (figure.percent == 100 and a == r)
        for r in range(1, size + 1)
        for a in (int(meant.low * r / 100), int(meant.low * r / 100) + 1)
    )


def _fit(
    framework: Framework,
    caseload: Caseload,
    members: Mapping[str, Mask],
    key: str,
    printed: Mapping[str, Printed],
) -> tuple[Fitted | None, npt.NDArray[np.int64]]:
    """Counts per kind of case, and the kind of each case (-1 if it is in none of the printed groups)."""
    certain = _find_certain(framework, caseload, key)
    covered = np.any([members[name] for name in printed], axis=0)
    rows = np.column_stack([certain.astype(np.int64), *(members[name].astype(np.int64) for name in printed)])
    kinds, kind_of = np.unique(rows[covered], axis=0, return_inverse=True)
    full = np.full(len(covered), -1, dtype=np.int64)
    full[covered] = np.asarray(kind_of).reshape(-1)
    inside = {name: kinds[:, 1 + n] == 1 for n, name in enumerate(printed)}
    return fit(
        Kinds(np.bincount(full[covered], minlength=len(kinds)), inside, kinds[:, 0].astype(np.int8)), printed
    ), full


def _find_certain(framework: Framework, caseload: Caseload, key: str) -> npt.NDArray[np.int8]:
    """Whether a question applies, as far as the caseload says: what assessors find in the file is still open."""
    question = framework.questions[key]
    known = caseload.frame.drop(
        [a.key for a in framework.attributes if a.known_from == "case_file"], strict=False
    )
    truth = evaluate(question.when, known, collect_groups(framework, known))
    return np.where((truth == 1) & question.may_not_apply, -1, truth).astype(np.int8)


def _deal_answers(
    column: Codes,
    framework: Framework,
    key: str,
    fitted: Fitted,
    kind_of: npt.NDArray[np.int64],
    quality: npt.NDArray[np.float64],
    generator: np.random.Generator,
) -> None:
    """Which cases are relevant, and which above the line: the better cases rather than the worse."""
    good, bad = list_options(framework.scale_of[key])
    for kind, (relevant, above) in enumerate(
        zip(fitted.relevant.tolist(), fitted.above.tolist(), strict=True)
    ):
        cases = generator.permutation(np.flatnonzero(kind_of == kind))[:relevant]
        ranked = cases[np.argsort(-(quality[cases] + generator.normal(0, 1, len(cases))))]
        best = generator.random(len(ranked)) < 0.25
        for place, case in enumerate(ranked.tolist()):
            if place < above:
                column[case] = good[0] if best[place] else good[-1]
            else:
                column[case] = bad[-1] if best[place] else bad[0]


def _add_particulars(
    framework: Framework, caseload: Caseload, keys: tuple[str, ...], codes: Codes
) -> Caseload:
    """What the case file shows, so that questions apply where they were answered: blank where they disagree."""
    frame = caseload.frame
    for attribute in framework.attributes:
        if attribute.known_from != "case_file" or attribute.kind != "yes_no":
            continue
        says: list[tuple[Mask, Mask]] = []
        for n, key in enumerate(keys):
            when = framework.questions[key].when
            asked = _is_asked(when, attribute.key)
            is_recorded = codes[:, n] != MISSING
            if asked is not None and is_recorded.any():
                relevant = (codes[:, n] & RELEVANT != 0) & is_recorded
                says.append(
                    (relevant, is_recorded & ~relevant) if asked else (is_recorded & ~relevant, relevant)
                )
        yes = np.all([y for y, _ in says], axis=0) if says else np.zeros(frame.height, dtype=np.bool_)
        no = np.all([n for _, n in says], axis=0) if says else np.zeros(frame.height, dtype=np.bool_)
        values = [True if a else False if b else None for a, b in zip(yes.tolist(), no.tolist(), strict=True)]
        frame = frame.with_columns(pl.Series(attribute.key, values, dtype=pl.Boolean))
    return Caseload(caseload.where, frame)


def _keep_not_contradicted(
    framework: Framework, caseload: Caseload, keys: tuple[str, ...], codes: Codes, printed: set[str]
) -> Caseload:
    """Particulars without those that rule a printed answer out: such an answer would be set aside.

    A report prints more relevant cases than the made-up ones have of some kind: of these it is then not recorded what
    kind they are. What the printed groups are made of stays.
    """
    frame = caseload.frame
    conditions = {g.key: g.when for g in framework.groups}
    for n, key in enumerate(keys):
        when = framework.questions[key].when
        if when is None:
            continue
        members = collect_groups(framework, frame)
        against = (evaluate(when, frame, members) == 0) & (codes[:, n] & RELEVANT != 0)
        if not against.any():
            continue
        for name in when.list_names():
            for attribute in conditions[name].list_names() if name in conditions else [name]:
                if attribute in frame.columns:
                    held = _find_held(conditions, members, printed, attribute)
                    blank = pl.Series(against & ~held if held is not None else against)
                    frame = frame.with_columns(frame[attribute].set(blank, None))
    return Caseload(caseload.where, frame)


def _find_held(
    conditions: Mapping[str, Condition], members: Mapping[str, Truth], printed: set[str], attribute: str
) -> Mask | None:
    """The cases whose place in a printed group rests on an attribute; None if no such group does."""
    resting = [
        members[g] == 1 for g in printed if g in conditions and attribute in conditions[g].list_names()
    ]
    return np.any(resting, axis=0) if resting else None


def _is_asked(when: Condition | None, attribute: str) -> bool | None:
    """The value that a condition asks of an attribute and nothing else; None if it looks at more or at others."""
    if when is None or list(when.list_names()) != [attribute] or attribute not in when.facts:
        return None
    value = when.facts[attribute]
    return value if isinstance(value, bool) else None
