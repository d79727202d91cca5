"""Two frameworks, change by change: wording, meaning, scale, split, merge, added, retired, weight, and method for all else.

Questions are the same question when they bear the same key, or when one says that it comes
`from` the other. A new text is a matter of wording until the author raises `meaning`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Literal

from scrutineer.frameworks.field_changes import list_field_changes, write_part
from scrutineer.frameworks.model import Criterion, Framework, Question, Scale

Class = Literal["wording", "meaning", "scale", "split", "merge", "added", "retired", "weight", "method"]


@dataclass(frozen=True)
class FrameworkChange:
    """One change: its class, what it touches (a key or code), and the old and new state in words."""

    change: Class
    of: Literal["section", "criterion", "question", "framework"]
    name: str
    old: str
    new: str

    def as_dict(self) -> dict[str, str]:
        """The change as plain JSON values."""
        return asdict(self)


def compare(old: Framework, new: Framework) -> tuple[FrameworkChange, ...]:
    """Every change from one framework to another, sections first, then criteria, then questions."""
    return (
        *_list_rules(old, new),
        *_list_sections(old, new),
        *_compare_criteria(old, new),
        *_list_questions(old, new),
        *(FrameworkChange(c.kind, "framework", c.name, c.old, c.new) for c in list_field_changes(old, new)),
    )


def _list_rules(old: Framework, new: Framework) -> Iterator[FrameworkChange]:
    for name, was, now in (
        ("share of the summary question", old.scoring.criterion.summary, new.scoring.criterion.summary),
        ("priority line", old.scoring.priority_line, new.scoring.priority_line),
    ):
        if was != now:
            yield FrameworkChange(change="weight", of="framework", name=name, old=str(was), new=str(now))


def _list_sections(old: Framework, new: Framework) -> Iterator[FrameworkChange]:
    was = {s.code: s for s in old.sections}
    now = {s.code: s for s in new.sections}
    yield from (
        FrameworkChange(change="retired", of="section", name=c, old=was[c].title, new="")
        for c in was
        if c not in now
    )
    yield from (
        FrameworkChange(change="added", of="section", name=c, old="", new=now[c].title)
        for c in now
        if c not in was
    )
    for code in was.keys() & now.keys() if was.keys() != now.keys() else now:
        if was[code].title != now[code].title:
            yield FrameworkChange(
                change="wording", of="section", name=code, old=was[code].title, new=now[code].title
            )
        if was[code].weight != now[code].weight:
            yield FrameworkChange(
                change="weight",
                of="section",
                name=code,
                old=_format_weight(was[code].weight),
                new=_format_weight(now[code].weight),
            )


def _format_weight(value: int | None) -> str:
    return "no weight" if value is None else f"{value}%"


def _compare_criteria(old: Framework, new: Framework) -> Iterator[FrameworkChange]:
    was, now = old.criteria, new.criteria
    yield from (
        FrameworkChange(change="retired", of="criterion", name=c, old=was[c].title, new="")
        for c in was
        if c not in now
    )
    yield from (
        FrameworkChange(change="added", of="criterion", name=c, old="", new=now[c].title)
        for c in now
        if c not in was
    )
    for code in now:
        if code in was:
            yield from _compare_criterion(was[code], now[code])


def _compare_criterion(was: Criterion, now: Criterion) -> Iterator[FrameworkChange]:
    if was.title != now.title:
        yield FrameworkChange(change="wording", of="criterion", name=now.code, old=was.title, new=now.title)
    elif was.description != now.description:
        yield FrameworkChange(
            change="wording", of="criterion", name=now.code, old=was.description, new=now.description
        )
    if was.kind != now.kind:
        yield FrameworkChange(change="meaning", of="criterion", name=now.code, old=was.kind, new=now.kind)
    if was.importance != now.importance:
        yield FrameworkChange(
            change="weight", of="criterion", name=now.code, old=str(was.importance), new=str(now.importance)
        )
    if was.counted != now.counted:
        words = {True: "counted", False: "not counted"}
        yield FrameworkChange(
            change="weight", of="criterion", name=now.code, old=words[was.counted], new=words[now.counted]
        )


def _list_questions(old: Framework, new: Framework) -> Iterator[FrameworkChange]:
    origins = {q.key: tuple(o for o in q.origins if o in old.questions) for q in new.questions.values()}
    heirs: dict[str, list[str]] = {}
    for key, sources in origins.items():
        for source in sources:
            heirs.setdefault(source, []).append(key)
    yield from _compare_gone_and_new(old, new, origins, heirs)
    for key, question in new.questions.items():
        predecessor = _find_predecessor(key, old, origins, heirs)
        if predecessor is not None:
            yield from _compare_question(old, new, predecessor, question)


def _compare_gone_and_new(
    old: Framework, new: Framework, origins: dict[str, tuple[str, ...]], heirs: dict[str, list[str]]
) -> Iterator[FrameworkChange]:
    for key, question in old.questions.items():
        if key in new.questions:
            continue
        if len(heirs.get(key, ())) > 1:
            yield FrameworkChange(
                change="split", of="question", name=key, old=question.text, new=", ".join(heirs[key])
            )
        elif key not in heirs:
            yield FrameworkChange(change="retired", of="question", name=key, old=question.text, new="")
    for key, question in new.questions.items():
        if key in old.questions:
            continue
        if len(origins[key]) > 1:
            yield FrameworkChange(
                change="merge", of="question", name=key, old=", ".join(origins[key]), new=question.text
            )
        elif not origins[key]:
            yield FrameworkChange(change="added", of="question", name=key, old="", new=question.text)


def _find_predecessor(
    key: str, old: Framework, origins: dict[str, tuple[str, ...]], heirs: dict[str, list[str]]
) -> Question | None:
    """The one question of the old framework that this one continues."""
    if key in old.questions:
        return old.questions[key]
    if len(origins[key]) == 1 and len(heirs[origins[key][0]]) == 1:
        return old.questions[origins[key][0]]
    return None


def _compare_question(
    old: Framework, new: Framework, was: Question, now: Question
) -> Iterator[FrameworkChange]:
    if was.key != now.key:
        yield FrameworkChange(change="wording", of="question", name=now.key, old=was.key, new=now.key)
    if was.meaning != now.meaning:
        meanings = (f"{q.text} (meaning {q.meaning})" for q in (was, now))
        yield FrameworkChange("meaning", "question", now.key, *meanings)
    elif was.text != now.text:
        yield FrameworkChange(change="wording", of="question", name=now.key, old=was.text, new=now.text)
    if was.guidance != now.guidance:
        guidance = (f"guidance: {q.guidance or 'none'}" for q in (was, now))
        yield FrameworkChange("wording", "question", now.key, *guidance)
    if _make_scale(old, was) != _make_scale(new, now):
        yield FrameworkChange("scale", "question", now.key, *_describe_scales(old, new, was, now))
    if was.when != now.when:
        yield FrameworkChange(
            change="meaning",
            of="question",
            name=now.key,
            old=f"asked where {write_part(was.when)}" if was.when else "asked of every case",
            new=f"asked where {write_part(now.when)}" if now.when else "asked of every case",
        )
    moved = (old.criterion_of[was.key].code, new.criterion_of[now.key].code)
    if moved[0] != moved[1]:
        yield FrameworkChange(
            change="meaning", of="question", name=now.key, old=f"in {moved[0]}", new=f"in {moved[1]}"
        )
    standing = tuple(_describe_standing(q) for q in (was, now))
    if standing[0] != standing[1]:
        yield FrameworkChange("weight", "question", now.key, *standing)


def _describe_standing(question: Question) -> str:
    kind = "summary" if question.summary else "context" if question.context else "scored"
    return f"{kind}; threads: {', '.join(question.threads) or 'none'}"


def _make_scale(framework: Framework, question: Question) -> Scale | None:
    return next((s for s in framework.scales if s.key == question.scale), None)


def _describe_scales(old: Framework, new: Framework, was: Question, now: Question) -> tuple[str, str]:
    """Two scales by their answers; where those are the same, by all that the scales say."""
    scales = (_make_scale(old, was), _make_scale(new, now))
    before, after = (_describe_answers(scale) for scale in scales)
    return (before, after) if before != after else (write_part(scales[0]), write_part(scales[1]))


def _describe_answers(scale: Scale | None) -> str:
    """A scale by its answers, those above the line marked."""
    if scale is None:
        return "none"
    options = " / ".join(f"{o.label}{' (above the line)' if o.above else ''}" for o in scale.options)
    lacking = "; not enough evidence is left out" if scale.not_enough_evidence == "leave_out" else ""
    return f"{scale.key}: {options or scale.kind}{lacking}"
