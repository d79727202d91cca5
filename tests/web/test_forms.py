"""Every form of the room: sent twice it makes one thing, and what was typed in it is never lost."""

from __future__ import annotations

import inspect
import re
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from scrutineer_web.actions.operations import submissions
from scrutineer_web.kit import form_ids, once
from scrutineer_web.kit.fill import PageForm, fill, read_forms
from scrutineer_web.kit.form_pages import PAGES
from scrutineer_web.queries.operations.submissions import find_submission, read_form
from scrutineer_web.records.area import Family
from scrutineer_web.records.inspection import Inspection
from scrutineer_web.records.piece import Piece
from scrutineer_web.records.submission import KeptForm, Submission
from scrutineer_web.records.token import Token
from scrutineer_web.records.user import User
from tests.web import test_permissions, village
from tests.web.addresses import patterns
from tests.web.test_permissions import LETTERS, PUBLIC, SCREENS, address, screens

People = dict[str, User]
numbers = test_permissions.numbers
TYPED = ("text", "textarea", "number", "email", "search")


def signed_in(user: User, **kwargs: Any) -> Client:
    """Signed in a moment ago: some forms are for those only who have just shown who they are."""
    client = Client(**kwargs)
    client.force_login(user)
    session = client.session
    session["account_authentication_methods"] = [{"method": "password", "at": time.time()}]
    session.save()
    return client


ROLES = "LIONCBPMDAU"
"""Who looks at a page: the first of these that may."""


def seen_forms(people: People, numbers: dict[str, Any]) -> Iterator[tuple[Client, User, str, PageForm]]:
    """Every form of the room, with somebody who is shown it, and its page; once for each kind of form."""
    clients = {letter: signed_in(people[LETTERS[letter]]) for letter in ROLES}
    known = set()
    for name, letters in SCREENS.items():
        letter = next((role for role in ROLES if role in letters), None)
        if letter is None or name in PAGES:
            continue
        page = address(name, numbers)
        response = clients[letter].get(page)
        if response.status_code != 200 or not response["Content-Type"].startswith("text/html"):
            continue
        for form in read_forms(response.content.decode()):
            names = {c.name for c in form.controls}
            kind = (form.action or page, tuple(sorted(names)))
            if "csrfmiddlewaretoken" in names and kind not in known and "logout" not in form.action:
                known.add(kind)
                yield clients[letter], people[LETTERS[letter]], page, form


def content_of(form: PageForm, typed: str) -> dict[str, Any]:
    """A form as a browser sends it, with something typed in each of its text fields."""
    sent: dict[str, Any] = {}
    for n, control in enumerate(form.controls):
        if control.kind in ("hidden",):
            sent.setdefault(control.name, []).append(control.value)
        elif control.kind in TYPED and "password" not in control.name:
            sent.setdefault(control.name, []).append(f"{typed} {n}")
        elif control.kind == "select" and control.options:
            sent[control.name] = control.options[-1][2]
        elif control.kind == "button" and control.name:
            sent.setdefault(control.name, control.value)
    sent.pop("csrfmiddlewaretoken", None)
    return sent


def typed_in(sent: dict[str, Any], mark: str) -> list[str]:
    return [
        v
        for values in sent.values()
        for v in ([values] if isinstance(values, str) else values)
        if v.startswith(mark)
    ]


# -- the id ----------------------------------------------------------------------------------


@pytest.mark.repeats
def test_every_form_carries_an_id_of_its_own(numbers: dict[str, Any], people: People) -> None:
    ids: list[str] = []
    reached = set()
    for _, _, page, form in seen_forms(people, numbers):
        own = [c.value for c in form.controls if c.name == form_ids.FIELD]
        assert len(own) == 1, (page, form.action)
        assert form_ids.read_id(own[0]) is not None
        ids += own
        reached.add(form.action or page)
    assert len(set(ids)) == len(ids)
    assert len(reached) > 60


