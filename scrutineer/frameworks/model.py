"""What an inspection framework is: sections, criteria, questions and the rules that join them.

Every class is frozen and refuses unknown fields. What one field alone can say wrong is
refused here; what two places of a file say against each other is found by `consistency`.
"""

from __future__ import annotations

from fractions import Fraction
from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field

from scrutineer.frameworks.conditions import Condition, DerivedRule
from scrutineer.frameworks.parts import Code, FrameworkPart, Identifier, Key, Later, Number, Sentence
from scrutineer.frameworks.question_kinds import KindName
from scrutineer.frameworks.rating_methods import Rated, RatingMethod, RatingScale
from scrutineer.frameworks.subject import Subject


class Option(FrameworkPart):
    """One answer that a scale offers.

    Attributes:
        above: whether it's above the line, that is, judged sufficient or better.
    """

    code: Key
    label: Sentence
    above: bool | None = None


class Scale(FrameworkPart):
    """How a question is answered.

    `not_enough_evidence` says how that third kind of missing counts: below the line, or left
    out of the relevant cases. Not applicable always leaves; unanswered is always a gap.
    """

    key: Key
    title: Sentence
    kind: KindName = "choice"
    options: tuple[Option, ...] = ()
    not_enough_evidence: Literal["below", "leave_out"] = "below"

    @property
    def is_judged(self) -> bool:
        """Whether its answers lie above or below the line. If not, they're facts: recorded, never judged."""
        return any(option.above is not None for option in self.options)

    @property
    def no_evidence_is_below(self) -> bool:
        """Whether cases without enough evidence count as below the line."""
        return self.is_judged and self.not_enough_evidence == "below"


class Attribute(FrameworkPart):
    """Something recorded about every case, such as the type of order.

    Attributes:
        known_from: who provides it: the area in its caseload, or the assessor who opens the case file.
        role: what Scrutineer uses it for: the office or team of a case, the manager to interview, or the date from which
            time under supervision counts.
        diversity: results are always broken down by its values.
    """

    key: Key
    title: Sentence
    kind: Literal["choice", "yes_no", "number", "date", "text"] = "choice"
    options: tuple[Key, ...] = ()
    known_from: Literal["caseload", "case_file"] = "caseload"
    role: Literal["office", "team", "manager", "started"] | None = None
    diversity: bool = False


class Group(FrameworkPart):
    """A named subset of cases, reported next to all cases."""

    key: Key
    title: Sentence
    when: Condition


class Thread(FrameworkPart):
    """Questions from several sections that are averaged together.

    Attributes:
        complete: whether the framework lists all of the thread's questions. Only then can they disprove a printed score.
    """

    key: Key
    title: Sentence
    sections: tuple[Code, ...] = ()
    complete: bool = True


class Question(FrameworkPart):
    """Something that an assessor answers about a case.

    Attributes:
        when: which cases the question applies to.
        summary: it sums up its criterion.
        context: it's recorded but never scored.
        optional: a published bank may lack it and still count as complete.
        may_not_apply: the assessor may answer that it doesn't apply.
        meaning: raise it by 1 when a new wording asks something different.
        from: the questions of an earlier version that this one was split or merged from.
        derived: the answer isn't given by people but follows from the case's other answers: the first rule that applies
            gives it.
        weight: how much it counts among its criterion's questions.
        tags: names of your own by which conditions count its answers together with those of other questions.
    """

    key: Key
    text: Sentence
    scale: Key
    when: Condition | None = None
    summary: bool = False
    context: bool = False
    optional: bool = False
    may_not_apply: bool = False
    threads: tuple[Key, ...] = ()
    guidance: str = ""
    meaning: Annotated[int, Field(ge=1)] = 1
    origins: tuple[Key, ...] = Field(default=(), alias="from")
    derived: Annotated[tuple[DerivedRule, ...], Later] = ()
    weight: Annotated[Number, Field(gt=0), Later] = 1
    tags: Annotated[tuple[Key, ...], Later] = ()

    @property
    def scored(self) -> bool:
        """Whether the answers count towards the criterion."""
        return not self.context


class Item(FrameworkPart):
    """Something that a judgement criterion needs evidence about.

    Attributes:
        weight: 2 counts double.
        national: it's recorded but doesn't count towards the rating.
    """

    key: Key
    text: Sentence
    weight: Annotated[int, Field(ge=1)] = 1
    national: bool = False


