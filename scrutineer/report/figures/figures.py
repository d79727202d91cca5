"""Every figure that a narrative can bind, by name.

Each public method is one name that may be written between double braces. What must not be printed is refused with a
sentence that says what to write instead.
"""

from __future__ import annotations

from dataclasses import dataclass

from scrutineer.inspection.dates import format_day
from scrutineer.report.figures.figure import Figure, FigureError
from scrutineer.report.figures.known import NO_WIDTH, Known, measure_text, name_group, write_call
from scrutineer.report.figures.tested import is_significant
from scrutineer.report.figures.words import find_word, format_fraction, format_whole, spell_number
from scrutineer.scoring.groups import ALL
from scrutineer.scoring.rating_steps import format_points
from scrutineer.statistics.printed import calculate_share, round_half_up
from scrutineer.statistics.shares import format_percent, round_percent

__all__ = ["NAMES", "Figure", "FigureError", "Figures", "measure_text"]

NAMES = (
    "share",
    "cases",
    "count",
    "fraction",
    "relevant",
    "score",
    "weighted",
    "interval",
    "rating",
    "size",
    "change",
    "compared",
    "sent",
    "returned",
    "response_rate",
    "agreed",
    "performance",
    "average",
    "target",
    "issue",
    "progress",
    "date",
    "source",
)
"""What may be bound: the public methods of `Figures`."""


