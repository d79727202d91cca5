"""Every figure that a narrative can bind, by name.

Each public method is one name that may be written between double braces. What must not be printed is refused with a
sentence that says what to write instead.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property

from scrutineer.comparison.compare import Compared
from scrutineer.comparison.read import ResultsFile, Side
from scrutineer.figures.tested import Tests, side_of, significant
from scrutineer.figures.words import fraction, in_words, whole, word_for
from scrutineer.frameworks.house import House
from scrutineer.frameworks.model import Framework
from scrutineer.inspection.area import Marked
from scrutineer.inspection.dates import day_text
from scrutineer.inspection.issues import Issue
from scrutineer.inspection.scores import MAIN, REST, Scored
from scrutineer.inspection.surveys import Survey, Surveys
from scrutineer.scoring.counts import Counts
from scrutineer.scoring.groups import ALL
from scrutineer.scoring.results import Estimate, GroupResult
from scrutineer.statistics.printed import half_up, share


@dataclass(frozen=True)
class Figure:
    """One figure as printed.

    Attributes:
        key: which figure it is, the same in every format.
        text: as printed.
        percent: the share or score that words may stand for; None for other figures.
        change: percentage points from what it is compared with.
        significant: whether a test finds that change.
        source: where it is quoted from, for figures that are not of this inspection's data.
    """

    key: str
    text: str
    percent: float | None = None
    change: float | None = None
    significant: bool = False
    source: str = ""


class FigureError(Exception):
    """A figure that cannot or must not be printed: what is wrong, and what to write instead."""

    def __init__(self, what: str, do: str = ""):
        super().__init__(what)
        self.what, self.do = what, do


NAMES = (
    "share", "cases", "count", "fraction", "relevant", "score", "interval", "rating", "size", "change", "compared",
    "sent", "returned", "response_rate", "agreed", "performance", "average", "target", "issue", "progress", "date",
    "source",
)  # fmt: skip
"""What may be bound: the public methods of `Figures`."""


_NO_SURVEYS = Surveys()
_NO_WIDTH = 1e-9


@dataclass(frozen=True)
class Figures:
    """The figures of one part of a report: the inspection, or one of its elements.

    Attributes:
        scored: its results and ratings.
        house: the house style.
        main: of an element: the figures of the whole inspection.
        original: of a follow-up: the results that it returns to, their group and their framework.
    """

    scored: Scored
    house: House
    surveys: Surveys = _NO_SURVEYS
    targets: tuple[Marked, ...] = ()
    issues: tuple[Issue, ...] = ()
    days: dict[str, date] | None = None
    main: Figures | None = None
    original: tuple[ResultsFile, str, Framework] | None = None
    name: str = ""

    # -- questions ---------------------------------------------------------------------------------------------------

    def share(self, question: str, group: str = ALL, below: bool = False, of: str = "") -> Figure:
        """The share of relevant cases above the line (or below it) as a whole percentage: 52%."""
        counts = self._counts(question, group, of)
        least = self.house.numbers.percent_from
        if counts.relevant < least:
            raise FigureError(
                f"only {counts.relevant} cases are relevant to '{question}'{_in(group)}, and percentages are printed "
                f"from {least} on",
                f"write {{{{ cases({_call(question, group, of, below)}) }}}}",
            )
        percent = self._percent(counts, below)
        return Figure(self._key("share", question, group, of, below), whole(percent), percent)

    def cases(
        self, question: str, group: str = ALL, below: bool = False, of: str = "", only: bool = False
    ) -> Figure:
        """The same in the house style: 52% of cases (43 of 82), or of few: seven of the 12 cases.

        `only` puts that word before it, unless it is all or none.
        """
        counts = self._counts(question, group, of)
        part = counts.relevant - counts.above if below else counts.above
        noun = "cases" if group == ALL else self.noun(group)
        percent = self._percent(counts, below)
        if counts.relevant < self.house.numbers.percent_from:
            relevant = "relevant cases" if group == ALL else noun
            text = fraction(part, counts.relevant, relevant)
        else:
            text = f"{whole(percent)} of {noun} ({part} of {counts.relevant})"
        # Beside a line of 70%, "only 70%" would puzzle a reader who cannot see the decimals.
        if only and 0 < part < counts.relevant and half_up(percent) != self.house.numbers.line:
            text = f"only {text}"
        name = self._key("cases", question, group, of, below)
        return Figure(f"{name}:only" if only else name, text, percent)

    def count(self, question: str, group: str = ALL, below: bool = False, of: str = "") -> Figure:
        """How many relevant cases are above the line, or below it: seven, 43."""
        counts = self._counts(question, group, of)
        part = counts.relevant - counts.above if below else counts.above
        return Figure(
            self._key("count", question, group, of, below), in_words(part), self._percent(counts, below)
        )

    def fraction(self, question: str, group: str = ALL, below: bool = False, of: str = "") -> Figure:
        """The count and its whole: 43 of 82, seven of the 12."""
        counts = self._counts(question, group, of)
        part = counts.relevant - counts.above if below else counts.above
        few = counts.relevant < self.house.numbers.percent_from
        text = fraction(part, counts.relevant) if few else f"{part} of {counts.relevant}"
        return Figure(self._key("fraction", question, group, of, below), text, self._percent(counts, below))

    def relevant(self, question: str, group: str = ALL, of: str = "") -> Figure:
        """How many cases are relevant to a question: 82."""
        counts = self._counts(question, group, of)
        return Figure(self._key("relevant", question, group, of), in_words(counts.relevant))

    # -- scores ------------------------------------------------------------------------------------------------------

    def score(self, name: str, group: str = ALL, of: str = "") -> Figure:
        """The score of a criterion, section or thread, or `overall`: 76%."""
        percent = self._score(name, group, of) * 100
        return Figure(self._key("score", name, group, of), whole(round(percent, 9)), percent)

    def interval(self, name: str, group: str = ALL, of: str = "") -> Figure:
        """The 95% interval of a score: 71% to 80%."""
        self._not_original(of)
        estimate = self._estimate(name, group, of)
        if estimate.low is None or estimate.high is None:
            raise FigureError(f"the interval of '{name}' cannot be told", "leave it out")
        if estimate.high - estimate.low < _NO_WIDTH:
            raise FigureError(f"'{name}' has no interval: every case was inspected", "leave it out")
        ends = [whole(round(end * 100, 9)) for end in (estimate.low, estimate.high)]
        return Figure(self._key("interval", name, group, of), f"{ends[0]} to {ends[1]}")

    def rating(self, code: str, of: str = "") -> Figure:
        """The rating of a judgement criterion, or the word for a criterion's score: well met."""
        self._not_original(of)
        figures = self._of(of)
        framework = figures.scored.framework
        if code not in framework.criteria:
            raise FigureError(f"there is no criterion '{code}'", f"known: {', '.join(framework.criteria)}")
        judged = figures.scored.judged.get(code)
        if judged is not None:
            if judged.final is None:
                raise FigureError(f"{code} has no rating yet", "give the items of its evidence their grades")
            return Figure(figures._key("rating", code, ALL, of), judged.final.title.lower())
        label = figures._group(ALL).ratings.get(code)
        if label is None:
            raise FigureError(f"{code} is scored, not rated", f'write {{{{ score("{code}") }}}}')
        return Figure(figures._key("rating", code, ALL, of), label.lower())

    def size(self, group: str = ALL, of: str = "") -> Figure:
        """How many cases a group holds: 100, nine."""
        if of == "original":
            self._whole_of_original(group)
            return Figure(self._key("size", "", group, of), in_words(self._original_side().cases))
        figures = self._of(of)
        cases = figures._group(group).cases
        return Figure(self._key("size", "", group, of), in_words(cases))

    # -- comparisons -------------------------------------------------------------------------------------------------

    def change(self, name: str, group: str = ALL) -> Figure:
        """By how much a share or score differs from what it is compared with: 12 percentage points."""
        row = self._row(name, group)
        points = half_up(round(abs(row.difference.value) * 100, 9))
        text = f"{in_words(points) if points else 'no'} percentage point{'' if points == 1 else 's'}"
        return Figure(
            self._key("change", name, group),
            text,
            None,
            row.difference.value * 100,
            significant(row),
        )

    def compared(self, name: str, group: str = ALL) -> Figure:
        """A share or score beside what it is compared with: significantly lower than in the original inspection (58%).

        The words follow from the test.
        """
        row = self._row(name, group)
        value = row.difference.value * 100
        found = significant(row)
        other, against = self._told(row), self._against(group)
        if value == 0:
            text = f"the same as {against} ({other})"
        else:
            word = word_for(self.house.rules("change"), value, found)
            direction = "higher" if value > 0 else "lower"
            text = f"{word + ' ' if word else ''}{direction} than {against} ({other})"
        return Figure(self._key("compared", name, group), text, None, value, found)

    # -- what was asked of people ------------------------------------------------------------------------------------

    def sent(self, survey: str) -> Figure:
        """How many questionnaires were sent, or people asked."""
        return Figure(f"sent:{survey}", in_words(self._survey(survey).sent))

    def returned(self, survey: str) -> Figure:
        """How many came back, or were interviewed."""
        return Figure(f"returned:{survey}", in_words(self._survey(survey).returned))

    def response_rate(self, survey: str) -> Figure:
        """The share of those asked who answered: 41%."""
        found = self._survey(survey)
        percent = float(share(found.returned, found.sent))
        return Figure(f"response_rate:{survey}", whole(share(found.returned, found.sent)), percent)

    def agreed(self, survey: str, item: str) -> Figure:
        """How many of those who answered agreed: 80%, or of few: nine of the 11."""
        found = self._survey(survey)
        one = next((i for i in found.items if i.key == item), None)
        self._enough(found.returned, f"answers to '{survey}'")
        if one is None:
            raise FigureError(
                f"'{survey}' has no question '{item}'", f"known: {', '.join(i.key for i in found.items)}"
            )
        answered = found.answered(one)
        if not answered:
            raise FigureError(f"nobody answered '{item}'", "leave it out")
        exact = share(one.agreed, answered)
        few = answered < self.house.numbers.returned_at_least
        text = fraction(one.agreed, answered) if few else whole(exact)
        return Figure(f"agreed:{survey}:{item}", text, float(exact))

    # -- the area ----------------------------------------------------------------------------------------------------

    def performance(self, measure: str) -> Figure:
        """What the area reached on a measure: 93%."""
        row = self._measure(measure)
        return Figure(f"performance:{measure}", measure_text(row, row.performance.value))

    def average(self, measure: str) -> Figure:
        """The average of all areas on a measure, with its period: 77% in 2004/2005."""
        row = self._measure(measure)
        if row.performance.average is None:
            raise FigureError(f"there is no average of '{measure}'", "give it in area.yaml, with its period")
        text = measure_text(row, row.performance.average)
        return Figure(f"average:{measure}", f"{text} in {row.performance.average_period}")

    def target(self, measure: str) -> Figure:
        """The target of a measure: 90%."""
        row = self._measure(measure)
        return Figure(f"target:{measure}", measure_text(row, row.measure.target))

    def issue(self, key: str) -> Figure:
        """In what share of cases an issue was a priority for work: 40%, or of few: seven of the 12."""
        found, cases = self._issue(key), self._group(ALL).cases
        self._enough(found.cases, f"cases with '{key}'")
        return self._part(f"issue:{key}", found.cases, cases)

    def progress(self, key: str) -> Figure:
        """In what share of those cases there was improvement."""
        found = self._issue(key)
        if not sum(found.counts):
            raise FigureError(f"'{key}' was a priority in no case", "leave it out")
        if any(found.withheld(self.house.numbers.publish_from)):
            raise FigureError(
                f"too few cases stand behind the progress on '{key}' to publish it", "leave it out"
            )
        return self._part(f"progress:{key}", found.counts[0], sum(found.counts))

    def date(self, event: str) -> Figure:
        """The day of an event of the calendar: 3 October 2005."""
        day = (self.days or {}).get(event)
        if day is None:
            raise FigureError(
                f"'{event}' has no day", f"give it in calendar.yaml; there are: {', '.join(self.days or {})}"
            )
        return Figure(f"date:{event}", day_text(day))

    def source(self, text: str, source: str) -> Figure:
        """A number quoted from somewhere else, with where: source("44%", "the area's staff survey, 2003")."""
        if not source.strip():
            raise FigureError(f"'{text}' is quoted without its source", "name the source")
        return Figure(f"source:{source}:{text}", text, source=source)

    # -- inside ------------------------------------------------------------------------------------------------------

    def _enough(self, number: int, what: str) -> None:
        if number < self.house.numbers.publish_from:
            raise FigureError(f"there are too few {what} to publish them", "leave it out")

    def noun(self, group: str) -> str:
        """What the cases of a group are called."""
        title = next((g.title for g in self.scored.framework.groups if g.key == group), group)
        return self.house.groups.get(group, f"{title} cases").format(**self.scored.framework.words)

    def row(self, name: str, group: str = ALL) -> Compared | None:
        """A question or score compared with what stands beside it; None where it cannot be."""
        tests = self._tests if group == ALL else self._group_tests.setdefault(group, self._of_group(group))
        return tests.row(name) if tests else None

    def original_counts(self, question: str) -> Counts | None:
        """The counts of a question in the original inspection; None where it has none that may be printed."""
        if self.original is None:
            return None
        found = self._original_side().questions.get(question)
        least = max(self.house.numbers.publish_from, 1)
        return Counts(found.above, found.relevant) if found and found.relevant >= least else None

    def original_score(self, name: str) -> float | None:
        """A score of the original inspection, 0 to 1."""
        if self.original is None:
            return None
        found = self._original_side().scores.get(name)
        return found.score if found else None

    def _key(self, what: str, name: str, group: str, of: str = "", below: bool = False) -> str:
        parts = [self.name, what, name, "" if group == ALL else group, of, "below" if below else ""]
        return ":".join(part for part in parts if part)

    def _of(self, of: str) -> Figures:
        if of in ("", "original"):
            return self
        if of == MAIN and self.main is not None:
            return self.main
        known = [*(["main"] if self.main else []), *(["original"] if self.original else [])]
        raise FigureError(f"there is nothing called '{of}' here", f"known: {', '.join(known) or 'nothing'}")

    def _whole_of_original(self, group: str) -> None:
        if group != ALL:
            what = f"of the original only the cases that the follow-up is held against are known, not group '{group}'"
            raise FigureError(what, "leave the group out")

    def _not_original(self, of: str) -> None:
        if of == "original":
            raise FigureError("of the original this is not known", "bind a share or a score of it")

    def _group(self, group: str) -> GroupResult:
        shown = self.scored.shown
        if group not in shown.groups:
            raise FigureError(
                f"there is no group '{group}' with a case in it", f"known: {', '.join(shown.groups)}"
            )
        if (group, None) in shown.suppressed:
            raise FigureError(f"the group '{group}' is too small to publish", "leave it out")
        return shown.groups[group]

    def _counts(self, question: str, group: str, of: str) -> Counts:
        if of == "original":
            self._whole_of_original(group)
            return self._original_counts(question)
        figures = self._of(of)
        if question not in figures.scored.framework.questions:
            raise FigureError(*_unknown(question, figures.scored.framework.questions))
        found = figures._group(group)
        if question not in found.questions:
            raise FigureError(
                f"'{question}' is not answered by choosing above or below the line", "bind another figure"
            )
        if figures.scored.shown.hides(group, question):
            raise FigureError(
                f"too few cases{_in(group)} are relevant to '{question}' to publish them", "leave it out"
            )
        counts = found.questions[question].counts
        if not counts.relevant:
            raise FigureError(f"no case{_in(group)} is relevant to '{question}'", "leave it out")
        if counts.relevant < self.house.numbers.publish_from:
            what = f"only {in_words(counts.relevant)} of the cases{_in(group)} is relevant to '{question}'"
            raise FigureError(f"{what}: too few to publish", "leave it out")
        return counts

    def _original_counts(self, question: str) -> Counts:
        counts = self.original_counts(question)
        if counts is None or not counts.relevant:
            raise FigureError(
                f"the original has no figure of '{question}' that can be printed", "leave it out"
            )
        return counts

    def _original_side(self) -> Side:
        if self.original is None:
            raise FigureError("there is no original here", "leave it out")
        return self._side

    @cached_property
    def _side(self) -> Side:
        assert self.original is not None  # noqa: S101 the caller looked
        return self.original[0].side(self.original[1])

    def _percent(self, counts: Counts, below: bool) -> float:
        part = counts.relevant - counts.above if below else counts.above
        return float(share(part, counts.relevant))

    def _estimate(self, name: str, group: str, of: str) -> Estimate:
        figures = self._of(of)
        found = figures._group(group)
        levels = found.levels
        known = {**levels.criteria, **levels.sections, **levels.threads}
        if levels.overall is not None:
            known["overall"] = levels.overall
        if name not in known:
            raise FigureError(*_unknown(name, known))
        if figures.scored.shown.hides(group, name):
            raise FigureError(
                f"too few cases{_in(group)} stand behind '{name}' to publish it", "leave it out"
            )
        return known[name]

    def _score(self, name: str, group: str, of: str) -> float:
        if of == "original":
            self._whole_of_original(group)
            self._original_side()
            value = self.original_score(name)
        else:
            value = self._estimate(name, group, of).score
        if value is None:
            raise FigureError(f"'{name}' has no score{' in the original' if of else ''}", "leave it out")
        return value

    @cached_property
    def _tests(self) -> Tests | None:
        """All cases beside the original, or the element's beside the rest of the main sample."""
        framework = self.scored.framework
        if self.original is not None:
            file, group, other = self.original
            return Tests(framework, other, lambda: (side_of(self.scored.full, ALL), file.side(group)))
        if REST in self.scored.full.groups:
            return Tests(
                framework,
                framework,
                lambda: (side_of(self.scored.full, ALL), side_of(self.scored.full, REST)),
            )
        return None

    @cached_property
    def _group_tests(self) -> dict[str, Tests]:
        return {}

    def _of_group(self, group: str) -> Tests:
        full, framework = self.scored.full, self.scored.framework
        return Tests(framework, framework, lambda: (side_of(full, group), side_of(full, f"not:{group}")))

    def _row(self, name: str, group: str) -> Compared:
        if group != ALL:
            self._group(group)
        if name in self.scored.framework.questions:
            self._counts(name, group, "")
        else:
            self._estimate(name, group, "")
        if name in self.scored.framework.questions and self.original is not None and group == ALL:
            self._original_counts(name)
        other = REST if group == ALL else f"not:{group}"
        if (other, None) in self.scored.hidden or (other, name) in self.scored.hidden:
            what = f"too few of the other cases stand behind '{name}' to compare with them"
            raise FigureError(what, "leave the comparison out")
        row = self.row(name, group)
        if row is None:
            raise FigureError(
                f"'{name}'{_in(group)} cannot be compared with anything here", "leave the comparison out"
            )
        return row

    def _against(self, group: str) -> str:
        if group != ALL:
            return "in the other cases"
        return (
            f"in the {self.house.original}" if self.original is not None else "in the rest of the main sample"
        )

    def _told(self, row: Compared) -> str:
        """The other side of a comparison as printed."""
        if row.counts is None or row.counts[1].relevant >= self.house.numbers.percent_from:
            return whole(round(row.second * 100, 9))
        return fraction(row.counts[1].above, row.counts[1].relevant)

    def _survey(self, key: str) -> Survey:
        found = self.surveys.survey(key)
        if found is None:
            known = ", ".join(s.key for s in self.surveys.surveys)
            raise FigureError(f"there is no survey '{key}'", f"known: {known or 'none'}")
        return found

    def _measure(self, key: str) -> Marked:
        found = next((m for m in self.targets if m.measure.key == key), None)
        if found is None:
            known = ", ".join(m.measure.key for m in self.targets)
            raise FigureError(
                f"there is no performance on '{key}'", f"give it in area.yaml; there are: {known or 'none'}"
            )
        return found

    def _issue(self, key: str) -> Issue:
        found = next((i for i in self.issues if i.key == key), None)
        if found is None:
            known = ", ".join(i.key for i in self.issues)
            raise FigureError(f"there is no issue '{key}'", f"known: {known or 'none'}")
        return found

    def _part(self, key: str, part: int, of: int) -> Figure:
        exact = share(part, of)
        few = of < self.house.numbers.percent_from
        return Figure(key, fraction(part, of) if few else whole(exact), float(exact))


def measure_text(row: Marked, value: float) -> str:
    """A value of a measure as printed, with its unit."""
    number = f"{value:g}"
    return {"percent": f"{number}%", "days": f"{number} days"}.get(row.measure.unit, number)


def _in(group: str) -> str:
    return "" if group == ALL else f" of group '{group}'"


def _call(question: str, group: str, of: str, below: bool) -> str:
    parts = [f'"{question}"']
    parts += [f'group="{group}"'] if group != ALL else []
    parts += [f'of="{of}"'] if of else []
    parts += ["below=True"] if below else []
    return ", ".join(parts)


def _unknown(name: str, known: object) -> tuple[str, str]:
    from difflib import get_close_matches

    names = [str(n) for n in known]  # type: ignore[attr-defined]
    close = get_close_matches(name, names, n=3)
    listed = (
        ", ".join(close) if close else f"{', '.join(names[:12])} …" if len(names) > 12 else ", ".join(names)
    )
    return f"there is no '{name}'", f"{'did you mean' if close else 'known:'} {listed}{'?' if close else ''}"