class Criterion(FrameworkPart):
    """What's judged: from cases (questions) or from evidence (items).

    Attributes:
        counted: whether it counts towards its section's score, and towards ratings above it.
        bank: how many of the inspectorate's questions are known: all of them (`complete`), those that published reports
            show, give or take one (`attested`), or only some, or all of them without their weights (`partial`). Only a
            complete bank can disprove a score for certain. A partial one never does.
        rated: how it's rated, if not as the framework's other criteria.
    """

    code: Code
    title: Sentence
    kind: Literal["case", "judgement"]
    importance: Key | None = None
    description: str = ""
    counted: bool = True
    bank: Literal["complete", "attested", "partial"] = "complete"
    questions: tuple[Question, ...] = ()
    items: tuple[Item, ...] = ()
    rated: Annotated[RatingMethod | None, Later] = None

    @property
    def scored_questions(self) -> tuple[Question, ...]:
        """The questions whose answers count, summary questions included."""
        return tuple(question for question in self.questions if question.scored)

    @property
    def records_facts(self) -> bool:
        """Whether its questions only record facts, so that it has no score."""
        return self.kind == "case" and bool(self.questions) and not self.scored_questions


class Section(FrameworkPart):
    """A group of criteria.

    Attributes:
        weight: its share of the overall score, as a percentage.
        rated: how it's rated, if not as the framework's other sections.
    """

    code: Code
    title: Sentence
    weight: Annotated[int, Field(ge=1, le=100)] | None = None
    criteria: tuple[Criterion, ...] = Field(min_length=1)
    rated: Annotated[RatingMethod | None, Later] = None

    @property
    def scored_criteria(self) -> tuple[Criterion, ...]:
        """The criteria whose scores make the section's score."""
        return tuple(c for c in self.criteria if c.kind == "case" and c.counted)


class CriterionRule(FrameworkPart):
    """How much the questions and the summary question count in a criterion, as percentages."""

    questions: Annotated[int, Field(ge=0, le=100)] = 100
    summary: Annotated[int, Field(ge=0, le=100)] = 0


class Importance(FrameworkPart):
    """A named weight of a criterion within its section. *Critical* counts twice as much as *important*."""

    key: Key
    title: Sentence
    weight: Annotated[int, Field(ge=1)]


class Band(FrameworkPart):
    """A word for every score from `at_least` (a percentage, or points) up to the next band."""

    label: Sentence
    at_least: int


class Points(FrameworkPart):
    """Points for each rating, and the bands for their total."""

    awards: dict[Key, int]
    bands: tuple[Band, ...] = Field(min_length=1)


class Scoring(FrameworkPart):
    """The arithmetic of a framework. Nothing is rounded before the end.

    Attributes:
        priority_line: criteria that score below it are priorities for improvement.
    """

    criterion: CriterionRule = CriterionRule()
    importance: tuple[Importance, ...] = ()
    priority_line: Annotated[int, Field(ge=0, le=100)] | None = None
    bands: tuple[Band, ...] = ()
    points: Points | None = None

    def find_weight(self, criterion: Criterion) -> Fraction:
        """The weight of a criterion in its section: 1 if it has no importance."""
        return Fraction(next((i.weight for i in self.importance if i.key == criterion.importance), 1))


class RatingRule(FrameworkPart):
    """When a rating applies, by the grades of a criterion's items. A rule without any conditions always applies.

    Attributes:
        all: the lowest grade that every item must reach.
        majority: the lowest grade that more than half of the items must reach.
        some: the lowest grade that at least one item must reach.
        rest: the lowest grade that all other items must reach.
        not_all: a grade that at least one item must miss.
    """

    rating: Key
    title: Sentence
    all: Key | None = None
    majority: Key | None = None
    some: Key | None = None
    rest: Key | None = None
    not_all: Key | None = None

    @property
    def conditions(self) -> dict[str, Key]:
        """The grades that the rule asks for, by how many items must reach them."""
        names = ("all", "majority", "some", "rest", "not_all")
        return {name: grade for name in names if (grade := getattr(self, name)) is not None}


class Grade(FrameworkPart):
    """How strong the evidence for one item is."""

    key: Key
    title: Sentence


class Ratings(FrameworkPart):
    """How judgement criteria are rated.

    Attributes:
        grades: from best to worst.
        rules: the first one that applies gives the rating.
        sources_at_least: how many independent sources each item needs.
    """

    grades: tuple[Grade, ...] = Field(min_length=2)
    rules: tuple[RatingRule, ...] = Field(min_length=1)
    sources_at_least: Annotated[int, Field(ge=1)] = 2