@dataclass(frozen=True)
class Figures(Known):
    """The figures of one part of a report, each public method one name that can be bound."""

    # -- questions ---------------------------------------------------------------------------------------------------

    def share(self, question: str, group: str = ALL, below: bool = False, of: str = "") -> Figure:
        """The share of relevant cases above the line (or below it) as a whole percentage: 52%."""
        counts = self._find_counts(question, group, of)
        least = self.house.numbers.percent_from
        if counts.relevant < least:
            raise FigureError(
                f"only {counts.relevant} cases are relevant to '{question}'{name_group(group)}, and percentages are printed "
                f"from {least} on",
                f"write {{{{ cases({write_call(question, group, of, below)}) }}}}",
            )
        percent = self._calculate_percent(counts, below)
        return Figure(self._make_key("share", question, group, of, below), format_whole(percent), percent)

    def cases(
        self, question: str, group: str = ALL, below: bool = False, of: str = "", only: bool = False
    ) -> Figure:
        """The same in the house style: 52% of cases (43 of 82), or of few: seven of the 12 cases.

        `only` puts that word before it, unless it is all or none.
        """
        counts = self._find_counts(question, group, of)
        part = counts.relevant - counts.above if below else counts.above
        noun = "cases" if group == ALL else self.find_noun(group)
        percent = self._calculate_percent(counts, below)
        if counts.relevant < self.house.numbers.percent_from:
            relevant = "relevant cases" if group == ALL else noun
            text = format_fraction(part, counts.relevant, relevant)
        else:
            text = f"{format_whole(percent)} of {noun} ({part} of {counts.relevant})"
        # "Only" says that something is wanting: not from the line on, and not at "70%" where the line is 70.
        if only and 0 < part < counts.relevant and round_half_up(percent) < self.house.numbers.line:
            text = f"only {text}"
        name = self._make_key("cases", question, group, of, below)
        return Figure(f"{name}:only" if only else name, text, percent)

    def count(self, question: str, group: str = ALL, below: bool = False, of: str = "") -> Figure:
        """How many relevant cases are above the line, or below it: seven, 43."""
        counts = self._find_counts(question, group, of)
        part = counts.relevant - counts.above if below else counts.above
        return Figure(
            self._make_key("count", question, group, of, below),
            spell_number(part),
            self._calculate_percent(counts, below),
        )

    def fraction(self, question: str, group: str = ALL, below: bool = False, of: str = "") -> Figure:
        """The count and its whole: 43 of 82, seven of the 12."""
        counts = self._find_counts(question, group, of)
        part = counts.relevant - counts.above if below else counts.above
        few = counts.relevant < self.house.numbers.percent_from
        text = format_fraction(part, counts.relevant) if few else f"{part} of {counts.relevant}"
        return Figure(
            self._make_key("fraction", question, group, of, below),
            text,
            self._calculate_percent(counts, below),
        )

    def relevant(self, question: str, group: str = ALL, of: str = "") -> Figure:
        """How many cases are relevant to a question: 82."""
        counts = self._find_counts(question, group, of)
        return Figure(self._make_key("relevant", question, group, of), spell_number(counts.relevant))

    # -- scores ------------------------------------------------------------------------------------------------------

    def score(self, name: str, group: str = ALL, of: str = "") -> Figure:
        """The score of a criterion, section or thread, or `overall`: 76%."""
        percent = self._score(name, group, of) * 100
        return Figure(self._make_key("score", name, group, of), format_whole(round(percent, 9)), percent)

    def weighted(self, name: str) -> Figure:
        """The weighted score of a section or `overall`: each case counts for the number of cases in the caseload that it represents: 74%."""
        estimate = self._find_weighted(name)
        percent = (estimate.score or 0.0) * 100
        return Figure(self._make_key("weighted", name, ALL), format_whole(round(percent, 9)), percent)

    def interval(self, name: str, group: str = ALL, of: str = "") -> Figure:
        """The 95% interval of a score: 71% to 80%."""
        self._refuse_original(of)
        estimate = self._estimate(name, group, of)
        if estimate.low is None or estimate.high is None:
            raise FigureError(f"the interval of '{name}' is not known", "leave it out")
        if estimate.high - estimate.low < NO_WIDTH:
            raise FigureError(f"'{name}' has no interval: every case was inspected", "leave it out")
        ends = [format_percent(end) for end in (estimate.low, estimate.high)]
        return Figure(self._make_key("interval", name, group, of), f"{ends[0]} to {ends[1]}")

    def rating(self, code: str, of: str = "") -> Figure:
        """The rating of a criterion, a section or `overall`, or the word for a criterion's score: well met."""
        self._refuse_original(of)
        figures = self._choose_figures(of)
        framework = figures.scored.framework
        rated = figures.find_rated(code)
        if rated is not None:
            if rated.final is None:
                raise FigureError(f"{code} is not rated: {rated.reason}", "leave it out")
            return Figure(figures._make_key("rating", code, ALL, of), rated.final.title.lower())
        if code not in framework.criteria:
            raise FigureError(
                f"there is no criterion '{code}'", f"choose from {', '.join(framework.criteria)}"
            )
        judged = figures.scored.judged.get(code)
        if judged is not None:
            if judged.final is None:
                raise FigureError(f"{code} has no rating yet", "grade its evidence first")
            return Figure(figures._make_key("rating", code, ALL, of), judged.final.title.lower())
        label = figures._group(ALL).ratings.get(code)
        if label is None:
            raise FigureError(f"{code} is scored, not rated", f'write {{{{ score("{code}") }}}}')
        return Figure(figures._make_key("rating", code, ALL, of), label.lower())

    def points(self, name: str = "overall", of: str = "") -> Figure:
        """The points of a section or of the whole, out of those that there are: 25 of 36."""
        self._refuse_original(of)
        figures = self._choose_figures(of)
        rated = figures.find_rated(name)
        if rated is None or rated.total is None or rated.out_of is None:
            raise FigureError(f"'{name}' has no points", "leave it out")
        text = f"{format_points(rated.total)} of {format_points(rated.out_of)}"
        return Figure(figures._make_key("points", name, ALL, of), text)

    def size(self, group: str = ALL, of: str = "") -> Figure:
        """How many cases a group holds: 100, nine."""
        if of == "original":
            self._refuse_group_of_original(group)
            return Figure(
                self._make_key("size", "", group, of), spell_number(self._make_original_side().cases)
            )
        figures = self._choose_figures(of)
        cases = figures._group(group).cases
        return Figure(self._make_key("size", "", group, of), spell_number(cases))

    # -- comparisons -------------------------------------------------------------------------------------------------

    def change(self, name: str, group: str = ALL) -> Figure:
        """By how much a share or score differs from what it is compared with: 12 percentage points."""
        row = self._require_row(name, group)
        points = round_percent(abs(row.difference.value))
        text = f"{spell_number(points) if points else 'no'} percentage point{'' if points == 1 else 's'}"
        return Figure(
            key=self._make_key("change", name, group),
            text=text,
            percent=None,
            change=row.difference.value * 100,
            significant=is_significant(row),
        )

    def compared(self, name: str, group: str = ALL) -> Figure:
        """A share or score next to what it is compared with: significantly lower than in the original inspection (58%).

        The words follow from the test.
        """
        row = self._require_row(name, group)
        value = row.difference.value * 100
        differs = is_significant(row)
        other, against = self._format_second_side(row), self._name_other_side(group)
        if value == 0 or other == self._format_first_side(row):
            same = "the same as" if value == 0 else "about the same as"
            text = f"{same} {against} ({other})"
        else:
            word = find_word(self.house.list_rules("change"), value, differs)
            direction = "higher" if value > 0 else "lower"
            text = f"{word + ' ' if word else ''}{direction} than {against} ({other})"
        return Figure(
            key=self._make_key("compared", name, group),
            text=text,
            percent=None,
            change=value,
            significant=differs,
        )

    # -- what was asked of people ------------------------------------------------------------------------------------

    def sent(self, survey: str) -> Figure:
        """How many questionnaires were sent, or people asked."""
        return Figure(f"sent:{survey}", spell_number(self._survey(survey).sent))

    def returned(self, survey: str) -> Figure:
        """How many came back, or were interviewed."""
        return Figure(f"returned:{survey}", spell_number(self._survey(survey).returned))

    def response_rate(self, survey: str) -> Figure:
        """The share of those asked who answered: 41%."""
        replies = self._survey(survey)
        percent = float(calculate_share(replies.returned, replies.sent))
        return Figure(
            f"response_rate:{survey}", format_whole(calculate_share(replies.returned, replies.sent)), percent
        )

    def agreed(self, survey: str, item: str) -> Figure:
        """How many of those who answered agreed: 80%, or of few: nine of the 11."""
        replies = self._survey(survey)
        statement = next((i for i in replies.items if i.key == item), None)
        self._require_enough(replies.returned, f"answers to '{survey}'")
        if statement is None:
            raise FigureError(
                f"'{survey}' has no question '{item}'",
                f"choose from {', '.join(i.key for i in replies.items)}",
            )
        answered = replies.count_answered(statement)
        if not answered:
            raise FigureError(f"there were no answers to '{item}'", "leave it out")
        exact = calculate_share(statement.agreed, answered)
        few = answered < self.house.numbers.returned_at_least
        text = format_fraction(statement.agreed, answered) if few else format_whole(exact)
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
            raise FigureError(f"there is no average of '{measure}'", "add it to area.yaml, with its period")
        text = measure_text(row, row.performance.average)
        return Figure(f"average:{measure}", f"{text} in {row.performance.average_period}")

    def target(self, measure: str) -> Figure:
        """The target of a measure: 90%."""
        row = self._measure(measure)
        return Figure(f"target:{measure}", measure_text(row, row.measure.target))

    def issue(self, key: str) -> Figure:
        """In what share of cases an issue was a priority for work: 40%, or of few: seven of the 12."""
        need_of, cases = self._find_need(key), self._group(ALL).cases
        self._require_enough(need_of.cases, f"cases with '{key}'")
        return self._format_part(f"issue:{key}", need_of.cases, cases)

    def progress(self, key: str) -> Figure:
        """In what share of those cases there was improvement."""
        need = self._find_need(key)
        if not sum(need.counts):
            raise FigureError(f"'{key}' was not a priority in any case", "leave it out")
        if any(need.find_withheld(self.house.numbers.publish_from)):
            raise FigureError(f"there are too few cases to publish the progress on '{key}'", "leave it out")
        return self._format_part(f"progress:{key}", need.counts[0], sum(need.counts))

    def date(self, event: str) -> Figure:
        """The day of an event of the calendar: 3 October 2005."""
        day = (self.days or {}).get(event)
        if day is None:
            raise FigureError(
                f"'{event}' has no date", f"add it to calendar.yaml; it has {', '.join(self.days or {})}"
            )
        return Figure(f"date:{event}", format_day(day))

    def source(self, text: str, source: str) -> Figure:
        """A number quoted from somewhere else, with where: source("44%", "the area's staff survey, 2003")."""
        if not source.strip():
            raise FigureError(f"'{text}' is quoted without its source", "name the source")
        return Figure(f"source:{source}:{text}", text, source=source)
