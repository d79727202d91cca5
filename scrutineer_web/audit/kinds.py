"""Every kind of event, and whether it alters what a report says: who caused such an event is one of its authors.

The four-eyes rule reads this table and nothing else. A kind that stands in neither part counts as altering a report,
so that a forgotten one makes the rule stricter and never weaker; a test names it.
"""

from __future__ import annotations

ALTERS: dict[str, str] = {
    # what the inspection is
    "inspection.created": "began the inspection",
    "inspection.imported": "imported the inspection",
    "inspection.migrated": "moved it to another framework version",
    "inspection.profile": "changed the area's profile or its performance against targets",
    "inspection.dates": "changed its calendar",
    "inspection.surveys": "entered what service users and others said",
    "needs.put": "entered what offenders needed work on",
    "participant.added": "named somebody who takes part",
    "participant.retired": "ended somebody's part",
    # the cases and what was answered about them
    "caseload.imported": "imported its caseload",
    "sample.drawn": "drew its sample",
    "case.substituted": "substituted a case",
    "assessment.allocated": "allocated assessments",
    "assessment.retired": "withdrew an assessment",
    "assessment.migrated": "moved assessments to another framework version",
    "answer.saved": "answered questions about its cases",
    "answer.corrected": "corrected an answer",
    "answer.adjudicated": "adjudicated between two assessments",
    "adjudications.retired": "took back an adjudication",
    "conflict.settled": "chose between two answers",
    "scores.corrected": "corrected its scores",
    "figures.changed": "changed its figures",
    "retention.pseudonymised": "pseudonymised its cases",
    "retention.purged": "removed what assessors wrote",
    # evidence, ratings, texts, recommendations
    "evidence.saved": "entered evidence",
    "evidence.retired": "removed evidence",
    "rating.settled": "settled a rating",
    "rating.unsettled": "took back a settled grade",
    "text.saved": "wrote its texts",
    "text.drafted": "drafted its texts",
    "text.retired": "removed one of its texts",
    "recommendation.saved": "wrote its recommendations",
    "recommendation.moved": "moved its recommendations",
    "recommendation.retired": "removed a recommendation",
    "recommendation.addressed": "said whom it addresses",
    "issue.correction_begun": "wrote its correction notice",
}
"""The kinds that alter what a report says, each with what whoever caused it did to the report."""

LEAVES = frozenset({
    # of the whole room, and of accounts
    "account.created", "account.exported", "account.linked", "account.mail", "account.news_seen", "account.own_password", "account.own_second_factor",
    "account.password", "account.password_by_mail", "account.unlinked", "account.retired",
    "account.second_factor_reset", "appointment.given", "appointment.retired",
    "area.retired", "area.saved", "audit.begun",
    "audit.stated",
    "collected.asked", "collected.failed", "collected.made", "device.added", "device.lost",
    "family.saved", "framework.added", "outcomes.imported", "outcomes.pseudonyms_taken", "programme.attached", "programme.created",
    "programme.planned", "programme.started", "programme.tranche", "programme.unplanned", "programme.weights",
    "record.written",
    "reminder.sent", "results.written",
    "room.begun", "room.restored",
    "sessions.ended", "sign_in_failed", "signed_in", "signed_out", "subject.exported", "token.made", "token.retired",
    # steps, comments and plans, after which the report says what it said before
    "accuracy.commented", "accuracy.decided", "accuracy.ended", "answer.opened", "comment.resolved", "comment.written",
    "conflict.raised", "draft.sent", "inspection.moved", "inspection.reopened", "inspection.signed_off", "participant.linked",
    "plan.action", "plan.action_retired", "plan.progress", "plan.responded", "plan.verified", "assessment.completed",
    "assessment.locked", "assessment.placed", "assessment.queried", "assessment.reopened", "assessment.signed_off", "assessment.unlocked",
    "text.set_aside",
    "timetable.adopted", "timetable.asked", "timetable.failed", "timetable.ready", "upload.kept", "upload.retired",
    # the report made, approved and published as it stands
    "issue.approval_withdrawn", "issue.approved", "issue.asked", "issue.embargo", "issue.failed", "issue.made",
    "issue.published", "issue.shown",
})  # fmt: skip
"""The kinds that leave a report saying what it said."""
