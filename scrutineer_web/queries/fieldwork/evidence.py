"""Which framework a rating belongs to, and which ratings lack a reason."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from scrutineer.errors import Fault, UserError
from scrutineer.inspection.evidence import Evidence
from scrutineer_web.queries import shelf
from scrutineer_web.records import frames
from scrutineer_web.records.inspection import Inspection

if TYPE_CHECKING:
    from scrutineer.frameworks.model import Framework


def find_framework(inspection: Inspection, element: str) -> Framework:
    """The inspection's framework, or that of one of its elements.

    Raises:
        UserError: it has no such element.
    """
    if not element:
        return inspection.framework
    pins = frames.make_manifest(inspection).elements
    if element not in {pin.id for pin in pins}:
        raise UserError(
            Fault(_("the element"), _("'%(element)s' isn't part of this inspection") % {"element": element})
        )
    return shelf.read_library_of(inspection).load_framework(element)


def list_unexplained(framework: Framework, evidence: Evidence) -> Iterator[tuple[str, str, Fault]]:
    """Grades that were set to what no piece of evidence gives, without a reason: the criterion, the item, what is wrong.

    Where pieces disagree, one of their grades is chosen; any other grade is the lead inspector's own.
    """
    titles = {g.key: g.title for g in framework.ratings.grades} if framework.ratings else {}
    items = {i.key: i for c in framework.criteria.values() for i in c.items}
    for code, said in evidence.judgements.items():
        if said.reason.strip():
            continue
        for key, grade in said.grades.items():
            gives = list(dict.fromkeys(p.bears[key] for p in evidence.pieces if key in p.bears))
            if key in items and grade not in gives:
                what = (
                    _(
                        "the grade of %(code)s, “%(item)s”, is set to %(grade)s, and the evidence gives %(grades)s"
                    )
                    if gives
                    else _(
                        "the grade of %(code)s, “%(item)s”, is set to %(grade)s, and there is no evidence for it"
                    )
                )
                said_there = {
                    "code": code,
                    "item": items[key].text,
                    "grade": titles.get(grade, grade).lower(),
                    "grades": _join_names([titles.get(g, g).lower() for g in gives]),
                }
                yield (
                    code,
                    key,
                    Fault(
                        _("the reason"),
                        what % said_there,
                        _("Enter a reason, or use the grade that the evidence supports"),
                    ),
                )


def _join_names(names: list[str]) -> str:
    if len(names) < 2:
        return "".join(names)
    return _("%(names)s and %(last)s") % {"names": ", ".join(names[:-1]), "last": names[-1]}
