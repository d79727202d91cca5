"""What the figures of one part of a report are looked up in: results, surveys, targets, issues, comparisons."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Self

from scrutineer.frameworks.house import House
from scrutineer.frameworks.model import Framework
from scrutineer.inspection.area import Marked
from scrutineer.inspection.needs import Need
from scrutineer.inspection.surveys import Survey, Surveys
from scrutineer.inspection.whole_scores import MAIN, REST, InspectionScores
from scrutineer.report.figures.figure import Figure, FigureError
from scrutineer.report.figures.tested import Tests, find_side
from scrutineer.report.figures.words import format_fraction, format_whole, spell_number
from scrutineer.scoring.comparison.read_results import ResultsFile, Side
from scrutineer.scoring.comparison.sides import Compared
from scrutineer.scoring.counts import Counts
from scrutineer.scoring.groups import ALL
from scrutineer.scoring.rated_part import RatedPart
from scrutineer.scoring.results import Estimate, GroupResult
from scrutineer.statistics.printed import calculate_share
from scrutineer.statistics.shares import format_percent

_NO_SURVEYS = Surveys()
NO_WIDTH = 1e-9
"""Below it an interval has no width: every case was inspected."""


@dataclass(frozen=True)
class Known:
    """Where the figures of one part of a report come from: the inspection, or one of its elements.

    Attributes:
        scored: its results and ratings.
        house: the house style.
        main: of an element: the figures of the whole inspection.
        original: of a follow-up: the results that it returns to, their group and their framework.
    """

    scored: InspectionScores
    house: House
    surveys: Surveys = _NO_SURVEYS
    targets: tuple[Marked, ...] = ()
    needs: tuple[Need, ...] = ()
    days: dict[str, date] | None = None
    main: Self | None = None
    original: tuple[ResultsFile, str, Framework] | None = None
    name: str = ""

    def _require_enough(self, number: int, what: str) -> None:
        if number < self.house.numbers.publish_from:
            raise FigureError(f"there are too few {what} to publish them", "leave it out")

    def find_noun(self, group: str) -> str:
        """What the cases of a group are called."""
        title = next((g.title for g in self.scored.framework.groups if g.key == group), group)
        return self.house.groups.get(group, f"{title} cases").format(**self.scored.framework.words)

    def find_row(self, name: str, group: str = ALL) -> Compared | None:
        """A question or score compared with its counterpart; None if there is none."""
        tests = self._tests if group == ALL else self._group_tests.setdefault(group, self._test_group(group))
        return tests.find_row(name) if tests else None

    def find_original_counts(self, question: str) -> Counts | None:
        """The counts of a question in the original inspection; None if it has none that may be printed."""
        if self.original is None:
            return None
        counts = self._make_original_side().questions.get(question)
        least = max(self.house.numbers.publish_from, 1)
        return Counts(counts.above, counts.relevant) if counts and counts.relevant >= least else None

    def find_original_score(self, name: str) -> float | None:
        """A score of the original inspection, 0 to 1."""
        if self.original is None:
            return None
        score = self._make_original_side().scores.get(name)
        return score.score if score else None

    def _make_key(self, what: str, name: str, group: str, of: str = "", below: bool = False) -> str:
        parts = [self.name, what, name, "" if group == ALL else group, of, "below" if below else ""]
        return ":".join(part for part in parts if part)

    def _choose_figures(self, of: str) -> Self:
        if of in ("", "original"):
            return self
        if of == MAIN and self.main is not None:
            return self.main
        known = [*(["main"] if self.main else []), *(["original"] if self.original else [])]
        raise FigureError(f"there is no comparison called '{of}'", _offer(", ".join(known)))

    def _refuse_group_of_original(self, group: str) -> None:
        if group != ALL:
            what = (
                f"for the original, only the cases compared with the follow-up are known, not group '{group}'"
            )
            raise FigureError(what, "leave the group out")

    def _refuse_original(self, of: str) -> None:
        if of == "original":
            raise FigureError("this is not known for the original", "use a share or a score instead")

    def _group(self, group: str) -> GroupResult:
        shown = self.scored.shown
        if group not in shown.groups:
            raise FigureError(
                f"there is no group '{group}' with a case in it", f"choose from {', '.join(shown.groups)}"
            )
        if (group, None) in shown.suppressed:
            raise FigureError(f"the group '{group}' is too small to publish", "leave it out")
        return shown.groups[group]

    def _find_counts(self, question: str, group: str, of: str) -> Counts:
        if of == "original":
            self._refuse_group_of_original(group)
            return self._require_original_counts(question)
        figures = self._choose_figures(of)
        if question not in figures.scored.framework.questions:
            raise FigureError(*_explain_unknown(question, figures.scored.framework.questions))
        results = figures._group(group)
        if question not in results.questions:
            raise FigureError(
                f"'{question}' is not answered by choosing above or below the line", "use a different figure"
            )
        if figures.scored.shown.hides(group, question):
            raise FigureError(
                f"too few cases{name_group(group)} are relevant to '{question}' to publish them",
                "leave it out",
            )
        counts = results.questions[question].counts
        if not counts.relevant:
            raise FigureError(f"no case{name_group(group)} is relevant to '{question}'", "leave it out")
        if counts.relevant < self.house.numbers.publish_from:
            what = f"only {spell_number(counts.relevant)} of the cases{name_group(group)} is relevant to '{question}'"
            raise FigureError(f"{what}: too few to publish", "leave it out")
        return counts

    def _require_original_counts(self, question: str) -> Counts:
        counts = self.find_original_counts(question)
        if counts is None or not counts.relevant:
            raise FigureError(
                f"the original has no figure for '{question}' that can be printed", "leave it out"
            )
        return counts

    def _make_original_side(self) -> Side:
        if self.original is None:
            raise FigureError("this inspection has no original", "leave it out")
        return self._side

    @cached_property
    def _side(self) -> Side:
        assert self.original is not None  # noqa: S101 the caller looked
        return self.original[0].make_side(self.original[1])

    def _calculate_percent(self, counts: Counts, below: bool) -> float:
        part = counts.relevant - counts.above if below else counts.above
        return float(calculate_share(part, counts.relevant))

    def _estimate(self, name: str, group: str, of: str) -> Estimate:
        figures = self._choose_figures(of)
        results = figures._group(group)
        levels = results.levels
        known = {**levels.criteria, **levels.sections, **levels.threads}
        if levels.overall is not None:
            known["overall"] = levels.overall
        if name not in known:
            raise FigureError(*_explain_unknown(name, known))
        if figures.scored.shown.hides(group, name):
            raise FigureError(
                f"there are too few cases{name_group(group)} to publish '{name}'", "leave it out"
            )
        return known[name]

    def find_rated(self, code: str) -> RatedPart | None:
        """The rating of a criterion, a section or `overall` that may be published; None if there is none."""
        rated = self.scored.rated_shown
        if rated is None:
            return None
        return rated.overall if code == "overall" else rated.criteria.get(code) or rated.sections.get(code)

    def _find_weighted(self, name: str) -> Estimate:
        """The design-weighted estimate of a section or of the overall score."""
        levels = self._group(ALL).weighted
        if levels is None:
            raise FigureError(
                "there are no weighted scores: every kind of case was sampled at the same rate, or the sampling rates are not known",
                f"use {{{{ score({name!r}) }}}} instead",
            )
        known = {**levels.sections, **({"overall": levels.overall} if levels.overall else {})}
        if name not in known:
            raise FigureError(*_explain_unknown(name, known))
        if known[name].score is None:
            raise FigureError(f"'{name}' has no weighted score", "remove it from the text")
        return known[name]

    def _score(self, name: str, group: str, of: str) -> float:
        if of == "original":
            self._refuse_group_of_original(group)
            self._make_original_side()
            value = self.find_original_score(name)
        else:
            value = self._estimate(name, group, of).score
        if value is None:
            raise FigureError(f"'{name}' has no score{' in the original' if of else ''}", "leave it out")
        return value

    @cached_property
    def _tests(self) -> Tests | None:
        """All cases compared with the original, or the element's cases with the rest of the main sample."""
        framework = self.scored.framework
        if self.original is not None:
            file, group, other = self.original
            return Tests(framework, other, lambda: (find_side(self.scored.full, ALL), file.make_side(group)))
        if REST in self.scored.full.groups:
            return Tests(
                framework,
                framework,
                lambda: (find_side(self.scored.full, ALL), find_side(self.scored.full, REST)),
            )
        return None

    @cached_property
    def _group_tests(self) -> dict[str, Tests]:
        return {}

    def _test_group(self, group: str) -> Tests:
        full, framework = self.scored.full, self.scored.framework
        return Tests(framework, framework, lambda: (find_side(full, group), find_side(full, f"not:{group}")))

    def _require_row(self, name: str, group: str) -> Compared:
        if group != ALL:
            self._group(group)
        if name in self.scored.framework.questions:
            self._find_counts(name, group, "")
        else:
            self._estimate(name, group, "")
        if name in self.scored.framework.questions and self.original is not None and group == ALL:
            self._require_original_counts(name)
        other = REST if group == ALL else f"not:{group}"
        if (other, None) in self.scored.hidden or (other, name) in self.scored.hidden:
            what = f"there are too few other cases to compare '{name}' with"
            raise FigureError(what, "leave the comparison out")
        row = self.find_row(name, group)
        if row is None:
            raise FigureError(
                f"there is nothing to compare '{name}'{name_group(group)} with",
                "leave the comparison out",
            )
        return row

    def _name_other_side(self, group: str) -> str:
        if group != ALL:
            return "in the other cases"
        return (
            f"in the {self.house.original}" if self.original is not None else "in the rest of the main sample"
        )

    def _format_first_side(self, row: Compared) -> str:
        """The first side of a comparison as printed."""
        if row.counts is None or row.counts[0].relevant >= self.house.numbers.percent_from:
            return format_percent(row.first)
        return format_fraction(row.counts[0].above, row.counts[0].relevant)

    def _format_second_side(self, row: Compared) -> str:
        """The other side of a comparison as printed."""
        if row.counts is None or row.counts[1].relevant >= self.house.numbers.percent_from:
            return format_percent(row.second)
        return format_fraction(row.counts[1].above, row.counts[1].relevant)

    def _survey(self, key: str) -> Survey:
        survey = self.surveys.survey(key)
        if survey is None:
            known = ", ".join(s.key for s in self.surveys.surveys)
            raise FigureError(f"there is no survey '{key}'", _offer(known))
        return survey

    def _measure(self, key: str) -> Marked:
        target = next((m for m in self.targets if m.measure.key == key), None)
        if target is None:
            known = ", ".join(m.measure.key for m in self.targets)
            raise FigureError(
                f"there is no measure '{key}'",
                f"add it to area.yaml, or {_offer(known)}" if known else "add it to area.yaml",
            )
        return target

    def _find_need(self, key: str) -> Need:
        need = next((i for i in self.needs if i.key == key), None)
        if need is None:
            known = ", ".join(i.key for i in self.needs)
            raise FigureError(f"there is no need '{key}'", _offer(known))
        return need

    def _format_part(self, key: str, part: int, of: int) -> Figure:
        exact = calculate_share(part, of)
        few = of < self.house.numbers.percent_from
        return Figure(key, format_fraction(part, of) if few else format_whole(exact), float(exact))


