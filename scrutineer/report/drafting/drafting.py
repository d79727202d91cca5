"""The first draft of a report's findings, as Markdown with every figure bound."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from scrutineer.frameworks.model import Criterion, Framework, Question, Section
from scrutineer.inspection.evidence import GradedItem, Judged
from scrutineer.inspection.scaffold import TO_WRITE
from scrutineer.inspection.whole_scores import REST
from scrutineer.report.drafting.selecting import SelectedQuestion, keep_kind, select
from scrutineer.report.figures.figures import FigureError, Figures
from scrutineer.report.figures.tested import is_significant
from scrutineer.report.figures.words import capitalise
from scrutineer.report.texts.refresh import refresh_text
from scrutineer.scoring.groups import ALL

STRENGTHS, IMPROVEMENTS = "Strengths", "Areas for improvement"
PRACTICE, CONCLUSION = "Good practice example", "Conclusion"


def draft_criterion(figures: Figures, criterion: Criterion) -> str:
    """The findings of one criterion: strengths, areas for improvement, and a conclusion where the form has one."""
    judged = figures.scored.judged.get(criterion.code)
    if criterion.kind == "judgement" and not (judged and any(item.pieces for item in judged.items)):
        return f"[to be written: the findings on {criterion.code}; there is no evidence on it yet]\n"
    lists = (
        _list_judged_lists(figures, criterion)
        if criterion.kind == "judgement"
        else _list_case_lists(figures, criterion)
    )
    lines = []
    for title, items in zip((STRENGTHS, IMPROVEMENTS), lists, strict=True):
        if items:
            lines += [f"## {title}", "", *(f"- {item}" for item in items), ""]
    conclusion = _write_conclusion(figures, criterion)
    if conclusion:
        lines += [f"## {CONCLUSION}", "", conclusion, ""]
    if not lines:
        lines = [_say_nothing_found(figures, criterion), ""]
    return refresh_text("\n".join(lines), figures)


def _say_nothing_found(figures: Figures, criterion: Criterion) -> str:
    if criterion.records_facts:
        return "The questions on this criterion record facts, which aren't scored."
    if _is_part_of_main(figures):
        return "On this criterion, the work in these cases did not differ from that in the others."
    return "There are no findings on this criterion, because none of its questions applied to any case."


def _list_case_lists(figures: Figures, criterion: Criterion) -> tuple[list[str], list[str]]:
    selected = select(figures, criterion)
    if _is_part_of_main(figures):
        selected = tuple(item for item in selected if item.differs)
    return (
        [_write_sentence(figures, item) for item in keep_kind(selected, "strength")],
        [_write_sentence(figures, item) for item in keep_kind(selected, "area_for_improvement")],
    )


def _is_part_of_main(figures: Figures) -> bool:
    """Whether these are the figures of an element on part of the main sample: only differences are reported there."""
    return REST in figures.scored.full.groups


def _write_sentence(figures: Figures, item: SelectedQuestion) -> str:
    """A finding in the house style, with the second group, and the comparison if they differ."""
    key = item.question.key
    only = ", only=True" if item.kind == "area_for_improvement" else ""
    text = f'{_write_phrase(figures, item.question)} in {{{{ cases("{key}"{only}) }}}}'
    if item.differs or (figures.original is not None and _can(figures, key)):
        text += f', {{{{ compared("{key}") }}}}'
    if item.beside:
        group = figures.house.beside or ""
        text += f'; and in {{{{ cases("{key}", group="{group}") }}}}'
        if is_significant(figures.find_row(key, group)):
            text += f', {{{{ compared("{key}", group="{group}") }}}}'
    missing = _count_missing(figures, item.question)
    if not missing:
        return f"{text}."
    cases = "1 case has" if missing == 1 else f"{missing} cases have"
    return f"{text}. {TO_WRITE.format(f'{cases} no answer to this yet')}"


def _can(figures: Figures, name: str) -> bool:
    try:
        figures.compared(name)
    except FigureError:
        return False
    return True


def _write_phrase(figures: Figures, question: Question) -> str:
    """What a question finds, as the beginning of a sentence."""
    phrase = figures.house.phrases.get(question.key)
    if phrase is None:
        return f"The answer to “{question.text}” was sufficient or better"
    return capitalise(phrase.format(**figures.scored.framework.words))


def _list_judged_lists(figures: Figures, criterion: Criterion) -> tuple[list[str], list[str]]:
    judged = figures.scored.judged.get(criterion.code)
    if judged is None:
        return [], []
    ratings = figures.scored.framework.ratings
    grades = [g.key for g in ratings.grades] if ratings else []
    upper = grades[: (len(grades) + 1) // 2]
    lists: tuple[list[str], list[str]] = ([], [])
    mentioned: set[str] = set()
    for item in judged.items:
        if item.grade is not None and not item.item.national:
            lists[0 if item.grade in upper else 1].append(_write_item(item, mentioned))
    return lists


def _write_item(item: GradedItem, mentioned: set[str]) -> str:
    """An item with what its evidence says of it; a note on a whole piece is printed with the first item it bears on."""
    said = []
    for piece in item.pieces:
        note = (piece.says.get(item.item.key) or ("" if piece.says else piece.note)).strip().rstrip(".")
        if note and note not in mentioned:
            said.append(capitalise(note))
            mentioned.add(note)
    return ". ".join([item.item.text.rstrip("."), *said]) + "."


def _write_conclusion(figures: Figures, criterion: Criterion) -> str:
    code = criterion.code
    if criterion.kind == "judgement":
        return ""
    if figures.original is not None and figures.find_row(code) is not None and _can(figures, code):
        row = figures.find_row(code)
        assert row is not None  # noqa: S101 looked at above
        outcome = {
            "significantly higher": "Practice had improved",
            "significantly lower": "Practice had declined",
        }.get(row.words)
        score = f'the score was {{{{ score("{code}") }}}}, {{{{ compared("{code}") }}}}.'
        if outcome is not None:
            return f"{outcome}: {score}"
        differs = "same as" not in figures.compared(code).text
        chance = (
            " This difference could be due to chance."
            if differs and row.words == "no significant difference"
            else ""
        )
        return f"{capitalise(score)}{chance}"
    if figures.original is not None:
        score = f' The score was {{{{ score("{code}") }}}}.' if _is_scored(figures, code) else ""
        return (
            f"The original inspection gave no score for this criterion, so the two cannot be compared.{score}"
        )
    if figures.scored.framework.scoring.bands and _is_scored(figures, code):
        rated = f': {{{{ rating("{code}") }}}}' if _is_rated(figures, code) else ""
        return f'The score was {{{{ score("{code}") }}}}{rated}.'
    return ""


def _is_rated(figures: Figures, code: str) -> bool:
    """Whether the rating of a scored criterion may be printed."""
    try:
        figures.rating(code)
    except FigureError:
        return False
    return True


def draft_summary(figures: Figures) -> str:
    """The key findings: a paragraph for each section, the strongest and the weakest work first."""
    framework = figures.scored.framework
    lines = [f"- {text}" for section in framework.sections if (text := _write_section(figures, section))]
    lines += [f"- {text}" for text in _list_threads(figures, framework)]
    return refresh_text("\n".join(["## Key findings", "", *lines, ""]), figures)


def _write_section(figures: Figures, section: Section) -> str:
    head = f"**{section.title}:**"
    scored = [c for c in section.scored_criteria if _is_scored(figures, c.code)]
    rated = [
        c
        for c in section.criteria
        if c.kind == "judgement" and (j := figures.scored.judged.get(c.code)) and j.final is not None
    ]
    sentences = []
    if scored and _is_scored(figures, section.code):
        code = section.code
        sentences.append(
            f'The score for this section was {{{{ score("{code}") }}}}'
            + (f', with an interval of {{{{ interval("{code}") }}}}' if _has_interval(figures, code) else "")
            + (f', {{{{ compared("{code}") }}}}.' if _can(figures, code) else ".")
        )
    if len(scored) > 1:
        sentences.append(_write_highest_and_lowest(figures, scored))
    sentences += _list_examples(figures, scored)
    sentences += _open_in(figures, scored)
    if rated:
        rated_titles = [f'{c.code} {c.title}, {{{{ rating("{c.code}") }}}}' for c in rated]
        sentences.append(f"The ratings were: {'; '.join(rated_titles)}.")
    return f"{head} {' '.join(sentences)}" if sentences else ""


def _write_highest_and_lowest(figures: Figures, scored: Sequence[Criterion]) -> str:
    """Which criteria score highest and lowest as printed, with everything that ties."""
    printed = {c.code: figures.score(c.code).text for c in scored}
    ranked = sorted(scored, key=lambda c: -_find_value(figures, c.code))
    best = [c for c in ranked if printed[c.code] == printed[ranked[0].code]]
    worst = [c for c in ranked if printed[c.code] == printed[ranked[-1].code]]
    if len(best) == len(ranked):
        return f'Every criterion had the same score ({{{{ score("{best[0].code}") }}}}).'
    return f"The highest score was for {_add_score(best)} and the lowest was for {_add_score(worst)}."


def _add_score(criteria: Sequence[Criterion]) -> str:
    names = [f"{c.code} {c.title}" for c in criteria]
    listed = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
    each = "each " if len(names) > 1 else ""
    return f'{listed} ({each}{{{{ score("{criteria[0].code}") }}}})'


def _open_in(figures: Figures, criteria: Sequence[Criterion]) -> Iterator[str]:
    """What is not answered yet, marked as still to be written, so that nothing is issued that rests on it."""
    number = sum(_count_missing(figures, question) for c in criteria for question in c.questions)
    if number:
        answers = "1 answer in this section is" if number == 1 else f"{number} answers in this section are"
        yield TO_WRITE.format(f"{answers} still missing")


def _count_missing(figures: Figures, question: Question) -> int:
    """How many cases have no answer to a question yet."""
    result = figures.scored.full.groups[ALL].questions.get(question.key)
    return result.counts.missing if result else 0


def _has_interval(figures: Figures, name: str) -> bool:
    try:
        figures.interval(name)
    except FigureError:
        return False
    return True


def _list_examples(figures: Figures, criteria: Sequence[Criterion]) -> Iterator[str]:
    """The finding that lies furthest below the line, and the one furthest above it, important criteria first."""
    scoring = figures.scored.framework.scoring
    every = [
        (scoring.find_weight(c), item)
        for c in criteria
        for item in select(figures, c)
        if not item.question.context
    ]
    for kind, lead in (
        ("area_for_improvement", "Most in need of attention"),
        ("strength", "Among the strengths"),
    ):
        weighed = [(weight, item) for weight, item in every if item.kind == kind]
        if weighed:
            _, example = max(weighed, key=lambda pair: (pair[0], pair[1].distance))
            key = example.question.key
            only = ", only=True" if kind == "area_for_improvement" else ""
            phrase = _write_phrase(figures, example.question)
            phrase = phrase[:1].lower() + phrase[1:]
            yield f'{lead}: {phrase} in {{{{ cases("{key}"{only}) }}}}.'


def _list_threads(figures: Figures, framework: Framework) -> Iterator[str]:
    for thread in framework.threads:
        if _is_scored(figures, thread.key):
            text = f'the score for all questions in this thread was {{{{ score("{thread.key}") }}}}'
            more = f', {{{{ compared("{thread.key}") }}}}' if _can(figures, thread.key) else ""
            yield f"**{thread.title}:** {capitalise(text)}{more}."


def _is_scored(figures: Figures, name: str) -> bool:
    try:
        figures.score(name)
    except FigureError:
        return False
    return True


def _find_value(figures: Figures, name: str) -> float:
    return figures.score(name).percent or 0.0


def draft_assessment(figures: Figures) -> str:
    """The overall assessment of a thematic element: its scores next to those of the main sample."""
    framework = figures.scored.framework
    lines = []
    for section in framework.sections:
        if not _is_scored(figures, section.code):
            continue
        code = section.code
        beside = f', {{{{ compared("{code}") }}}}' if _can(figures, code) else ""
        lines.append(f'- **{section.title}:** The score was {{{{ score("{code}") }}}}{beside}.')
    rated = [j for j in figures.scored.judged.values() if j.final is not None]
    if rated:
        rated_titles = [
            f'{j.criterion.code} {j.criterion.title}, {{{{ rating("{j.criterion.code}") }}}}' for j in rated
        ]
        lines.append(
            f"- **{_write_management(framework, rated)}:** The ratings were: {'; '.join(rated_titles)}."
        )
    return refresh_text("\n".join([*lines, ""]), figures)


def _write_management(framework: Framework, rated: Sequence[Judged]) -> str:
    section = framework.section_of[rated[0].criterion.code]
    return section.title
