"""A framework in words: what its page and `framework show` say of its questions, scales, groups, sample and ratings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from scrutineer.fieldwork.cases.condition_words import format_condition, format_label
from scrutineer.frameworks.fingerprint import hash_framework
from scrutineer.frameworks.model import Framework, Question, SampleDesign, Scale
from scrutineer.frameworks.question_kinds import find_kind
from scrutineer.report.parts.lines import list_words
from scrutineer.report.parts.rating_words import describe_ratings


@dataclass(frozen=True)
class WordsPart:
    """Some lines about one side of a framework."""

    title: str
    lines: tuple[str, ...]


def list_parts(framework: Framework) -> Iterator[WordsPart]:
    """The method in words; what the framework doesn't have is left out."""
    parts = {
        "Scales": _list_scales(framework),
        "Scores": _list_scores(framework),
        "Ratings": describe_ratings(framework),
        "Groups": _list_groups(framework),
        "Sample": _list_sample(framework, framework.sample),
    }
    for title, lines in parts.items():
        if own := tuple(lines):
            yield WordsPart(title, own)


def as_text(framework: Framework) -> Iterator[str]:
    """The whole framework, line by line."""
    yield f"{framework.title} ({framework.id} {framework.version})"
    yield hash_framework(framework)
    for section in framework.sections:
        weight = f", {section.weight}% of the overall score" if section.weight else ""
        yield from ("", f"{section.code}  {section.title}{weight}")
        for criterion in section.criteria:
            importance = f" [{criterion.importance}]" if criterion.importance else ""
            counted = "" if criterion.counted else " (not counted)"
            yield f"  {criterion.code}  {criterion.title} ({criterion.kind}){importance}{counted}"
            for question in criterion.questions:
                marks = list_marks(framework, question)
                yield f"      {question.key}: {question.text}{_put_in_brackets(marks)}"
                yield from (f"        {line}" for line in describe_question(framework, question))
            for item in criterion.items:
                yield f"      {item.key}: {item.text}{' (counts double)' if item.weight == 2 else ''}"
    for part in list_parts(framework):
        yield from ("", part.title, *(f"  {line}" for line in part.lines))


def describe_question(framework: Framework, question: Question) -> Iterator[str]:
    """What there is to know of a question besides its text."""
    yield f"Answered on: {framework.scale_of[question.key].title}"
    if question.when is not None:
        yield f"Asked if: {format_condition(framework, question.when)}"
    labels = {o.code: o.label for o in framework.scale_of[question.key].options}
    for number, rule in enumerate(question.derived, 1):
        when = format_condition(framework, rule.when) or "no other rule applies"
        yield f"Rule {number}: {labels.get(rule.answer, format_label(rule.answer))} if {when}"
    if question.weight != 1:
        yield f"Counts {question.weight:g} times"
    if question.may_not_apply:
        yield "The assessor may say that it doesn't apply"
    if question.guidance:
        yield f"Guidance: {question.guidance}"


def list_marks(framework: Framework, question: Question) -> list[str]:
    """In a few words, what sets a question apart."""
    words = {"summary": "summary question", "context": "recorded, not scored", "optional": "optional"}
    marks = [word for name, word in words.items() if getattr(question, name)]
    titles = {thread.key: thread.title for thread in framework.threads}
    return [*marks, *(f"thread {titles.get(key, key)}" for key in question.threads)]


def _put_in_brackets(words: list[str]) -> str:
    return f" ({', '.join(words)})" if words else ""


def _list_scales(framework: Framework) -> Iterator[str]:
    for scale in framework.scales:
        yield f"{scale.title}: {_describe_scale(scale)}."


def _describe_scale(scale: Scale) -> str:
    if not scale.options:
        return {"number": "a number", "date": "a day", "text": "in words"}[find_kind(scale).read_as]
    words = {True: " (above the line)", False: " (below the line)", None: ""}
    options = ", ".join(f"{o.label}{words[o.above] if scale.is_judged else ''}" for o in scale.options)
    if not scale.is_judged:
        several = "one or more of " if scale.kind == "choices" else ""
        return f"{several}{options}; recorded, not judged"
    missing = "counts as below the line" if scale.no_evidence_is_below else "is left out"
    return f"{options}; a case without enough evidence {missing}"


def _list_scores(framework: Framework) -> Iterator[str]:
    rule, scoring = framework.scoring.criterion, framework.scoring
    if rule.summary:
        yield f"In a criterion with a summary question, that counts {rule.summary}% and the others {rule.questions}%."
    if scoring.importance:
        weights = [f"{i.title} counts {i.weight}" for i in scoring.importance]
        yield f"In a section, a criterion marked {list_words(weights)}."
    weighted = [f"{s.code} {s.weight}%" for s in framework.sections if s.weight]
    if weighted:
        yield f"In the overall score, sections count: {list_words(weighted)}."
    if scoring.bands:
        bands = [f"{band.label} from {band.at_least}%" for band in scoring.bands]
        yield f"Scores are described by bands: {list_words(bands)}."
    if scoring.priority_line is not None:
        yield f"Criteria that score below {scoring.priority_line}% are priorities for improvement."


def _list_groups(framework: Framework) -> Iterator[str]:
    for group in framework.groups:
        yield f"{group.title}: {format_condition(framework, group.when)}."


def _list_sample(framework: Framework, sample: SampleDesign) -> Iterator[str]:
    titles = {group.key: group.title for group in framework.groups}
    if sample.size is not None:
        yield f"{sample.size} cases are drawn."
    if sample.precision is not None:
        points, confidence = sample.precision.points, sample.precision.confidence
        yield f"As many cases are drawn as an interval of ±{points:g} points at {confidence:g}% confidence needs."
    if sample.every is not None:
        yield f"Every eligible case of {titles.get(sample.every, sample.every)} is taken."
    if sample.months_under_supervision is not None:
        least, most = sample.months_under_supervision
        yield f"Cases have completed {least} to {most} months."
    if sample.only is not None:
        yield f"Eligible are: {format_condition(framework, sample.only)}."
    for quota in sample.quotas:
        number = f"at least {quota.at_least}" if quota.at_least else "a number agreed with each area"
        yield f"From {titles.get(quota.group, quota.group)}: {number}."
    if sample.area_assessor_percent:
        yield f"{sample.area_assessor_percent}% of the cases go to area assessors."
    if sample.read_twice_percent:
        yield f"{sample.read_twice_percent}% are assessed twice."
