"""Check a narrative against the data and the house style: what must be corrected before a report is issued."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from scrutineer.frameworks.house import WordRule
from scrutineer.report.figures.figures import Figure, FigureError, Figures
from scrutineer.report.figures.words import format_whole
from scrutineer.report.texts.parse import FIGURE, Parsed
from scrutineer.report.texts.remark import Remark
from scrutineer.report.texts.unbound import Typed, list_typed_numbers
from scrutineer.statistics.printed import calculate_share

UNFILLED = re.compile(r"\[to be written[^\]]*\]", re.IGNORECASE)
"""The placeholder where a person still has to write."""

_COUNTED = (
    r"(?:\s+(?:of\b(?!\s+all\b)|were|was|had|have|are|is|did|do)\b|\s*\(\s*\ufffc"
    r"|\s+(?:\w+\s+){0,1}?(?:cases|files|offenders|victims|respondents|responses|people|criteria)\b)"
)
_SENTENCE = re.compile(r"[^.!?]+(?:[.!?]+(?=\s|$)|$|[.!?](?=\S)[^.!?]*)*")


def find_remarks(parsed: Parsed, figures: Figures) -> tuple[Remark, ...]:
    """Everything that is wrong with a text, in the order of its lines."""
    remarks = [
        *parsed.remarks,
        *_find_unfilled(parsed),
        *_find_stale(parsed),
        *_find_unbound(parsed, figures),
        *_find_words(parsed, figures),
        *_find_misplaced(parsed, figures),
    ]
    return tuple(sorted(remarks, key=lambda r: r.line))


def _find_unfilled(parsed: Parsed) -> Iterator[Remark]:
    for n, line in enumerate(parsed.text.lines, 1):
        for match in UNFILLED.finditer(line):
            yield Remark(
                rule="unfilled",
                severity="error",
                where=parsed.text.where,
                line=n,
                quote=match.group(0),
                message="this part is not written yet",
                do="write it, or remove the line if there is nothing to say",
            )


def _find_stale(parsed: Parsed) -> Iterator[Remark]:
    for spot in parsed.spots:
        was, now = spot.binding.was, spot.figure.text
        if was is None and spot.binding.name != "source":
            yield Remark(
                rule="unread-figure",
                severity="note",
                where=parsed.text.where,
                line=spot.line,
                quote=f"{{{{ {spot.binding.code} }}}}",
                message=f"the figure when this sentence was written is not recorded; it is now '{now}'",
                do="read the sentence and confirm it, so that later changes are noticed",
            )
        if was is not None and was != now:
            yield Remark(
                rule="stale-figure",
                severity="error",
                where=parsed.text.where,
                line=spot.line,
                quote=f"{{{{ {spot.binding.code} }}}}",
                message=f"this was '{was}' when the sentence was written; it is now '{now}'",
                do=f"read the sentence again, then write {spot.binding.write(now)} or confirm that you have read it",
            )


_STRENGTHS, _IMPROVEMENTS = {"strengths", "strength"}, {"areas for improvement", "area for improvement"}


def _find_misplaced(parsed: Parsed, figures: Figures) -> Iterator[Remark]:
    """Findings that are in the wrong list by their own first figure: a person may mean that, so it is a warning."""
    line = figures.house.numbers.line
    for prose in parsed.prose:
        figure = next(
            (f for f in prose.figures if f and f.percent is not None and f.key.split(":")[-1] != "below"),
            None,
        )
        if figure is None or figure.percent is None or not parsed.text.name.startswith("findings/"):
            continue
        heading = prose.under.lower()
        low, high = (
            heading in _STRENGTHS and figure.percent < line,
            heading in _IMPROVEMENTS and figure.percent >= line,
        )
        if low or high:
            what = f"'{figure.text}' is under {prose.under}, but the line is {line}%"
            do = "move it, or leave it if you mean it"
            yield Remark(
                rule="misplaced",
                severity="warning",
                where=parsed.text.where,
                line=prose.line,
                quote=figure.text,
                message=what,
                do=do,
            )


def _find_unbound(parsed: Parsed, figures: Figures) -> Iterator[Remark]:
    for prose in parsed.prose:
        for typed in list_typed_numbers(_remove_names(_remove_unfilled(prose.text), figures)):
            yield Remark(
                rule="unbound-number",
                severity="error" if typed.counts else "warning",
                where=parsed.text.where,
                line=prose.find_line(typed.start),
                quote=typed.text,
                message=f"'{typed.text}' is typed by hand, not taken from the data",
                do=_suggest_instead(typed, figures, parsed.text.name),
            )


def _remove_names(text: str, figures: Figures) -> str:
    """The text without criteria named by code and title: the code is not a number."""
    for code, criterion in figures.scored.framework.criteria.items():
        name = f"{code} {criterion.title}"
        text = text.replace(name, " " * len(name))
    return text


def _remove_unfilled(text: str) -> str:
    return UNFILLED.sub(lambda m: " " * len(m.group(0)), text)


def _suggest_instead(typed: Typed, figures: Figures, name: str) -> str:
    """What to write in a typed number's place: the bindings that give this very figure, those of the criterion first."""
    quoted = f'{{{{ source("{typed.text}", "where it is from") }}}}'
    if "%" not in typed.text:
        return f"use a bound figure, or write {quoted} if it is quoted"
    fitting = list(_list_giving(typed.text.replace(" ", ""), figures, name.rpartition("/")[2]))
    if not fitting:
        return f"no figure in this inspection is {typed.text}; use the right figure, or write {quoted} if it is quoted"
    return f"write {' or '.join(fitting[:3])}; or {quoted} if it is quoted"


