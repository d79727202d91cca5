"""What the scripts of a page say. Each page holds the texts of its scripts as JSON, and `static/room/texts.js` reads them there.

`{name}` in a text stands for a value that the script knows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

TEXTS: Mapping[str, Mapping[str, Promise]] = {
    # room.js, forms.js and device.js
    "page": {
        "device_sent": _("All answers on this device have been sent. You can open these cases offline:"),
        "file_too_large": _("{name} is larger than {limit} MB. Split it into smaller files."),
        "draft_not_saved": _("What you typed before has been restored. It isn't saved yet."),
        "draft_was_saved": _(
            "You already sent this form, and it was saved. Sending it again without changes does nothing."
        ),
        "draft_remove": _("Remove it"),
        "answer_refused": _("The answer was refused"),
        "case_not_yours": _(
            "This case is no longer allocated to you. Your answer stays on this device. Contact the lead inspector."
        ),
    },
    # case.js
    "case": {
        "state_saved": _("Saved"),
        "state_device": _("On this device, not sent yet"),
        "state_conflict": _("Two answers: choose one"),
        "state_refused": _("Refused"),
        "offline_no_case": _(
            "This page needs the network. No case is open on this device, or you have been signed out: "
            "sign in when the network is back. Answers that haven't been sent are kept."
        ),
        "offline_title": _("Case {case}: {area} · Scrutineer"),
        "network_signed_out": _(
            "You have been signed out. Sign in again in another tab to send your answers"
        ),
        "network_not_saving": _("Answers can't be saved at the moment. They stay on this device"),
        "network_none": _("No network. Your answers stay on this device"),
        "network_connected": _("Connected"),
        "everything_saved": _("Everything is saved"),
        "complete_not_sent": _("You can't complete the case until every answer has been sent"),
        "conflict_closed": _(
            "The case was closed before this answer arrived. The answer is kept. "
            "Ask the lead inspector to reopen the case."
        ),
        "conflict_which": _("This question was answered on two devices. Which answer do you want to keep?"),
        "conflict_keep": _("Keep the recorded answer"),
        "conflict_take": _("Use the other answer"),
        "conflict_offline": _("choose when you are back online"),
        "conflict_not_settled": _("your choice couldn't be saved"),
        "no_answer": _("No answer"),
        "derived_open": _("Open until the questions that it follows from are answered"),
        "not_asked": _("This question doesn't apply to the case."),
        "not_asked_clear": _("This question doesn't apply to the case. Clear your answer."),
        "criterion_open": _("{number} open"),
        "criterion_done": _("done"),
        "every_question_answered": _("Every question is answered"),
    },
    # report.js
    "report": {
        "signed_out": _("You are signed out. Sign in again in another tab and this text will be saved."),
        "restored": _("Your earlier text has been restored and is being saved."),
        "line": _("Line {line}"),
        "nothing_to_fix": _("There is nothing to fix in this text."),
        "saving": _("Saving …"),
        "saved": _("Saved."),
        "saved_merged": _("Saved, together with somebody else's changes."),
        "not_saved_yet": _("Not saved yet."),
        "no_connection": _("Not saved yet: there is no connection. Trying again."),
        "not_saved_same_lines": _("Not saved: somebody else changed the same lines."),
    },
}
"""The texts without a number, by the scripts that say them."""

SAMPLES = (0, 1, 2, 3, 11, 100)
"""Numbers of every kind that a language tells apart. A script takes the form of the one that is of its number's kind."""


@dataclass(frozen=True)
class Texts:
    """What some scripts say, in the language of the page.

    Attributes:
        texts: by their keys.
        counted: texts with a number, by their keys, as each of the samples has them.
    """

    texts: dict[str, str]
    counted: dict[int, dict[str, str]]


def list_texts(scripts: str) -> Texts:
    """The texts of some scripts."""
    return Texts(
        {key: str(text) for key, text in TEXTS[scripts].items()},
        {number: _list_counted(scripts, number) for number in SAMPLES},
    )


def _list_counted(scripts: str, number: int) -> dict[str, str]:
    if scripts == "page":
        return {
            "device_not_sent": ngettext(
                "{number} answer hasn't been sent yet.", "{number} answers haven't been sent yet.", number
            ),
            "characters_remaining": ngettext(
                "You have {number} character remaining", "You have {number} characters remaining", number
            ),
            "characters_too_many": ngettext(
                "You have {number} character too many", "You have {number} characters too many", number
            ),
        }
    if scripts == "case":
        return {
            "answers_not_sent": ngettext(
                "{number} answer not sent yet", "{number} answers not sent yet", number
            )
        }
    return {}