def measure_text(row: Marked, value: float) -> str:
    """A value of a measure as printed, with its unit."""
    number = f"{value:g}"
    return {"percent": f"{number}%", "percent_of_target": f"{number}%", "days": f"{number} days"}.get(
        row.measure.unit, number
    )


def name_group(group: str) -> str:
    """Whose figures these are, inside a sentence; nothing for all cases."""
    return "" if group == ALL else f" of group '{group}'"


def write_call(question: str, group: str, of: str, below: bool) -> str:
    """What is in the brackets of a binding."""
    parts = [f'"{question}"']
    parts += [f'group="{group}"'] if group != ALL else []
    parts += [f'of="{of}"'] if of else []
    parts += ["below=True"] if below else []
    return ", ".join(parts)


def _offer(names: str) -> str:
    """What people can choose from."""
    return f"choose from {names}" if names else "there are none to choose from"


def _explain_unknown(name: str, known: Iterable[str]) -> tuple[str, str]:
    from difflib import get_close_matches

    names = list(known)
    close = get_close_matches(name, names, n=3)
    listed = (
        ", ".join(close) if close else f"{', '.join(names[:12])} …" if len(names) > 12 else ", ".join(names)
    )
    return (
        f"there is no '{name}'",
        f"{'did you mean' if close else 'choose from'} {listed}{'?' if close else ''}",
    )
