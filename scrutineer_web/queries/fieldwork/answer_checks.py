"""What an answer may be, which questions apply to an assessment, and what is still open in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from django.utils.translation import gettext as _

from scrutineer.errors import Fault, UserError
from scrutineer.fieldwork.cases.codes import ABOVE, RELEVANT
from scrutineer.fieldwork.cases.columns import collect_columns
from scrutineer.fieldwork.cases.settled import SettledQuestion, settle_case
from scrutineer.fieldwork.cases.values import make_parser, read_answer
from scrutineer.frameworks.model import Attribute, Framework, Question
from scrutineer.frameworks.question_kinds import NO_EVIDENCE, NOT_APPLICABLE, find_kind
from scrutineer_web.records import frames
from scrutineer_web.records.answer import TEXTS
from scrutineer_web.records.text_lengths import NOTE, describe_too_long

if TYPE_CHECKING:
    from scrutineer_web.records.assessment import Assessment


def check_answer(assessment: Assessment, sent: SentAnswer) -> object:
    """The answer as a value: a code of the scale, or what it means.

    Raises:
        UserError: with everything that is wrong with it.
    """
    framework = assessment.framework_version.framework
    faults = [
        Fault(
            sent.question,
            _("the text is too long: %(reason)s") % {"reason": describe_too_long(len(text), NOTE).lower()},
            "",
        )
        for name in TEXTS
        if len(text := sent.texts.get(name, "")) > NOTE
    ]
    try:
        problems = _check_value(assessment, framework, sent)
    except ValueError as error:
        faults.append(
            Fault(
                sent.question,
                _("'%(answer)s' isn't an answer to this question") % {"answer": sent.value},
                str(error)[:1].upper() + str(error)[1:],
            )
        )
    if faults:
        raise UserError(faults)
    return problems


def _check_value(assessment: Assessment, framework: Framework, sent: SentAnswer) -> object:
    question = framework.questions.get(sent.question)
    attribute = next((a for a in list_particulars(framework) if a.key == sent.question), None)
    if question is None and attribute is None:
        raise ValueError(_("the framework doesn't have this question; reload the case"))
    if sent.value is None:
        return None
    if attribute is not None:
        return frames.make_row(
            {sent.question: make_parser(collect_columns(framework)[attribute.key])(sent.value)}
        )[sent.question]
    return _check_choice(assessment, framework, question, sent.value)


def _check_choice(
    assessment: Assessment, framework: Framework, question: Question | None, text: str
) -> object:
    assert question is not None  # noqa: S101 the caller looked
    scale = framework.scale_of[question.key]
    if question.derived:
        raise ValueError(_("the answer follows from others by the framework's rules; change those"))
    if find_kind(scale).is_coded:
        known = [o.code for o in scale.options] + [NO_EVIDENCE, NOT_APPLICABLE]
        if text not in known:
            raise ValueError(_("choose from %(names)s") % {"names": ", ".join(known)})
        if (
            text == NOT_APPLICABLE
            and not question.may_not_apply
            and find_applicable(assessment).get(question.key) is True
        ):
            raise ValueError(_("the question applies to this case"))
        return text
    return read_answer(scale, text) or None


def list_particulars(framework: Framework) -> tuple[Attribute, ...]:
    """The particulars that an assessor gives from the case file."""
    return tuple(a for a in framework.attributes if a.known_from == "case_file")


def settle_assessment(assessment: Assessment) -> dict[str, SettledQuestion]:
    """What came of each question: whether it applies, the answer that counts, and the rule that gave it."""
    framework = assessment.framework_version.framework
    coded = frames.read_answers(framework, bytes(assessment.codes))
    particulars = {**assessment.case.particulars, **assessment.facts}
    return settle_case(framework, particulars, {**assessment.facts, **coded})


def find_applicable(assessment: Assessment) -> dict[str, bool | None]:
    """Whether each question applies to the case; None where it isn't known yet."""
    return {key: settled.applies for key, settled in settle_assessment(assessment).items()}


def count_progress(assessment: Assessment) -> tuple[int, int]:
    """How many questions apply or may yet apply, and how many of them are answered; particulars are counted, too."""
    framework = assessment.framework_version.framework
    values = frames.read_answers(framework, bytes(assessment.codes))
    asked = answered = 0
    for key, there in find_applicable(assessment).items():
        if there is not False and not framework.questions[key].derived:
            asked += 1
            answered += values.get(key) is not None or key in assessment.facts
    particulars = [a.key for a in list_particulars(framework) if a.key not in assessment.case.particulars]
    return asked + len(particulars), answered + sum(key in assessment.facts for key in particulars)


