"""What holds for every record and every action: pairs, no write outside actions, an event for each."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path

import pytest
from django.apps import apps
from django.db import models

from scrutineer_web import actions
from tests.conftest import ROOT

WEB = ROOT / "scrutineer_web"
MODELS = list(apps.get_app_config("records").get_models())
WRITES = {
    "save",
    "create",
    "bulk_create",
    "update",
    "bulk_update",
    "delete",
    "get_or_create",
    "update_or_create",
}


@pytest.mark.parametrize("model", MODELS, ids=lambda m: m.__name__)
def test_a_moment_and_its_person_are_tied(model: type[models.Model]) -> None:
    names = {f.name for f in model._meta.get_fields()}
    for name in names:
        stem = name.removesuffix("_at")
        if name.endswith("_at") and f"{stem}_by" in names:
            both = [model._meta.get_field(f"{stem}{end}") for end in ("_at", "_by")]
            tied = any(c.name.endswith(f"{stem}_at_and_by") for c in model._meta.constraints)
            never_empty = not any(f.null for f in both)
            # An event or a framework may be the room's own doing: it has a moment and nobody.
            own = not both[0].null and model.__name__ in {"Event", "FrameworkVersion"}
            assert tied or never_empty or own, f"{model.__name__}.{stem}"


@pytest.mark.parametrize("model", MODELS, ids=lambda m: m.__name__)
def test_nothing_is_deleted_with_what_it_belongs_to(model: type[models.Model]) -> None:
    for field in model._meta.get_fields():
        if isinstance(field, models.ForeignKey):
            assert field.remote_field.on_delete is models.PROTECT, f"{model.__name__}.{field.name}"


def writing(path: Path) -> list[str]:
    """Calls on records that change them: on a manager or on an object."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in WRITES:
            text = ast.unparse(node.func)
            if ".objects." in text or node.func.attr in {"save", "delete", "bulk_create", "bulk_update"}:
                found.append(f"{path.relative_to(ROOT)}:{node.lineno} {text}")
    return found


def test_records_are_written_by_actions_alone() -> None:
    apart = {"actions", "audit", "records", "demonstration.py", "fictional.py"}
    found = [
        text
        for path in WEB.rglob("*.py")
        if path.relative_to(WEB).parts[0] not in apart
        for text in writing(path)
        if not text.endswith(("answers.save", "texts.save", "areas.save", "form.save"))
    ]
    assert found == []


def test_nothing_but_sessions_and_secrets_is_deleted() -> None:
    found = [text for path in WEB.rglob("*.py") for text in writing(path) if text.endswith(".delete")]
    assert {text.rsplit(" ", 1)[1] for text in found} <= {
        "session.delete",
        "Session.objects.all().delete",
        "identity.delete",
        "Authenticator.objects.filter(user=user).delete",
        "Result.objects.filter(inspection=inspection).delete",
        # They follow from the scores, and are written again with their second error at the next start.
        "'Result').objects.using(schema_editor.connection.alias).all().delete",
        "finished.delete",
        "outdated.delete",
        "released.delete",
        "sent_at_last.delete",
        # Work in the background and signs of life: they say nothing of an inspection once they are over.
        "KEPT).delete",
        "finished_at__lt=fetched).delete",
        "Job.objects.filter(inspection=inspection).exclude(state='doing').delete",
        "state='waiting').delete",
        "Beat.objects.filter(name=name).delete",
        "at__lt=before).delete",
    }


def test_every_action_is_keyword_only_and_says_by_whom() -> None:
    """What is public in an action's module either writes and takes `by`, or only looks."""
    looking = {
        "answers.locked", "readings.open_points", "readings.in_the_way", "adjudications.differences",
        "adjudications.options_of", "inspections.open_points", "samples.caseload_of", "samples.add_cases",
        "allocation.valid_arrangements", "allocation.standing_plan", "frameworks.plan_migration", "accounts.hash_of",
        "readings.tell_case", "devices.unsent", "answers.put_answer", "uploads.blob_of", "evidence.framework_of",
        "texts.parts_of", "texts.version", "texts.hash_of", "reports.proof_of", "reports.against", "accuracy.deadline",
        "accuracy.open_points", "publication.latest", "publication.plain", "reports.contents", "publication.slug_for", "plans.published_on", "plans.due",
        "programmes.days_for", "results.elements_on_part", "results.rows_of", "collected.days_of", "collected.document_of",
        "retention.due_of", "retention.listed", "subjects.as_json", "beats.silent", "waiting.waits",
        "access.can_mail_links", "access.check_password_rules", "access.list_news", "access.count_failures",
        "accounts.list_administrators", "outside.key_of", "moment.trusted_now", "moment.refuse_wrong_clock",
        "submissions.find", "submissions.page_of", "submissions.content_of",
        "background.holder_name", "background.seconds_of", "beats.alive", "jobs.latest", "jobs.done_here", "jobs.with_notes",
        "jobs.may_be_tried_again", "samples.refuse_wanted", "publication.public_now", "publication.moment_text", "publication.is_public", "jobs.faults_of", "evidence.without_reason",
    }  # fmt: skip
    background = {
        "allocation.search",
        "allocation.gave_up",
        "accounts.used",
        "reports.make",
        "reports.gave_up",
        "collected.make",
        "collected.gave_up",
        "results.keep",
        "results.hold_missing",
        "beats.beat",
        "access.ask_for_link",
        "account_mails.send_news",
        "account_mails.send_link",
        "background.take_up",
        "background.tidy",
        "reminders.send_due",
        "submissions.tidy",
        "background.give_up",
        "background.put_back",
        "beats.leave",
        "beats.forget",
        "beats.write_and_take_away",
        "jobs.forget_earlier",
        "jobs.perform",
        "jobs.give_up",
        "jobs.forget_old",
    }
    checked = 0
    for path in sorted(Path(actions.__path__[0]).glob("*.py")):
        if path.stem in {
            "__init__",
            "checks",
            "files",
            "guards",
            "four_eyes",
            "imported_answers",
            "folder_report",
            "examining",
        }:
            continue
        module = __import__(f"scrutineer_web.actions.{path.stem}", fromlist=["x"])
        for name, function in inspect.getmembers(module, inspect.isfunction):
            place = f"{path.stem}.{name}"
            if function.__module__ != module.__name__ or name.startswith("_") or place in looking:
                continue
            kinds = {p.name: p.kind for p in inspect.signature(function).parameters.values()}
            assert set(kinds.values()) <= {inspect.Parameter.KEYWORD_ONLY}, place
            assert "by" in kinds or place in background, place
            checked += 1
    assert checked > 30
