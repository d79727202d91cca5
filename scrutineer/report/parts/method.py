"""How the inspection was made and how it is scored, written from the framework, so that the two cannot disagree."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from scrutineer.frameworks.model import Framework, RatingRule, Ratings
from scrutineer.inspection.dates import format_day, list_steps
from scrutineer.inspection.surveys import Survey
from scrutineer.report.document.blocks import Block, Bullets, Cell, Heading, Inline, Row, Table, make_words
from scrutineer.report.figures.figures import Figure
from scrutineer.report.figures.words import capitalise, format_whole
from scrutineer.report.parts.lines import compose_line, compose_paragraph, format_number, list_words, lower
from scrutineer.report.parts.material import ReportMaterial, name_section
from scrutineer.report.parts.rating_words import describe_ratings
from scrutineer.statistics.printed import calculate_share


def compose_arrangements(material: ReportMaterial) -> tuple[Block, ...]:
    """How cases were chosen and read, who was asked, and when."""
    reads_cases = material.framework.reads_cases
    items = [
        *_compose_scope(material),
        *(_compose_sample(material) if reads_cases else ()),
        *(_compose_reading(material) if reads_cases else ()),
        *_compose_asked(material),
        *_compose_when(material),
    ]
    items += _compose_elements(material)
    return (*material.find_blocks("arrangements"), Bullets(tuple(items)))


def _compose_scope(material: ReportMaterial) -> Iterator[Inline]:
    framework = material.framework
    titles = list_words([lower(s.title) for s in framework.sections])
    yield compose_line(
        f"The {framework.subject.body} was judged against {format_number(len(framework.criteria))} criteria, covering {titles}."
    )


def _compose_sample(material: ReportMaterial) -> Iterator[Inline]:
    design, record = material.framework.sample, material.inspection.record
    size = material.figures.size()
    window = design.months_under_supervision
    subject = material.framework.subject
    since = f" who had been {subject.supervised} for {_format_months(window)}" if window else ""
    if design.every:
        noun = material.figures.find_noun(design.every)
        yield compose_line("Every one of the ", size, f" {noun}{since} was inspected.")
    elif record is not None:
        yield compose_line(
            "The inspectorate drew a random sample of ",
            size,
            " cases from ",
            Figure("eligible", format_number(record.eligible)),
            f" {subject.people}{since}. It kept a record, so that anyone with the caseload can draw the same sample again.",
        )
    else:
        yield compose_line("The inspection covered ", size, f" cases of {subject.people}{since}.")
    for quota in design.quotas:
        if quota.group in material.figures.scored.shown.groups and not material.figures.scored.shown.hides(
            quota.group
        ):
            yield compose_line(
                "The sample included ",
                material.figures.size(quota.group),
                f" {material.figures.find_noun(quota.group)}.",
            )
    if record is not None and record.substitutions:
        number = len(record.substitutions)
        replaced = Figure("substitutions", capitalise(format_number(number)))
        cases = (
            "case that could not be inspected was"
            if number == 1
            else "cases that could not be inspected were"
        )
        reason = "the reason was" if number == 1 else "the reasons were"
        yield compose_line(replaced, f" {cases} replaced from the reserves, and {reason} recorded.")


def _format_months(window: tuple[int, int]) -> str:
    least, most = window
    if least == most:
        return f"about {format_number(least)} months"
    # Words up to nine and figures from 10 on would give "nine to 10".
    ends = (str(least), str(most)) if most > 9 else (format_number(least), format_number(most))
    return f"about {' to '.join(ends)} months"


def _compose_reading(material: ReportMaterial) -> Iterator[Inline]:
    cases = material.inspection.cases
    if cases is None:
        return
    frame = cases.caseload.frame
    subject = material.framework.subject
    asked = (
        f" and discussed the work, question by question, with the {subject.worker}" if subject.worker else ""
    )
    yield compose_line(f"In every case, an assessor read the {subject.file}{asked}.")
    if "assessor_kind" in frame.columns:
        by_area = int((frame["assessor_kind"] == "area_assessor").sum())
        if by_area:
            figure = Figure("by-area-assessors", format_whole(calculate_share(by_area, frame.height)))
            yield compose_line(
                figure,
                f" of the cases were assessed by practitioners from the {subject.body}, who took no case from their own team.",
            )
    if cases.answers.second is not None and "second_assessor" in frame.columns:
        twice = frame.height - frame["second_assessor"].null_count()
        if twice:
            were = "case was" if twice == 1 else "cases were"
            yield compose_line(
                Figure("read-twice", capitalise(format_number(twice))),
                f" {were} also assessed by a second assessor, who did not see the first assessor's answers, to show how far "
                "assessors agree.",
            )


def _compose_asked(material: ReportMaterial) -> Iterator[Inline]:
    surveys = material.inspection.surveys
    for survey in surveys.surveys:
        yield _compose_survey(material, survey)
    if surveys.focus_groups:
        people = sum(g.people for g in surveys.focus_groups)
        groups = sum(g.groups for g in surveys.focus_groups)
        yield compose_line(
            Figure("focus-groups", capitalise(format_number(groups))),
            f" focus group{'s' if groups > 1 else ''} brought together ",
            Figure("focus-group-people", format_number(people)),
            " person." if people == 1 else " people.",
        )
    kinds = {"document": 0, "meeting": 0, "interview": 0, "observation": 0}
    for piece in material.inspection.evidence.pieces:
        kinds[piece.kind] += 1
    counted = [f"{format_number(n)} {kind}{'s' if n > 1 else ''}" for kind, n in kinds.items() if n]
    if counted:
        yield compose_line("The judgements are based on ", Figure("evidence", list_words(counted)), ".")


def _compose_survey(material: ReportMaterial, survey: Survey) -> Inline:
    figures = material.figures
    if survey.kind == "interview":
        how = f", {survey.how}" if survey.how else ""
        return compose_line(
            "Of ",
            figures.sent(survey.key),
            f" {survey.of}, ",
            figures.returned(survey.key),
            f" {_choose_were(survey.returned)} interviewed{how}.",
        )
    return compose_line(
        "Of ",
        figures.sent(survey.key),
        f" questionnaires to {survey.of}, ",
        figures.returned(survey.key),
        f" {_choose_were(survey.returned)} returned.",
    )


def _choose_were(number: int) -> str:
    return "was" if number == 1 else "were"


def _compose_when(material: ReportMaterial) -> Iterator[Inline]:
    published = material.inspection.dates.events.get("publication")
    for step in list_steps(material.framework, material.inspection.dates):
        if step.on is not None and (published is None or step.on < published):
            yield compose_line(
                f"{step.rule.title}: ", Figure(f"date:{step.rule.event}", format_day(step.on)), "."
            )


def _compose_elements(material: ReportMaterial) -> Iterator[Inline]:
    for element in material.bound.elements:
        yield compose_line(
            f"A thematic element looked at {lower(element.element.framework.title)}; its findings are in an annex."
        )


def compose_approach(material: ReportMaterial) -> tuple[Block, ...]:
    """How answers become scores and evidence becomes ratings."""
    framework = material.framework
    blocks: list[Block] = []
    if framework.ratings is not None and any(c.items for c in framework.criteria.values()):
        blocks += _compose_ratings(framework, framework.ratings)
    if framework.reads_cases:
        blocks += _compose_case_criteria(framework)
    blocks += _compose_rated(framework)
    if framework.reads_cases:
        blocks += _compose_certainty(material)
    return tuple(blocks)


def _compose_rated(framework: Framework) -> Iterator[Block]:
    """How levels are rated, where the framework says so."""
    if not framework.rates_levels:
        return
    yield Heading("How ratings follow", 1)
    yield Bullets(tuple(make_words(text) for text in describe_ratings(framework)))


def _compose_ratings(framework: Framework, ratings: Ratings) -> Iterator[Block]:
    rated = [c.code for c in framework.criteria.values() if c.items]
    grades = list_words([g.title.lower() for g in ratings.grades], "or")
    yield Heading("Criteria judged from evidence", 1)
    yield compose_paragraph(
        f"{list_words(rated)} are judged from documents, meetings, interviews and observation. The evidence on each item of a "
        f"criterion is graded {grades}. Every item needs at least {format_number(ratings.sources_at_least)} independent sources. "
        "A criterion gets the first of these ratings that its items' grades meet:"
    )
    yield Bullets(
        tuple(
            (*make_words(f"{rule.title}: ", strong=True), *make_words(_write_rule(rule, ratings) + "."))
            for rule in ratings.rules
        )
    )
    double = [i.text for c in framework.criteria.values() for i in c.items if i.weight > 1]
    if double:
        counts = "This item counts" if len(double) == 1 else "These items count"
        yield compose_paragraph(f"{counts} double: {list_words([lower(t) for t in double])}.")
    if any(i.national for c in framework.criteria.values() for i in c.items):
        yield compose_paragraph("Items about a national body do not count towards the rating.")
    yield compose_paragraph(
        "The lead inspector may give a different rating. Where they have, the report gives both ratings and the reason."
    )


_NEEDS = {
    "all": "every item is {}",
    "majority": "most items are {}",
    "some": "some items are {}",
    "rest": "and every other item is {}",
    "not_all": "but not every item is {}",
}


def _write_rule(rule: RatingRule, ratings: Ratings) -> str:
    best = ratings.grades[0].key
    titles = {
        g.key: g.title.lower() if g.key == best else f"at least {g.title.lower()}" for g in ratings.grades
    }
    needs = [_NEEDS[name].format(titles[grade]) for name, grade in rule.conditions.items()]
    return ", ".join(needs) if needs else "none of the above"


def _compose_case_criteria(framework: Framework) -> Iterator[Block]:
    yield Heading("Criteria scored from cases", 1)
    above = list_words(_list_above(framework), "or")
    below = list_words(_list_above(framework, False), "or")
    yield compose_paragraph(
        f"Each question is answered for every case to which it applies. An answer of {above} is above the line, and one "
        f"of {below} is below it. A question's result is the share of its relevant cases that are above the line. Cases to "
        "which it does not apply are left out. Cases without enough evidence to judge count as below the line."
    )
    rule = framework.scoring.criterion
    if rule.summary:
        yield compose_paragraph(
            f"In a criterion's score, the mean of its questions counts for {rule.questions}% and its summary question for "
            f"{rule.summary}%. If a criterion has no summary question, its score is the mean of its questions."
        )
    else:
        yield compose_paragraph(
            "A criterion's score is the mean of the results of its questions, which all count equally."
        )
    if any(q.derived for q in framework.questions.values()):
        yield compose_paragraph(
            "Some answers are not given by assessors. They follow from the other answers of the same case, by the first rule "
            "that applies."
        )
    yield from _compose_importance(framework)
    yield from _compose_overall(framework)
    for thread in framework.threads:
        yield compose_paragraph(
            f"The score of the {thread.title} thread is the mean of all its questions, which are in sections "
            f"{list_words(list(thread.sections))}."
        )
    if framework.scoring.priority_line is not None:
        yield compose_paragraph(
            f"A criterion that scores below {framework.scoring.priority_line}% is a priority for improvement. The score is "
            "not rounded before it is compared with the line."
        )
    yield compose_paragraph(
        "Scores are rounded only at the end. Percentages are printed as whole numbers, with halves rounded up."
    )


def _list_above(framework: Framework, above: bool = True) -> list[str]:
    used = {q.scale for q in framework.questions.values() if q.scored}
    return [
        o.label.lower()
        for scale in framework.scales
        if scale.key in used
        for o in scale.options
        if o.above is above
    ]


def _compose_importance(framework: Framework) -> Iterator[Block]:
    titles = {i.key: i for i in framework.scoring.importance}
    if not titles:
        yield compose_paragraph("A section's score is the mean of its criteria.")
        return
    weights = list_words(
        [f"{i.title.lower()} criteria count {_format_times(i.weight)}" for i in titles.values()]
    )
    yield compose_paragraph(f"A section's score is the weighted mean of its criteria: {weights}.")
    rows: list[Row] = []
    for section in framework.sections:
        scored = section.scored_criteria
        if not scored:
            continue
        rows.append(Row(name_section(section.code, section.title), (Cell(""),), strong=True))
        for criterion in scored:
            importance = titles[criterion.importance].title if criterion.importance in titles else ""
            rows.append(Row(f"{criterion.code} {criterion.title}", (Cell(importance),)))
    yield Table(
        key="importance",
        caption="Importance of each criterion",
        columns=("Criterion", "Importance"),
        names=("criterion", "importance"),
        rows=tuple(rows),
    )


def _format_times(weight: int) -> str:
    return {1: "once", 2: "twice"}.get(weight, f"{format_number(weight)} times")


def _compose_overall(framework: Framework) -> Iterator[Block]:
    weighted = [s for s in framework.sections if s.weight]
    if not weighted:
        return
    total = sum(Fraction(s.weight or 0) for s in weighted)
    parts = list_words([f"{s.code} {format_whole(100 * Fraction(s.weight or 0) / total)}" for s in weighted])
    apart = [c.code for s in weighted for c in s.criteria if not c.counted]
    excluded = f" {list_words(apart)} {'is' if len(apart) == 1 else 'are'} not part of it." if apart else ""
    yield compose_paragraph(f"Weights of the sections in the overall score: {parts}.{excluded}")


def explain_interval(weighted: bool) -> str:
    """What an interval says, where there are weighted scores next to the plain ones and where there aren't."""
    if not weighted:
        return "We can be 95% confident that it contains the score of the whole caseload."
    return (
        "We can be 95% confident that the interval of a weighted score contains the score of the whole caseload. The interval of "
        "an unweighted score is for a caseload with the same mix of cases as those inspected."
    )