def find_tallies(assessment: Assessment) -> dict[str, tuple[int, int]]:
    """The case's own score so far: answers above the line, and relevant ones, by criterion."""
    framework = assessment.framework_version.framework
    codes, place = _read_settled_codes(assessment), frames.collect_places(framework)
    tallies = {}
    for criterion in framework.criteria.values():
        bytes_ = [codes[place[q.key]] for q in criterion.scored_questions if q.key in place]
        if bytes_:
            tallies[criterion.code] = (
                sum(b & ABOVE != 0 for b in bytes_),
                sum(b & RELEVANT != 0 for b in bytes_),
            )
    return tallies


def _read_settled_codes(assessment: Assessment) -> bytes:
    """The bytes of an assessment, with those of answers that follow from others."""
    framework, codes = assessment.framework_version.framework, bytes(assessment.codes)
    if not any(question.derived for question in framework.questions.values()):
        return codes
    for key, settled in settle_assessment(assessment).items():
        if framework.questions[key].derived:
            codes = frames.add_code(framework, codes, key, cast("str | None", settled.answer))
    return codes


def list_gaps(assessment: Assessment, notes: Mapping[str, str] | None) -> Iterator[Fault]:
    """What must be done before completing an assessment: gaps, answers that do not apply, reasons that are missing.

    Args:
        assessment: with its case.
        notes: the reason beside each answer; None where none is asked for.
    """
    framework = assessment.framework_version.framework
    codes_and_places, place = (
        frames.read_answers(framework, bytes(assessment.codes)),
        frames.collect_places(framework),
    )
    truth = find_applicable(assessment)
    yield from _list_open_particulars(assessment)
    # What follows from other answers is open only because one of those is.
    asked = {key: question for key, question in framework.questions.items() if not question.derived}
    for key, question in asked.items():
        there = codes_and_places.get(key) if key in place else assessment.facts.get(key)
        if there is None and truth[key] is not False:
            yield Fault(
                key, _("not yet answered: %(question)s") % {"question": question.text}, _("Answer it")
            )
        elif there not in (None, NOT_APPLICABLE) and truth[key] is False:
            yield Fault(
                key,
                _("answered, but it doesn't apply to this case: %(question)s") % {"question": question.text},
                _("Clear your answer"),
            )
        elif there == NOT_APPLICABLE and truth[key] is True and not question.may_not_apply:
            yield Fault(
                key,
                _("not applicable, but it applies to this case: %(question)s") % {"question": question.text},
                _("Answer it"),
            )
        elif (
            notes is not None
            and key in place
            and _is_below_line(assessment, place[key])
            and not notes.get(key, "").strip()
        ):
            yield Fault(
                key,
                _("a reason is needed for this answer: %(question)s") % {"question": question.text},
                _("Give the reason"),
            )


def _list_open_particulars(assessment: Assessment) -> Iterator[Fault]:
    for attribute in list_particulars(assessment.framework_version.framework):
        if attribute.key not in assessment.facts and attribute.key not in assessment.case.particulars:
            yield Fault(
                attribute.key,
                _("not yet answered: %(attribute)s") % {"attribute": attribute.title},
                _("Answer it from the case file"),
            )


def _is_below_line(assessment: Assessment, place: int) -> bool:
    byte = bytes(assessment.codes)[place]
    return bool(byte & RELEVANT) and not byte & ABOVE


@dataclass(frozen=True)
class SentAnswer:
    """An answer as it is sent.

    Attributes:
        question: its key, or that of a particular that the case file shows.
        value: as the scale writes it; None takes the answer back.
        texts: evidence by source, and the reason.
        base: the revision that the sender saw; 0 where there was none.
        uid: made by the sender, the same for every attempt to send this answer.
        device: that it was given on, and when by that device's clock: only told, never relied on.
        instead_of: earlier attempts of which the sender does not know what came; one that was saved is no stranger's.
        room: the stretch of the room's history in which the sender saw that revision; None where it doesn't say.
        case: which case it is about (`history.identity`), where the sender says so: after a restore a number may name another one.
    """

    question: str
    value: str | None
    base: int
    uid: UUID
    texts: Mapping[str, str] = field(default_factory=dict)
    device: str = ""
    device_at: str = ""
    instead_of: tuple[UUID, ...] = ()
    room: UUID | None = None
    case: str = ""

    @property
    def content(self) -> dict[str, Any]:
        """The answer with its texts."""
        return {"value": self.value, **{name: self.texts.get(name, "") for name in TEXTS}}
