"""What holds for every record and every action: pairs, no write outside actions, an event for each."""

from __future__ import annotations

import ast
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
    faults = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in WRITES:
            text = ast.unparse(node.func)
            if ".objects." in text or node.func.attr in {"save", "delete", "bulk_create", "bulk_update"}:
                faults.append(f"{path.relative_to(ROOT)}:{node.lineno} {text}")
    return faults


def test_records_are_written_by_actions_alone() -> None:
    apart = {"actions", "audit", "records", "safeguards", "demonstration.py", "fictional.py"}
    texts = [
        text
        for path in WEB.rglob("*.py")
        if path.relative_to(WEB).parts[0] not in apart
        for text in writing(path)
        if not text.endswith(("answers.save", "texts.save", "areas.save", "form.save"))
    ]
    assert texts == []


def test_nothing_but_sessions_and_secrets_is_deleted() -> None:
    texts = [text for path in WEB.rglob("*.py") for text in writing(path) if text.endswith(".delete")]
    assert {text.rsplit(" ", 1)[1] for text in texts} <= {
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


BY_THE_ROOM = {
    # Nobody asks for these: the room does them by itself, or for somebody who is not signed in.
    "preparation.allocation": {"search", "give_up_search"},
    "report.reports": {"make", "give_up_report"},
    "programme.collected": {"make", "give_up_report"},
    "moderation.results": {"hold_missing"},
    "operations.accounts": {"note_use"},
    "operations.access": {"ask_for_link"},
    "operations.account_mails": {"send_news", "send_link"},
    "operations.background": {"take_up", "tidy", "give_up", "put_back"},
    "operations.jobs": {"perform", "perform_here", "give_up", "forget_earlier", "forget_old"},
    "operations.reminders": {"send_due"},
    "operations.submissions": {"tidy"},
}
WITHIN = {
    # These write within the transaction of another action, which adds the event.
    "fieldwork.answers": {"lock_assessment", "put_answer"},
    "fieldwork.uploads": {"keep_blob"},
    "importing.folder_report": {"put_report"},
    "importing.imported_answers": {"put_answers"},
    "moderation.adjudications": {"unsettle"},
    "moderation.assessments": {"update_case"},
    "moderation.results": {"keep"},
    "preparation.samples": {"add_cases"},
}
WITHOUT_EVENT = {
    # What these keep says nothing of an inspection: work that is asked for, forms that come back, signs of life.
    "operations.jobs": {"ask", "replace_waiting"},
    "operations.submissions": {"record", "release", "keep"},
    "operations.access": {"send_news"},
}


def in_table(table: dict[str, set[str]], place: str) -> bool:
    module, _, name = place.rpartition(".")
    return name in table.get(module, set())


def action_functions() -> dict[str, ast.FunctionDef]:
    """The functions of all actions, by stage, module and name."""
    folder = Path(actions.__path__[0])
    return {
        f"{'.'.join(path.relative_to(folder).with_suffix('').parts)}.{node.name}": node
        for path in sorted(folder.rglob("*.py"))
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        # A task of the background is what an action sets off.
        if isinstance(node, ast.FunctionDef)
        and not any("task" in ast.unparse(d) for d in node.decorator_list)
    }


def is_public(place: str) -> bool:
    return not place.rpartition(".")[2].startswith("_")


def test_every_action_is_keyword_only_and_says_by_whom() -> None:
    checked = 0
    for place, node in action_functions().items():
        if is_public(place) and not node.decorator_list:
            assert [*node.args.posonlyargs, *node.args.args, *filter(None, [node.args.vararg])] == [], place
            names = {argument.arg for argument in node.args.kwonlyargs}
            assert "by" in names or in_table(BY_THE_ROOM, place) or in_table(WITHIN, place), place
            checked += 1
    assert checked > 100


def test_every_action_adds_its_event() -> None:
    """By itself, or by way of what it calls; what does so within another action's transaction is listed."""
    functions = action_functions()
    telling = {"tell", "tell_of", "tell_rows", "begin_generation"}
    calls = {
        place: {
            call.func.id if isinstance(call.func, ast.Name) else call.func.attr
            for call in ast.walk(node)
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name | ast.Attribute)
        }
        for place, node in functions.items()
    }
    names = set(telling)
    while True:
        more = {place.rpartition(".")[2] for place, called in calls.items() if called & names} - names
        if not more:
            break
        names |= more
    silent = {
        place
        for place, called in calls.items()
        if is_public(place)
        and not called & names
        and not any(in_table(table, place) for table in (BY_THE_ROOM, WITHIN, WITHOUT_EVENT))
    }
    assert silent == set()


def test_the_tables_of_actions_name_nothing_that_is_not_there() -> None:
    known = set(action_functions())
    for table in (BY_THE_ROOM, WITHIN, WITHOUT_EVENT):
        assert {f"{module}.{name}" for module, names in table.items() for name in names} <= known