def test_every_address_that_takes_forms_answers_them_once() -> None:
    """Every screen of one's own goes through the one mechanism; those of the public and of signing in make nothing."""
    by_itself = []
    for pattern in patterns():
        if pattern.name in screens():
            answered = (
                "answer_form" in getattr(pattern.callback, "__code__", all).co_names
                if pattern.name not in PUBLIC
                else None
            )
            if answered is False:
                by_itself.append(pattern.name)
    assert by_itself == []
    takes_forms = [
        p.name
        for p in patterns()
        if p.name in PUBLIC
        and "request.POST"
        in inspect.getsource(
            inspect.unwrap(p.callback) if inspect.isfunction(p.callback) else type(p.callback)
        )
    ]
    # Of people who are not signed in: a link that is asked for twice is limited, and a password is set once by its link.
    assert set(takes_forms) <= {"ask_for_link", "password_by_link"}


def filled(client: Client, page: str, **fields: Any) -> dict[str, Any]:
    """The first form of a page that sends somewhere else than to signing out, filled in."""
    forms = [f for f in read_forms(client.get(page).content.decode()) if "logout" not in f.action]
    form = max(forms, key=lambda f: len({c.name for c in f.controls} & set(fields)))
    hidden = {
        c.name: c.value for c in form.controls if c.kind == "hidden" and c.name != "csrfmiddlewaretoken"
    }
    return hidden | fields


def test_a_form_that_is_sent_twice_makes_one_and_says_the_same(
    people: People, inspection: Inspection
) -> None:
    client = signed_in(people["inspector"])
    item = inspection.framework.criteria["A1"].items[0].key
    page = reverse("piece_new", args=[inspection.pk])
    fields = {"kind": "document", "title": "Business plan", "source": "The board", f"grade__{item}": "good"}
    sent = filled(client, page, **fields)
    first, second = client.post(page, sent), client.post(page, sent)
    assert Piece.objects.count() == 1
    assert (first.status_code, first["Location"]) == (second.status_code, second["Location"])
    shown = client.get(second["Location"]).content.decode()
    assert shown.count("govuk-notification-banner--success") == 1

    # Opened anew, it is another form: two pieces of one name are two where somebody means two.
    client.post(page, filled(client, page, **fields))
    assert Piece.objects.count() == 2