def _list_giving(text: str, figures: Figures, code: str) -> Iterator[str]:
    framework, group = figures.scored.framework, figures.scored.shown.groups["all"]
    order = sorted(framework.questions, key=lambda key: framework.criterion_of[key].code != code)
    for key in order:
        result = group.questions.get(key)
        counts = result.counts if result else None
        if not counts or counts.relevant < figures.house.numbers.percent_from:
            continue
        if format_whole(calculate_share(counts.above, counts.relevant)) == text:
            yield f'{{{{ share("{key}") }}}}'
        elif format_whole(calculate_share(counts.relevant - counts.above, counts.relevant)) == text:
            yield f'{{{{ share("{key}", below=True) }}}}'
    for name in (*framework.criteria, *(s.code for s in framework.sections), "overall"):
        try:
            if figures.score(name).text == text:
                yield f'{{{{ score("{name}") }}}}'
        except FigureError:
            continue


def _find_words(parsed: Parsed, figures: Figures) -> Iterator[Remark]:
    """Words used for a figure, each with the nearest figure of its own sentence."""
    for prose in parsed.prose:
        for sentence in _SENTENCE.finditer(prose.text):
            first = prose.text[: sentence.start()].count(FIGURE)
            inside = [
                (match.start(), prose.figures[first + n])
                for n, match in enumerate(re.finditer(FIGURE, sentence.group(0)))
            ]
            for rule in figures.house.words:
                for start, used in _list_uses(rule, sentence.group(0), figures.house.words):
                    line = prose.find_line(sentence.start() + start)
                    remark = _judge(parsed, line, (start, used), rule, inside)
                    if remark is not None:
                        yield remark


def _list_uses(rule: WordRule, sentence: str, rules: Sequence[WordRule]) -> Iterator[tuple[int, str]]:
    """Where a sentence uses a word for a figure: "most cases" does, "most likely" does not."""
    tail = _COUNTED if rule.of == "share" else ""
    for match in re.finditer(rf"(?<!\w){re.escape(rule.word)}(?!\w){tail}", sentence, re.IGNORECASE):
        longer = [r.word for r in rules if rule.word in r.word and r.word != rule.word]
        before = sentence[: match.start() + len(rule.word)].lower()
        if not any(before.endswith(word) for word in longer):
            yield match.start(), match.group(0)


def _judge(
    parsed: Parsed,
    line: int,
    used: tuple[int, str],
    rule: WordRule,
    inside: Sequence[tuple[int, Figure | None]],
) -> Remark | None:
    nearby = [(place, figure) for place, figure in inside if figure is not None and _is_about(rule, figure)]
    where = (parsed.text.where, line, used[1])
    if not nearby:
        kind = "share" if rule.of == "share" else "comparison"
        return Remark(
            "word-rule",
            "error",
            *where,
            f"'{rule.word}' means a figure ({rule.meaning}), but its sentence has none",
            f"add the {kind} that it means, or choose another word",
        )
    after = [pair for pair in nearby if pair[0] > used[0]]
    figure = after[0][1] if after else nearby[-1][1]
    if _is_allowed(rule, figure):
        return None
    return Remark(
        "word-rule",
        "error",
        *where,
        f"'{rule.word}' means {rule.meaning}, but the figure is {figure.text}",
        "choose the word that fits the figure",
    )


def _is_about(rule: WordRule, figure: Figure) -> bool:
    return (figure.percent if rule.of == "share" else figure.change) is not None


def _is_allowed(rule: WordRule, figure: Figure) -> bool:
    value = figure.percent if rule.of == "share" else figure.change
    return value is not None and rule.allows(value, figure.significant)
