"""Forms that are sent after their session has ended come back, filled, when the same person has signed in."""

from __future__ import annotations

from uuid import UUID, uuid4

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from scrutineer_web.actions.operations import submissions
from scrutineer_web.kit import form_ids, form_pages, typed
from scrutineer_web.queries.operations.submissions import read_form
from scrutineer_web.records.submission import KeptForm
from scrutineer_web.records.user import User

BACK = gettext_lazy("You were signed out before this was saved. Check it and send it again.")
OLD = gettext_lazy("The page was open for too long and this wasn't saved. Check it and send it again.")
ANOTHER = gettext_lazy("Somebody else filled in this form, and only they can see it.")
_OWN = "kept_forms"


def sign_in_first(request: HttpRequest) -> HttpResponse:
    """Lead somebody to the sign-in page; a form that was sent is kept meanwhile."""
    if request.method != "POST":
        return redirect_to_login(request.get_full_path())
    if request.headers.get("Accept", "").startswith("application/json"):
        fault = {"where": "", "what": _("Your session has ended"), "do": _("Sign in again, in another tab")}
        return JsonResponse({"faults": [fault]}, status=401)
    kept_form = keep(request)
    return redirect_to_login(
        reverse("kept_form", args=[kept_form.uid]) if kept_form else request.get_full_path()
    )


def keep(request: HttpRequest) -> KeptForm | None:
    """Keep the form that was sent, for the person that it was rendered for."""
    fields = typed.remove_secrets(form_ids.list_fields(request))
    form_id = form_ids.find_id(request)
    # The form's signed id says whose it is. The session can't, because it has ended.
    owner = User.objects.filter(pk=form_id.user, is_active=True).first() if form_id else None
    # A closed account gets nothing back, and nothing is stored for it.
    if form_id is not None and owner is None:
        return None
    listed = form_pages.list_filled_in(request)
    kept_form = submissions.keep(
        uid=form_id.uid if form_id else uuid4(),
        address=request.path,
        page=listed[0] if listed else "",
        fields=fields,
        files=form_ids.list_files(request),
        by=owner,
    )
    if kept_form is not None and owner is None:
        # A program's form names nobody: it belongs to this browser's session alone.
        request.session[_OWN] = [*request.session.get(_OWN, [])[-4:], str(kept_form.uid)]
    return kept_form


def show_kept_form(request: HttpRequest, uid: UUID) -> HttpResponse:
    """A kept form, filled as it was sent, to be looked at and sent again."""
    kept_form = KeptForm.objects.filter(uid=uid).first()
    if kept_form is None:
        return redirect("my_work")
    mine = kept_form.user_id == request.user.pk or (
        kept_form.user_id is None and str(uid) in request.session.get(_OWN, [])
    )
    if not mine:
        return render(
            request,
            "kit/typed.html",
            {"heading": _("Not your form"), "sentences": [str(ANOTHER)]},
            status=403,
        )
    content = read_form(form=kept_form)
    fields = [(name, value) for name, value in content["fields"]]
    sent = typed.Sent(kept_form.address, fields, content["files"])
    # The id that it was sent with, so that sending it again and a late first arrival count as one.
    form_id = form_ids.keep_id(kept_form.uid, kept_form.user_id) if kept_form.user_id else ""
    # The page as it was first. If the record has moved on since, the address itself may still show the form.
    for page in (kept_form.page, kept_form.address):
        response = (
            typed.show_filled_page(request, page, sent, form_id=form_id, sentences=[str(BACK)])
            if page
            else None
        )
        if response is not None:
            return response
    left = [(name, value) for name, value in fields if value.strip()]
    context = {
        "heading": _("Not saved"),
        "sentences": [
            _("You were signed out before this was saved, and Scrutineer no longer has what you typed.")
        ],
        "left": left,
        "files": content["files"],
    }
    return render(request, "kit/typed.html", context)


def answer_csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form whose token is too old: the person that it was rendered for gets it back, filled; nothing is done.

    The form's own id is signed, so that no other site can have a form of this room shown with its words in it.
    """
    del reason
    form_id = form_ids.find_id(request)
    if form_id is not None and not request.user.is_authenticated:
        return sign_in_first(request)
    if form_id is not None and form_id.user == request.user.pk:
        response = typed.show_again(
            request, pages=form_pages.list_filled_in(request), status=403, sentences=[str(OLD)], again=True
        )
        return response or typed.show_typed_page(
            request, status=403, heading=_("Not saved"), sentences=[str(OLD)]
        )
    if form_id is not None:
        return render(
            request,
            "kit/typed.html",
            {"heading": _("Not your form"), "sentences": [str(ANOTHER)]},
            status=403,
        )
    return render(request, "403_csrf.html", status=403)
