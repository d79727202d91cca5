"""What moving an open inspection to another version of its framework would change."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from scrutineer.errors import Fault, UserError
from scrutineer.frameworks.model import Framework
from scrutineer.frameworks.version_changes import FrameworkChange, compare
from scrutineer_web.records import frames
from scrutineer_web.records.assessment import Assessment
from scrutineer_web.records.framework_version import FrameworkVersion
from scrutineer_web.records.inspection import Inspection
from scrutineer_web.states.inspection import SETTLED


def plan_migration(inspection: Inspection, to: FrameworkVersion) -> Migration:
    """What a migration would do; nothing is written.

    Raises:
        UserError: the inspection cannot be taken to that version.
    """
    old, new = inspection.framework, to.framework
    faults = list(_find_cannot(inspection, old, to))
    if faults:
        raise UserError(faults)
    assessments = Assessment.objects.filter(case__inspection=inspection, retired_at=None).select_related(
        "case", "framework_version", "assessor"
    )
    effects = [
        _make_effect(r, new)
        for r in assessments.exclude(state="signed_off").order_by("case__position", "number")
    ]
    untouched = assessments.filter(state="signed_off").count()
    return Migration(compare(old, new), tuple(effects), untouched)


def _find_cannot(inspection: Inspection, old: Framework, to: FrameworkVersion) -> Iterator[Fault]:
    if to.framework_id != old.id:
        yield Fault(
            _("the framework"),
            _("'%(framework)s' is a different framework from '%(other)s'")
            % {"framework": to.framework_id, "other": old.id},
            _("Start a new inspection"),
        )
    elif to.hash == inspection.framework_version.hash:
        yield Fault(_("the framework"), _("the inspection already uses this version"))
    if inspection.state in SETTLED:
        yield Fault(
            _("the inspection"),
            _("its scores are signed off"),
            _("Once its scores are signed off, an inspection keeps its framework"),
        )


def _make_effect(assessment: Assessment, new: Framework) -> MigrationEffect:
    old = assessment.framework_version.framework
    answered = [k for k, v in frames.read_answers(old, bytes(assessment.codes)).items() if v is not None]
    answered += [k for k in assessment.facts if k in old.questions]
    retired = tuple(k for k in answered if k not in new.questions)
    again = tuple(k for k in answered if k in new.questions and not _is_same(k, old, new))
    asked = tuple(
        k
        for k, question in new.questions.items()
        if not question.derived and (k not in old.questions or old.questions[k].derived)
    )
    return MigrationEffect(assessment, len(answered) - len(retired) - len(again), retired, again, asked)


def _is_same(key: str, old: Framework, new: Framework) -> bool:
    """Whether an answer still answers: the same meaning on the same scale, and given by people."""
    if new.questions[key].derived:
        return False
    return old.questions[key].meaning == new.questions[key].meaning and old.scale_of[key] == new.scale_of[key]


@dataclass(frozen=True)
class MigrationEffect:
    """What a migration does to one assessment.

    Attributes:
        unchanged: answers that stand on.
        retired: answers to questions that are asked no more; they stay, and are not scored.
        again: answers to questions that mean something else now, or are answered on another scale: to be given again.
        asked: questions that are new to it.
    """

    assessment: Assessment
    unchanged: int
    retired: tuple[str, ...]
    again: tuple[str, ...]
    asked: tuple[str, ...]


@dataclass(frozen=True)
class Migration:
    """What taking an inspection to another version does.

    Attributes:
        untouched: signed-off assessments; nothing in them changes.
    """

    changes: tuple[FrameworkChange, ...]
    effects: tuple[MigrationEffect, ...]
    untouched: int