class Quota(FrameworkPart):
    """A minimum number of cases from a group in the sample.

    Attributes:
        at_least: leave it out if the number is agreed with each area.
    """

    group: Key
    at_least: Annotated[int, Field(ge=1)] | None = None


class Precision(FrameworkPart):
    """How precise a score must be.

    Attributes:
        points: half the width of the interval, in percentage points.
        confidence: the level of confidence, as a percentage.
        expected: the share that you expect, as a percentage.
    """

    points: Annotated[float, Field(gt=0, lt=50)]
    confidence: Annotated[float, Field(gt=50, lt=100)] = 95
    expected: Annotated[float, Field(gt=0, lt=100)] = 50


class SampleDesign(FrameworkPart):
    """How many cases are drawn, from which cases, with which quotas, and how assessors share them.

    Attributes:
        size: how many cases to draw.
        every: a group of which every eligible case is taken.
        precision: draw as many cases as this needs, instead of a fixed number.
        months_under_supervision: the minimum and maximum, in completed months.
        only: what makes a case eligible.
        part_of: the framework whose sample an element uses.
        area_assessor_percent: the share of cases that go to area assessors.
        read_twice_percent: the share of cases that a second assessor also assesses, without seeing the first assessment.
        inspectors_first: a group whose cases go to area assessors only if inspectors have no room left.
        additional_in_scores: whether cases added for a thematic element count in the main sample's scores. By default,
            they don't, because they weren't drawn for it.
    """

    size: Annotated[int, Field(ge=1)] | None = None
    every: Key | None = None
    precision: Annotated[Precision | None, Later] = None
    months_under_supervision: tuple[int, int] | None = None
    quotas: tuple[Quota, ...] = ()
    only: Condition | None = None
    part_of: Identifier | None = None
    area_assessor_percent: Annotated[int, Field(ge=0, le=100)] = 0
    read_twice_percent: Annotated[int, Field(ge=0, le=100)] = 0
    inspectors_first: Key | None = None
    additional_in_scores: Annotated[bool, Later] = False


class CalendarRule(FrameworkPart):
    """An event, and how long after another event it falls.

    Attributes:
        role: what the event is in the life of an inspection, if a deadline depends on it.
        after: the event from which the time counts.
        weeks: the minimum and maximum.
        months: the minimum and maximum.
        concern: the event only happens if the inspection gives cause for serious concern.
    """

    event: Key
    title: Sentence
    role: Literal["", "draft", "comments", "publication", "response", "implementation", "follow_up"] = ""
    after: Key | None = None
    weeks: tuple[int, int] | None = None
    months: tuple[int, int] | None = None
    concern: bool = False


class Calendar(FrameworkPart):
    """How long fieldwork takes, and when each event follows."""

    fieldwork_weeks: Annotated[int, Field(ge=1)] = 1
    rules: tuple[CalendarRule, ...] = ()


class Measure(FrameworkPart):
    """One row of the table of performance targets.

    Attributes:
        unit: `percent` for a share, which can't be more than 100. `percent_of_target` for what was reached of a number that
            was set, which can.
        better: whether higher or lower figures are better.
    """

    key: Key
    title: Sentence
    unit: Literal["percent", "percent_of_target", "days", "number"] = "percent"
    target: float
    better: Literal["higher", "lower"] = "higher"


class Targets(FrameworkPart):
    """How performance is marked.

    Attributes:
        near_miss_percent: a figure that misses its target by no more than this percentage of it is a near miss.
    """

    near_miss_percent: Annotated[int, Field(ge=0, le=100)] = 0
    measures: tuple[Measure, ...] = ()


class Retention(FrameworkPart):
    """How long data about people are kept, in months after publication. If you leave a field out, they're kept forever.

    Attributes:
        pseudonymise_months: when cases lose the references and names that could identify people.
        purge_months: when assessors' own words are removed. Answers and scores stay.
    """

    pseudonymise_months: Annotated[int, Field(ge=1, le=600)] | None = None
    purge_months: Annotated[int, Field(ge=1, le=600)] | None = None