def test_the_second_of_two_at_once_undoes_its_work(
    people: People, inspection: Inspection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other request comes after this one has looked whether the form is known, and is done before this one writes."""
    client, other = signed_in(people["inspector"]), signed_in(people["inspector"])
    page = reverse("piece_new", args=[inspection.pk])
    sent = filled(client, page, kind="document", title="Business plan", source="The board")
    sent[f"grade__{inspection.framework.criteria['A1'].items[0].key}"] = "good"
    look, others = find_submission, []

    def find(*, user: int, uid: Any) -> Submission | None:
        known = look(user=user, uid=uid)
        if not others:
            others.append(None)
            others.append(other.post(page, sent))
        return known

    monkeypatch.setattr(once, "find_submission", find)
    mine = client.post(page, sent)
    assert Piece.objects.count() == 1
    assert mine["Location"] == others[1]["Location"]


def test_the_same_form_with_other_words_is_shown_again_and_nothing_is_lost(
    people: People, inspection: Inspection
) -> None:
    """Back in the browser, other words, sent again: they are neither dropped nor saved unasked."""
    client = signed_in(people["inspector"])
    page = reverse("piece_new", args=[inspection.pk])
    sent = filled(client, page, kind="document", title="Business plan", source="The board")
    sent[f"grade__{inspection.framework.criteria['A1'].items[0].key}"] = "good"
    client.post(page, sent)
    again = client.post(page, {**sent, "title": "Minutes of June"})
    assert again.status_code == 409
    assert "Minutes of June" in again.content.decode()
    assert Piece.objects.count() == 1
    form = max(read_forms(again.content.decode()), key=lambda f: len(f.controls))
    fresh = {c.name: c.value for c in form.controls if c.name == form_ids.FIELD}
    client.post(page, {**sent, "title": "Minutes of June", **fresh})
    assert Piece.objects.count() == 2


def test_a_form_that_was_refused_can_be_put_right_and_sent_again(people: People) -> None:
    client = signed_in(people["programme_manager"])
    page = reverse("family_new")
    sent = filled(client, page, name="", description="Large and urban")
    assert client.post(page, sent).status_code == 200
    assert client.post(page, {**sent, "name": "Cities"}).status_code == 302
    assert Family.objects.filter(name="Cities").count() == 1


def test_a_page_that_is_shown_once_is_shown_again_to_who_sent_it_twice(people: People) -> None:
    """The key to the API, which nobody can see a second time, is not lost by a double click."""
    client = signed_in(people["analyst"])
    page = reverse("own_account")
    sent = filled(client, page, name="Statistics", scopes="inspections", days="30")
    first, second = client.post(page, sent), client.post(page, sent)
    assert Token.objects.filter(user=people["analyst"]).count() == 1
    assert first.content == second.content
    stored = bytes(Submission.objects.get(user=people["analyst"]).answer)
    assert b"Statistics" not in stored


def test_a_file_can_be_fetched_as_often_as_one_likes(people: People) -> None:
    client = signed_in(people["analyst"])
    sent = filled(client, reverse("own_account"))
    sent = {form_ids.FIELD: form_ids.make_id(people["analyst"].pk)}
    for _ in range(2):
        assert client.post(reverse("own_export"), sent)["Content-Type"] == "application/json"


def test_somebody_elses_id_does_nothing(people: People) -> None:
    """An id holds for the person that it was given to; a made-up one for nobody."""
    mine, other = signed_in(people["programme_manager"]), signed_in(people["information_manager"])
    sent = {"name": "Cities", form_ids.FIELD: form_ids.make_id(people["programme_manager"].pk)}
    mine.post(reverse("family_new"), sent)
    other.post(reverse("family_new"), {**sent, "name": "Coast"})
    assert {f.name for f in Family.objects.all()} >= {"Cities", "Coast"}
    assert form_ids.read_id("x.1.2") is None
    assert form_ids.read_id("") is None
    assert form_ids.read_id(sent[form_ids.FIELD].replace(".", ".1", 1)) is None


# -- what was typed --------------------------------------------------------------------------


def test_whatever_is_wrong_with_a_form_everything_typed_is_in_the_answer(
    numbers: dict[str, Any], people: People
) -> None:
    """Every form that a role is shown, with words in every field: what is not saved stands in the answer."""
    lost = []
    sent_forms = 0
    for client, _, page, form in seen_forms(people, numbers):
        sent = content_of(form, "<Typed> & more")
        words = typed_in(sent, "<Typed")
        if not words:
            continue
        sent_forms += 1
        to = form.action or page.partition("?")[0]
        response = client.post(to, sent, HTTP_REFERER=f"http://testserver{page}")
        if response.status_code == 302:
            assert ">Not done<" not in client.get(response["Location"]).content.decode(), to
            continue
        shown = response.content.decode()
        lost += [(to, word, response.status_code) for word in words if escaped(word) not in shown]
    assert lost == []
    assert sent_forms > 40


def escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def end_session(client: Client) -> None:
    Session.objects.filter(session_key=client.session.session_key).delete()


def sign_in(client: Client, user: User, response: Any) -> Any:
    """Sign in where a refused form led, and go where that leads."""
    assert response.status_code == 302
    assert response["Location"].startswith("/account/login/")
    page = client.get(response["Location"])
    assert "go on with the form as you left it" in page.content.decode()
    to = response["Location"].partition("next=")[2].replace("%2F", "/")
    signed = client.post(
        "/account/login/", {"login": user.username, "password": village.PASSWORD, "next": to}
    )
    assert signed.status_code == 302
    return client.get(signed["Location"])


def test_every_form_comes_back_when_its_session_has_ended(numbers: dict[str, Any], people: People) -> None:
    """Each form, sent without a session: it is kept, and its page shows it, filled, to the same person and to nobody else."""
    lost = []
    count = 0
    without, other = Client(), signed_in(people["nobody"])
    for client, _, page, form in seen_forms(people, numbers):
        sent = content_of(form, "Typed")
        words = typed_in(sent, "Typed")
        if not words:
            continue
        to = form.action or page.partition("?")[0]
        response = without.post(to, sent, HTTP_REFERER=f"http://testserver{page}")
        where = response["Location"].partition("next=")[2]
        shown = client.get(where).content.decode()
        lost += [(to, word) for word in words if escaped(word) not in shown]
        refused = other.get(where)
        assert refused.status_code == 403
        assert not [word for word in words if word in refused.content.decode()]
        count += 1
    assert lost == []
    assert count > 40


def test_a_form_whose_session_ended_is_signed_in_for_and_sent_once(
    people: People, inspection: Inspection
) -> None:
    client = signed_in(people["inspector"])
    page = reverse("piece_new", args=[inspection.pk])
    sent = filled(
        client,
        page,
        kind="interview",
        title="A long talk",
        source="The chair",
        note="What was said\nat length",
    )
    sent[f"grade__{inspection.framework.criteria['A1'].items[0].key}"] = "good"
    end_session(client)
    before = Piece.objects.count()
    shown = sign_in(client, people["inspector"], client.post(page, sent)).content.decode()
    assert Piece.objects.count() == before, "nothing is done before somebody looks at it"
    form = max(read_forms(shown), key=lambda f: len(f.controls))
    values = {c.name: c.value for c in form.controls}
    assert (values["title"], values["source"]) == ("A long talk", "The chair")
    assert "What was said\nat length</textarea>" in shown
    assert re.search(r'value="interview"[^>]* checked', shown)
    assert client.post(page, {**sent, form_ids.FIELD: values[form_ids.FIELD]}).status_code == 302
    assert Piece.objects.count() == before + 1
    assert not KeptForm.objects.exists()


def test_files_are_asked_for_again(people: People, inspection: Inspection) -> None:
    client = signed_in(people["information_manager"])
    page = reverse("inspection_import")
    sent = filled(client, page)
    end_session(client)
    response = client.post(page, {**sent, "file": SimpleUploadedFile("farfield.zip", b"PK")})
    shown = sign_in(client, people["information_manager"], response).content.decode()
    assert "Choose this file again" in shown
    assert "farfield.zip" in shown


def test_what_is_kept_is_encrypted_and_holds_no_password(people: People) -> None:
    client = signed_in(people["administrator"])
    page = reverse("account_new")
    sent = filled(client, page, username="new", name="A New Person", password="never to be kept")  # noqa: S106 no password
    end_session(client)
    client.post(page, sent)
    form = KeptForm.objects.get()
    assert b"A New Person" not in bytes(form.content)
    fields = dict(read_form(form=form)["fields"])
    assert fields["name"] == "A New Person"
    assert "password" not in fields


def test_a_form_with_an_old_token_comes_back_filled_and_is_not_done(people: People) -> None:
    """Signed in again in another tab: the token has changed, the person has not."""
    client = signed_in(people["programme_manager"], enforce_csrf_checks=True)
    page = reverse("family_new")
    sent = filled(client, page, name="Cities", description="Large and urban")
    response = client.post(page, {**sent, "csrfmiddlewaretoken": "x" * 64})
    shown = response.content.decode()
    assert response.status_code == 403
    assert 'value="Cities"' in shown
    assert "Large and urban</textarea>" in shown
    assert not Family.objects.filter(name="Cities").exists()

    # Another site knows no id of a form, and has none of its words shown here.
    foreign = client.post(page, {"name": "Foreign words"})
    assert foreign.status_code == 403
    assert "Foreign words" not in foreign.content.decode()


def test_a_right_that_was_lost_meanwhile_loses_no_words(people: People, inspection: Inspection) -> None:
    client = signed_in(people["inspector"])
    page = reverse("piece_new", args=[inspection.pk])
    sent = filled(client, page, kind="document", title="Business plan", source="The board", note="Long words")
    part = inspection.participants.get(name="Inspector")
    part.retired_at, part.retired_by = "2005-11-01T10:00Z", people["information_manager"]
    part.save()
    response = client.post(page, sent)
    assert response.status_code in (403, 404)
    assert "Long words" in response.content.decode()
    assert Piece.objects.count() == 0


LONG = 25_000
SEARCHES = {"q"}
"""Fields that look for something: what is looked for is no text that anybody keeps."""
WHOLE = {"content"}
"""Fields that take so much, and keep it."""


@pytest.mark.repeats
def test_no_text_is_cut_wherever_it_is_too_long(numbers: dict[str, Any], people: People) -> None:
    """25,000 characters pasted, 20,000 kept, "Saved": now everything is kept, or the form comes back with all of it and says why."""
    wrong = []
    for client, _, page, form in seen_forms(people, numbers):
        sent = content_of(form, "Typed")
        long = {
            name: [f"{'x' * LONG} end {n} {v}" if v.startswith("Typed") else v for n, v in enumerate(values)]
            for name, values in sent.items() if isinstance(values, list) and name not in SEARCHES and "password" not in name
        }  # fmt: skip
        if not any(v.startswith("xxx") for values in long.values() for v in values):
            continue
        to = form.action or page.partition("?")[0]
        response = client.post(to, {**sent, **long}, HTTP_REFERER=f"http://testserver{page}")
        shown = response.content.decode()
        for name, values in long.items():
            for value in values:
                if value.startswith("xxx") and value not in shown:
                    stored = name in WHOLE and response.status_code == 302
                    wrong += [] if stored else [(to, name, response.status_code)]
        if response.status_code != 302 and "govuk-error" not in shown:
            wrong.append((to, "says nothing", response.status_code))
    assert wrong == []


def test_no_browser_is_asked_to_cut(numbers: dict[str, Any], people: People) -> None:
    """A field with `maxlength` drops the end of what is pasted without a word."""
    for name in ("piece_new", "assessment", "recommendation_new", "account_new", "text"):
        letter = next(role for role in ROLES if role in SCREENS[name])
        shown = signed_in(people[LETTERS[letter]]).get(address(name, numbers)).content.decode()
        assert "maxlength" not in shown
        assert "data-limit" in shown


def test_what_somebody_else_saved_meanwhile_is_shown_beside_what_was_typed(
    people: People, inspection: Inspection
) -> None:
    """An edit with a version of its own, and one without: neither overwrites, and both can be sent again."""
    mine, theirs = signed_in(people["inspector"]), signed_in(people["lead_inspector"])
    item = inspection.framework.criteria["A1"].items[0].key
    new = reverse("piece_new", args=[inspection.pk])
    where = mine.post(
        new,
        filled(
            mine,
            new,
            kind="document",
            title="Plan",
            source="Board",
            note="First",
            **{f"grade__{item}": "good"},
        ),
    )["Location"]
    edit = f"{where}change/"
    fields = {"kind": "document", "title": "Plan", "source": "Board", f"grade__{item}": "good"}
    my_edit, their_edit = (
        filled(mine, edit, **fields, note="My words"),
        filled(theirs, edit, **fields, note="Their words"),
    )
    assert theirs.post(edit, their_edit).status_code == 302
    conflict = mine.post(edit, my_edit)
    shown = conflict.content.decode()
    assert "My words</textarea>" in shown
    assert "Their words" in shown
    assert Piece.objects.get().note == "Their words"
    form = max(read_forms(shown), key=lambda f: len(f.controls))
    hidden = {
        c.name: c.value for c in form.controls if c.kind == "hidden" and c.name != "csrfmiddlewaretoken"
    }
    assert mine.post(edit, {**my_edit, **hidden}).status_code == 302
    assert Piece.objects.get().note == "My words"


def test_an_edit_without_a_version_does_not_overwrite_either(people: People) -> None:
    mine, theirs = signed_in(people["programme_manager"]), signed_in(people["information_manager"])
    mine.post(reverse("family_new"), filled(mine, reverse("family_new"), name="Cities", description="Large"))
    edit = reverse("family_edit", args=[Family.objects.get(name="Cities").pk])
    my_edit = filled(mine, edit, name="Cities", description="Mine")
    assert theirs.post(edit, filled(theirs, edit, name="Cities", description="Theirs")).status_code == 302
    shown = mine.post(edit, my_edit).content.decode()
    assert "Mine</textarea>" in shown
    assert "Theirs" in shown
    assert Family.objects.get(name="Cities").description == "Theirs"
    form = max(read_forms(shown), key=lambda f: len(f.controls))
    hidden = {
        c.name: c.value for c in form.controls if c.kind == "hidden" and c.name != "csrfmiddlewaretoken"
    }
    assert mine.post(edit, {**my_edit, **hidden}).status_code == 302
    assert Family.objects.get(name="Cities").description == "Mine"


# -- addresses that only take forms --------------------------------------------------------------


@pytest.mark.repeats
def test_no_address_is_empty_when_it_is_opened(numbers: dict[str, Any], people: People) -> None:
    """Reloaded, bookmarked, opened from the history: every address shows a page or leads to one."""
    wrong = []
    clients = {letter: signed_in(people[LETTERS[letter]]) for letter in ROLES}
    for name, letters in SCREENS.items():
        if name == "token_retire":
            continue  # one's own keys: there is none
        client = clients[next(letter for letter in ROLES if letter in letters)]
        response = client.get(address(name, numbers))
        if response.status_code == 405 or (name in PAGES and response.status_code != 302):
            wrong.append((name, response.status_code))
        elif name in PAGES:
            shown = client.get(response["Location"])
            wrong += [(name, response["Location"], shown.status_code)] if shown.status_code != 200 else []
    assert wrong == []


def test_a_page_is_filled_where_it_was_filled() -> None:
    page = (
        '<form method="post" action="/a/"><input type="hidden" name="question" value="q1"><textarea name="text">\n</textarea>'
        '<input type="checkbox" name="c" value="1" checked><input type="checkbox" name="c" value="2"></form>'
        '<form method="post" action="/a/"><input type="hidden" name="question" value="q2"><textarea name="text">old</textarea>'
        '<select name="s"><option value="x" selected>X</option><option value="y">Y</option></select><input name="t" value="a &quot;b"></form>'
    )
    sent = [
        ("question", "q2"),
        ("text", 'a</textarea>"<b>'),
        ("s", "y"),
        ("t", 'c"d'),
        ("gone", "but not lost"),
    ]
    result = fill(page, "/page/", "/a/", sent)
    assert result is not None
    first, second = result.html.split("</form>")[:2]
    assert first == page.split("</form>")[0]
    assert '<textarea name="text">\na&lt;/textarea&gt;"&lt;b&gt;</textarea>' in second
    assert '<option value="y" selected>' in second
    assert '<option value="x">' in second
    assert 'value="c&quot;d"' in second
    assert result.left == [("gone", "but not lost")]
    assert fill(page, "/page/", "/elsewhere/", sent) is None


def test_forms_are_forgotten_in_time(people: People) -> None:
    from django.utils import timezone

    client = signed_in(people["programme_manager"])
    client.post(reverse("family_new"), filled(client, reverse("family_new"), name="Cities"))
    submissions.tidy(now=timezone.now())
    assert Submission.objects.count() == 1
    submissions.tidy(now=timezone.now() + 2 * submissions.REMEMBERED)
    assert Submission.objects.count() == 0
