"""Scores, explanations, agreement, comparisons and reconviction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from scrutineer.errors import Fault, UserError, shorten_path
from scrutineer.tasks.inputs import find_framework, list_answers, list_elements_of, read_cases_file
from scrutineer.tasks.notices import notify

if TYPE_CHECKING:
    from scrutineer.fieldwork.cases.answers import Answers
    from scrutineer.fieldwork.cases.caseload import Caseload
    from scrutineer.fieldwork.cases.gaps import Gap
    from scrutineer.frameworks.model import Framework
    from scrutineer.scoring.comparison.read_results import ResultsFile, Side
    from scrutineer.scoring.comparison.sides import Comparison
    from scrutineer.scoring.explain import Explanation
    from scrutineer.scoring.fractions import Floats, Mask
    from scrutineer.scoring.groups import GroupOf
    from scrutineer.scoring.readers import AgreementReport
    from scrutineer.scoring.results import Results
    from scrutineer.statistics.funnel import FunnelOfUnits, Standardised

Step = Callable[[Path], None]


@dataclass(frozen=True)
class ScoringFiles:
    """What scores are made from, as files."""

    framework: str
    cases: Path
    answers: Sequence[Path]
    mapping: Path | None = None
    keep: Sequence[str] = ()
    folder: Path | None = None


@dataclass(frozen=True)
class Loaded:
    """The same, read; `elements` are the thematic elements that look at part of these cases."""

    framework: Framework
    elements: tuple[Framework, ...]
    caseload: Caseload
    answers: Answers


def load(material: ScoringFiles, step: Step = lambda _: None) -> Loaded:
    """Read cases and answers.

    Raises:
        UserError: with every fault of every file.
    """
    framework, shelf = find_framework(material.framework, material.folder)
    step(material.cases)
    caseload = read_cases_file(material.cases, framework, material.mapping, material.keep)
    answers, known = list_answers(material.answers, framework, caseload, step)
    return Loaded(
        framework=framework,
        elements=tuple(list_elements_of(framework, shelf)),
        caseload=known,
        answers=answers,
    )


@dataclass(frozen=True)
class ScoreRequest:
    """What a person asks of scores.

    Attributes:
        by: further attributes whose values are groups.
        weighted: design-weighted estimates as well as the plain ones.
        population: how many cases the sample represents; None if the weights say so, or it is not known.
        complements: everyone outside each group.
        suppress: the least number of cases that is shown.
        label: what the results are of.
    """

    by: Sequence[str] = ()
    weighted: bool = False
    population: int | None = None
    complements: bool = False
    suppress: int = 0
    label: str = ""


@dataclass(frozen=True)
class ScoringOutcome:
    """Results, and what prevents signing them off."""

    results: Results
    gaps: tuple[Gap, ...]


def score(material: ScoringFiles, request: ScoreRequest, step: Step = lambda _: None) -> ScoringOutcome:
    """Score an inspection from its files: every level for every group.

    Raises:
        UserError: with every fault of the files, or weights that are asked for and not there.
    """
    return score_loaded(load(material, step), request)


def score_loaded(
    loaded: Loaded, request: ScoreRequest, groups: Sequence[GroupOf] | None = None
) -> ScoringOutcome:
    """Score an inspection's cases and answers: every level for every group.

    Args:
        loaded: what is scored.
        request: how.
        groups: some of `list_groups`, if only some are needed and nothing is withheld: withholding depends on every group.

    Raises:
        UserError: weights that are asked for and not there, or a population smaller than the sample.
    """
    from scrutineer.fieldwork.cases.gaps import list_gaps
    from scrutineer.scoring.fractions import collect_fractions, find_weights, list_strata, make_weighting
    from scrutineer.scoring.groups import count_members
    from scrutineer.scoring.inspect import make_results
    from scrutineer.scoring.withhold import withhold

    groups_shown = list_groups(loaded, request) if groups is None or request.suppress else groups
    frame = loaded.caseload.frame
    inside = count_members(loaded.framework, frame)
    if request.weighted:
        _refuse_weights(loaded.caseload, inside)
    weights = find_weights(frame, inside)
    population = _find_population(request.population, weights, inside)
    results = make_results(
        loaded.framework,
        loaded.answers.codes,
        loaded.answers.questions,
        groups_shown,
        sampled=collect_fractions(groups_shown, inside, weights, population),
        weighting=make_weighting(weights, list_strata(frame), inside)
        if request.weighted and weights is not None
        else None,
    )
    results = _add_recorded(
        replace(results, population=population, label=request.label), loaded, groups_shown
    )
    if request.suppress:
        results = withhold(
            results, loaded.answers.codes, groups_shown, request.suppress, _list_others(loaded, request)
        )
    return ScoringOutcome(results, list_gaps(loaded.framework, loaded.caseload, loaded.answers))


def _add_recorded(results: Results, loaded: Loaded, groups: Sequence[GroupOf]) -> Results:
    """The results with how often each option was chosen, and with numbers and dates."""
    from scrutineer.scoring.options import count_options
    from scrutineer.scoring.recorded import describe_recorded

    answers = loaded.answers
    return replace(
        results,
        synthetic=loaded.caseload.synthetic,
        options=count_options(loaded.framework, answers.codes, answers.questions, groups),
        recorded=describe_recorded(loaded.framework, loaded.caseload.frame, answers, groups),
    )


def _list_others(loaded: Loaded, request: ScoreRequest) -> list[GroupOf]:
    """Everyone outside each group, if that is not asked for, and cases added for elements: they follow from others."""
    from scrutineer.scoring.groups import list_added

    added = list_added(loaded.elements, loaded.framework, loaded.caseload.frame)
    if request.complements:
        return added
    every = list_groups(loaded, replace(request, complements=True))
    return [*(group for group in every if group.key.startswith("not:")), *added]


def list_groups(loaded: Loaded, request: ScoreRequest) -> list[GroupOf]:
    """The groups that results are given for: the framework's, its elements', and values of attributes."""
    from scrutineer.scoring.groups import list_reported_groups

    frame = loaded.caseload.frame
    return list_reported_groups(loaded.framework, frame, request.by, loaded.elements, request.complements)


def _find_population(asked: int | None, weights: Floats | None, inside: Mask) -> float | None:
    """How many eligible cases the sample represents: as entered, or the sum of its weights.

    Raises:
        UserError: fewer than the cases that were inspected.
    """
    cases = int(inside.sum())
    if asked is not None and asked < cases:
        what = f"the population is {asked:g}, but there are {cases} cases"
        raise UserError(
            Fault("--population", what, "Enter the number of eligible cases that the sample was drawn from")
        )
    if asked is not None or weights is None:
        return asked
    return max(float(round(float(weights[inside].sum()))), float(cases))


def _refuse_weights(caseload: Caseload, inside: Mask) -> None:
    """Refuse to weigh cases that have no weights.

    Raises:
        UserError: the cases have no weights, or one that is not greater than 0.
    """
    from scrutineer.scoring.fractions import list_wrong_weights

    if "weight" not in caseload.frame.columns:
        raise UserError(
            Fault(
                caseload.where,
                "there is no column 'weight'",
                "Use the sample.csv saved with the sample",
            )
        )
    wrong = list_wrong_weights(caseload.frame, inside)
    if wrong:
        raise UserError(
            [
                Fault(
                    f"{caseload.where}, case {case}",
                    "the weight is not a number greater than 0",
                    "Enter a weight greater than 0",
                )
                for case in wrong
            ]
        )


def explain(
    material: ScoringFiles, name: str, group: str, lines: Sequence[float], step: Step = lambda _: None
) -> Explanation:
    """Explain one score of one group.

    Raises:
        UserError: there is no such score or group, or faults in the files.
    """
    from scrutineer.scoring import explain as explaining

    loaded = load(material, step)
    members = find_group(loaded, group)
    wrong = [line for line in lines if not 0 < line <= 100]
    if wrong:
        raise UserError(
            [
                Fault(
                    "--line",
                    f"no score can cross a line of {line:g}",
                    "Enter a percentage above 0 and up to 100",
                )
                for line in wrong
            ]
        )
    lines_asked = [Fraction(str(line)) for line in lines]
    return explaining.explain(loaded.framework, loaded.answers, members, name, lines_asked)


def find_group(loaded: Loaded, key: str) -> GroupOf:
    """A group by its key; `attribute=value` for any attribute of the cases.

    Raises:
        UserError: no case is in such a group.
    """
    plain = key.removeprefix("not:")
    attribute = plain.partition("=")[0]
    by = [attribute] if "=" in plain and attribute in loaded.caseload.frame.columns else []
    groups = {g.key: g for g in list_groups(loaded, ScoreRequest(by=by, complements=key.startswith("not:")))}
    if key not in groups:
        raise UserError(
            Fault(
                "--group", f"there is no group '{key}' with a case in it", f"Choose from {', '.join(groups)}"
            )
        )
    return groups[key]


def measure_agreement(material: ScoringFiles, step: Step = lambda _: None) -> AgreementReport:
    """How far assessors agree, and how severe each is.

    Raises:
        UserError: nothing to compare, or faults in the files.
    """
    from scrutineer.scoring.readers import make_agreement_report

    loaded = load(material, step)
    return make_agreement_report(loaded.framework, loaded.caseload, loaded.answers)


def compare(files: Sequence[Path], groups: tuple[str, str | None], folder: Path | None) -> Comparison:
    """Compare results: two files, one file with the mean of several others, or a group with the rest of one file.

    Args:
        files: results of `score --format json`; the first is the side that is looked at.
        groups: the group of the first side and that of the other. With one file the second is everyone else
            where it is not given; with several, the same as the first.
        folder: the frameworks, where not those that ship.

    Raises:
        UserError: a file is not a results file, or has no such group.
    """
    from scrutineer.scoring.comparison.read_results import read_results
    from scrutineer.scoring.comparison.sides import compare_sides, pool

    results = [read_results(path) for path in files]
    first, second = groups
    if len(results) == 1:
        other = second or f"not:{first}"
        _refuse_overlap(results[0], first, other)
        sides: list[Side] = [results[0].make_side(first), results[0].make_side(other)]
    else:
        sides = [results[0].make_side(first), *(result.make_side(second or first) for result in results[1:])]
    frameworks = [_find_pinned(result, folder) for result in results]
    if len(results) > 2:
        _refuse_several(results[1:])
        label = f"the mean of {len(results) - 1} others"
        return compare_sides(sides[0], pool(sides[1:], label), (frameworks[0], frameworks[1]))
    return compare_sides(sides[0], sides[1], (frameworks[0], frameworks[-1]))


def _refuse_overlap(result: ResultsFile, first: str, second: str) -> None:
    """Two groups of one inspection may share no case: what is compared must be independent."""
    if not result.are_apart(first, second):
        what = f"the groups '{first}' and '{second}' share cases"
        do = (
            f"Compare '{first}' with 'not:{first}' (score with --complements), or two values of one attribute"
        )
        raise UserError(Fault(result.where, what, do))


def _refuse_several(results: Sequence[ResultsFile]) -> None:
    names = {result.framework for result in results}
    if len(names) > 1:
        what = (
            f"the results to be combined were scored with different frameworks ({', '.join(sorted(names))})"
        )
        raise UserError(Fault(", ".join(result.where for result in results), what, "Compare them one by one"))


def _find_pinned(result: ResultsFile, folder: Path | None) -> Framework:
    """The framework that results were scored by.

    Raises:
        UserError: the framework has changed since.
    """
    from scrutineer.frameworks.fingerprint import hash_framework

    framework, _ = find_framework(result.framework, folder)
    if hash_framework(framework) != result.content["framework"]["hash"]:
        what = f"the results were scored with a different version of framework '{result.framework}' ({result.content['framework']['hash']})"
        raise UserError(
            Fault(
                result.where,
                what,
                "Score them again, or use --frameworks to say which folder has that version",
            )
        )
    return framework


def compare_reconviction(path: Path, by: str | None) -> tuple[FunnelOfUnits, bool]:
    """Actual against predicted reconviction, of all cases or by the values of a column.

    Args:
        path: a table with `predicted` (a probability from 0 to 1) and `reconvicted` (yes or no) per case.
        by: the column of areas; all cases together where None.

    Returns:
        The units in one funnel, and whether the cases are made up.

    Raises:
        UserError: with every fault of the file.
    """
    from scrutineer.fieldwork.cases.reconviction import read_reconvictions
    from scrutineer.statistics.funnel import make_beside, standardise

    units, synthetic, notes = read_reconvictions(path, by)
    notify(notes)
    faults = list[Fault]()
    for unit, (events, chances) in units.items():
        try:
            standardise(unit, events, chances)
        except ValueError as error:
            faults.append(Fault(f"{shorten_path(path)}, {unit}", str(error), "Check the column 'predicted'"))
    if faults:
        raise UserError(faults)
    return make_beside([(unit, *fact) for unit, fact in units.items()]), synthetic


def describe_funnel(funnel: FunnelOfUnits, synthetic: bool) -> dict[str, object]:
    """A funnel as JSON gives it."""
    return {
        "synthetic": synthetic,
        "drift": funnel.drift,
        "dispersion": {"kind": funnel.dispersion.kind, "size": funnel.dispersion.size},
        "units": [describe_unit(unit) for unit in funnel.units],
    }


def describe_unit(unit: Standardised) -> dict[str, object]:
    """A unit of the funnel as JSON gives it."""
    return {
        "unit": unit.unit,
        "cases": unit.cases,
        "actual": unit.actual,
        "predicted": unit.predicted,
        "stated": unit.stated,
        "ratio": unit.ratio,
        "limits": [
            {"confidence": c, "low": low, "high": high}
            for c, (low, high) in zip((0.95, 0.998), unit.limits, strict=True)
        ],
        "outside": unit.outside,
        "p_value": unit.p_value,
        "adjusted": unit.adjusted,
    }