class Framework(FrameworkPart):
    """A whole framework. If it extends another one, this is what it looks like afterwards.

    Attributes:
        format: the edition of the language. Write 2; a file of the first edition stays valid.
        words: terms that differ from one framework to another, written as {name} in its texts. Some say what the subject
            is called in reports and on screens: `person`, `people`, `a_person`, `worker`, `body`, `bodies`, `supervised`,
            `source_file`.
        ratings: how judgement criteria are rated by the grades of their items.
        rating_scales: the ratings that criteria, sections and the whole can have.
        rated: how each level is rated.
    """

    format: Literal[1, 2]
    id: Identifier
    version: Annotated[str, Field(pattern=r"^\d+(\.\d+)*$")]
    title: Sentence
    kind: Literal["inspection", "follow_up", "element"] = "inspection"
    words: dict[Key, Sentence] = Field(default_factory=dict)
    scales: tuple[Scale, ...] = ()
    attributes: tuple[Attribute, ...] = ()
    groups: tuple[Group, ...] = ()
    threads: tuple[Thread, ...] = ()
    sections: tuple[Section, ...] = Field(min_length=1)
    scoring: Scoring = Scoring()
    ratings: Ratings | None = None
    rating_scales: Annotated[tuple[RatingScale, ...], Later] = ()
    rated: Annotated[Rated, Later] = Rated()
    sample: SampleDesign = SampleDesign()
    calendar: Calendar = Calendar()
    targets: Targets = Targets()
    retention: Annotated[Retention, Later] = Retention()

    @cached_property
    def criteria(self) -> dict[str, Criterion]:
        """Every criterion by its code, in order."""
        return {c.code: c for s in self.sections for c in s.criteria}

    @cached_property
    def questions(self) -> dict[str, Question]:
        """Every question by its key, in order."""
        return {q.key: q for c in self.criteria.values() for q in c.questions}

    @cached_property
    def criterion_of(self) -> dict[str, Criterion]:
        """The criterion that each question belongs to, by the question's key."""
        return {q.key: c for c in self.criteria.values() for q in c.questions}

    @cached_property
    def section_of(self) -> dict[str, Section]:
        """The section that each criterion belongs to, by the criterion's code."""
        return {c.code: s for s in self.sections for c in s.criteria}

    @cached_property
    def rates_levels(self) -> bool:
        """Whether the framework says of anything how it's rated."""
        parts: tuple[Criterion | Section, ...] = (*self.criteria.values(), *self.sections)
        return self.rated.overall is not None or any(self.find_method(part) for part in parts)

    @cached_property
    def subject(self) -> Subject:
        """What those whom the framework is about are called."""
        return Subject.from_framework(self)

    @cached_property
    def reads_cases(self) -> bool:
        """Whether anything is judged from cases. If not, there is no sample and no fieldwork on cases."""
        return any(c.kind == "case" for c in self.criteria.values())

    @cached_property
    def judges(self) -> bool:
        """Whether people judge anything: grade evidence, or rate a criterion directly."""
        return any(c.kind == "judgement" for c in self.criteria.values())

    @cached_property
    def rated_directly(self) -> tuple[str, ...]:
        """The codes of the criteria that people rate without grading items of evidence."""
        return tuple(c.code for c in self.criteria.values() if c.kind == "judgement" and not c.items)

    def find_method(self, part: Criterion | Section | None) -> RatingMethod | None:
        """How a criterion, a section or the whole (None) is rated; None if it isn't."""
        if part is None:
            return self.rated.overall
        return part.rated or (self.rated.criteria if isinstance(part, Criterion) else self.rated.sections)

    def find_rating_scale(self, key: str) -> RatingScale:
        """A scale of ratings by its key.

        Raises:
            StopIteration: the framework doesn't have it.
        """
        return next(scale for scale in self.rating_scales if scale.key == key)

    @cached_property
    def has_overall(self) -> bool:
        """Whether the framework has an overall score at all."""
        return any(section.weight for section in self.sections)

    @cached_property
    def scale_of(self) -> dict[str, Scale]:
        """The scale of each question, by the question's key."""
        scales = {s.key: s for s in self.scales}
        return {q.key: scales[q.scale] for q in self.questions.values()}

    def find_attribute(self, role: str) -> str | None:
        """The key of the attribute that plays a role; None if none does."""
        return next((a.key for a in self.attributes if a.role == role), None)

    def list_thread_questions(self, key: str) -> tuple[Question, ...]:
        """The scored questions that carry a thread's tag."""
        return tuple(q for q in self.questions.values() if q.scored and key in q.threads)