def _compose_certainty(material: ReportMaterial) -> Iterator[Block]:
    numbers = material.house.numbers
    yield Heading("How certain the figures are", 1)
    population = material.inspection.population
    census = population is not None and population <= material.figures.scored.full.groups["all"].cases
    weighted = material.figures.scored.shown.groups["all"].weighted is not None
    text = (
        "Every case that could have been inspected was inspected, so the figures have no sampling error."
        if census
        else f"The cases are a sample, so each score has an interval. {explain_interval(weighted)} The interval is narrower where a "
        "large part of the caseload was inspected."
    )
    yield compose_paragraph(text)
    if weighted:
        yield compose_paragraph(
            "Some kinds of case were sampled more often than others, so that more can be said about them. The scores describe "
            "the inspected cases, so those kinds of case count for more than they do in the caseload. Scores are calculated in the "
            "same way for every area. In the weighted scores, each case counts for the number of cases in the caseload that it "
            "represents, so these scores estimate those of the whole caseload."
        )
    yield compose_paragraph(
        "A difference is called significant only where a test finds one. The test asks whether practice differs, not just whether "
        "the inspected cases do. It allows for the number of comparisons between the same two groups of cases: of the differences "
        "called significant between them, no more than one in 20 is expected to be due to chance. "
        f"For questions with fewer than {format_number(numbers.percent_from)} relevant cases, the report gives counts."
        + (
            f" Figures for a group based on fewer than {format_number(numbers.publish_from)} cases are withheld, and so are any "
            "figures that would reveal them."
            if numbers.publish_from > 1
            else ""
        )
    )
    rules = material.house.words
    if rules:
        yield compose_paragraph("In this report, these words have a fixed meaning:")
        yield Bullets(
            tuple((*make_words(f"{r.word}: ", strong=True), *make_words(f"{r.meaning}.")) for r in rules)
        )
