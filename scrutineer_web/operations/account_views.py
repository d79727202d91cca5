"""Accounts, roles, one's own account with its keys, and the audit log."""

from __future__ import annotations

from functools import cache
from math import ceil
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from scrutineer.errors import Fault, UserError
from scrutineer_web.actions.operations import access, accounts, outside
from scrutineer_web.kit import jobs as background
from scrutineer_web.kit import sign_in_limits
from scrutineer_web.kit.accounts import require_recent_sign_in
from scrutineer_web.kit.numbers import read_whole
from scrutineer_web.kit.page_context import make_person
from scrutineer_web.kit.signed_in import SignedInRequest
from scrutineer_web.kit.views import (
    lead_on_after,
    open_to_public,
    require_permission,
    require_sign_in,
    try_and_lead_on,
)
from scrutineer_web.operations import account_forms as forms
from scrutineer_web.operations import account_jobs as operations_jobs
from scrutineer_web.queries.operations.access import can_mail_links, count_failures, describe_news, list_news
from scrutineer_web.records.appointment import Appointment
from scrutineer_web.records.event import Event
from scrutineer_web.records.inspection import Inspection
from scrutineer_web.records.job import Job
from scrutineer_web.records.token import Token
from scrutineer_web.records.user import User

PAGE = 100


@require_permission("account.see")
def list_accounts(request: SignedInRequest) -> HttpResponse:
    """Every account with its roles."""
    users = User.objects.prefetch_related("appointments", "parts__inspection").order_by("name")
    rows = [
        (
            u,
            [a for a in u.appointments.all() if a.retired_at is None],
            [p for p in u.parts.all() if p.retired_at is None],
        )
        for u in users
    ]
    return render(request, "operations/accounts.html", {"section": "accounts", "rows": rows})


@require_permission("account.manage")
def add_account(request: SignedInRequest) -> HttpResponse:
    """Add an account."""
    form = forms.AccountForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            account = accounts.create(**form.cleaned_data, by=request.user)
        except UserError as error:
            form.refuse(error)
        else:
            return lead_on_after(
                request, _("Account added for %(account)s") % {"account": account}, "account", account.pk
            )
    return render(
        request,
        "kit/page_form.html",
        {"section": "accounts", "form": form, "heading": _("Add an account"), "button": _("Add the account")},
    )


@require_permission("account.see")
def show_account(request: SignedInRequest, user: int) -> HttpResponse:
    """One account: roles, second factor, keys."""
    from allauth.mfa.utils import is_mfa_enabled

    account = get_object_or_404(User, pk=user)
    context = {
        "section": "accounts",
        "account": account,
        "roles": account.appointments.filter(retired_at=None).select_related("given_by"),
        "parts": account.parts.filter(retired_at=None).select_related("inspection"),
        "tokens": account.tokens.filter(retired_at=None),
        "second": is_mfa_enabled(account),
        "role": forms.RoleForm(),
        "password": forms.PasswordForm(),
        "mail": forms.MailForm(initial={"mail": account.email}),
        "provider": bool(settings.SOCIALACCOUNT_PROVIDERS),
        "links": account.socialaccount_set.filter(extra_data__has_key="id_token"),
        "link": forms.LinkForm(initial={"issuer": settings.OIDC_ISSUER}),
    }
    return render(request, "operations/account.html", context)


@require_permission("account.manage")
@require_POST
def link_account(request: SignedInRequest, user: int) -> HttpResponse:
    """Link an account to one at the provider, or remove such a link."""
    account = get_object_or_404(User, pk=user)
    asked, by = request.POST, request.user
    if asked.get("what") == "unlink":
        identity = get_object_or_404(account.socialaccount_set, pk=read_whole(asked.get("identity")) or 0)
        return try_and_lead_on(
            request,
            lambda: outside.unlink(identity=identity, by=by),
            _("Link removed"),
            "account",
            account.pk,
        )
    return try_and_lead_on(
        request,
        lambda: outside.link(
            user=account, issuer=asked.get("issuer", ""), subject=asked.get("subject", ""), by=by
        ),
        _("%(account)s can now sign in through the provider") % {"account": account},
        "account",
        account.pk,
    )


@require_permission("account.manage")
@require_POST
def change_account(request: SignedInRequest, user: int) -> HttpResponse:
    """Add or remove a role, set a password, remove a second factor, close the account."""
    account = get_object_or_404(User, pk=user)
    changes, by = request.POST, request.user
    works = {
        "appoint": (
            lambda: accounts.appoint(user=account, role=changes.get("role", ""), by=by),
            _("Role added. %(account)s has it from now on") % {"account": account},
        ),
        "password": (
            lambda: accounts.set_password(user=account, password=changes.get("password", ""), by=by),
            _("Password set. Open sessions have ended"),
        ),
        "mail": (
            lambda: accounts.set_mail(user=account, mail=changes.get("mail", ""), by=by),
            _("Email address saved"),
        ),
        "second": (
            lambda: accounts.reset_second_factor(user=account, by=by),
            _("Second factor removed. The person sets a new one at the next sign-in"),
        ),
        "retire": (
            lambda: accounts.retire(user=account, by=by),
            _("Account of %(account)s closed") % {"account": account},
        ),
    }
    if changes.get("what") == "dismiss":
        role = get_object_or_404(Appointment, pk=read_whole(changes.get("appointment")) or 0, user=account)
        return try_and_lead_on(
            request,
            lambda: accounts.dismiss(appointment=role, by=by),
            _("Role removed. %(account)s no longer has it") % {"account": account},
            "account",
            account.pk,
        )
    work, text = works.get(changes.get("what", ""), (_choose, ""))
    return try_and_lead_on(request, work, text, "account", account.pk)


def _choose() -> None:
    raise UserError(Fault("", _("choose what to do with the account"), _("Use one of the buttons")))


@require_sign_in
@require_recent_sign_in
def show_own_account(request: SignedInRequest) -> HttpResponse:
    """One's own account: second factor, password, keys to the API."""
    from allauth.mfa.utils import is_mfa_enabled

    form = forms.KeyForm(request.POST or None)
    secret = None
    if request.method == "POST" and form.is_valid():
        try:
            secret = accounts.make_token(**form.cleaned_data, by=request.user)[1]
        except UserError as error:
            form.refuse(error)
        else:
            form = forms.KeyForm()
    who = make_person(request)
    context = {
        "section": "own",
        "form": form,
        "secret": secret,
        "mail": forms.MailForm(initial={"mail": request.user.email}),
        "tokens": Token.objects.filter(user=request.user, retired_at=None),
        "second": is_mfa_enabled(request.user),
        "roles": sorted(r.replace("_", " ") for r in who.everywhere),
        "parts": [p for parts in who.parts.values() for p in parts],
    }
    return render(request, "operations/own.html", context)


@require_sign_in
def edit_own_news(request: SignedInRequest) -> HttpResponse:
    """What others did to one's account; nothing else is shown before it is confirmed."""
    if request.method == "POST":
        access.mark_seen(by=request.user)
        request.session.pop("news", None)
        return redirect("my_work")
    news = [describe_news(event) for event in list_news(request.user)]
    if not news:
        request.session.pop("news", None)
        return redirect("my_work")
    context = {"section": "own", "news": news, "failures": count_failures(request.user)}
    return render(request, "operations/news.html", context)


@require_sign_in
@require_POST
def edit_own_mail(request: SignedInRequest) -> HttpResponse:
    """Say where one is reminded."""
    mail = request.POST.get("mail", "")
    return try_and_lead_on(
        request,
        lambda: accounts.set_mail(user=request.user, mail=mail, by=request.user),
        _("Email address saved"),
        "own_account",
    )


@require_sign_in
@require_POST
def retire_token_view(request: SignedInRequest, token: int) -> HttpResponse:
    """End a key of one's own."""
    retired = get_object_or_404(Token, pk=token, user=request.user)
    return try_and_lead_on(
        request,
        lambda: accounts.retire_token(token=retired, by=request.user),
        _("Key ended"),
        "own_account",
    )


@open_to_public
def show_no_account(request: HttpRequest) -> HttpResponse:
    """Somebody signed in at the provider, and no account here is linked to that."""
    return render(request, "account/no_account.html", {"identity": request.session.get("identity")})


@open_to_public
def ask_for_link(request: HttpRequest) -> HttpResponse:
    """Ask for a link to a new password; the answer is the same whether there is such an account or not."""
    if not can_mail_links():
        raise Http404
    form = forms.ForgottenForm(request.POST or None)
    asked = request.method == "POST" and form.is_valid()
    if asked and sign_in_limits.spend_reset(request, form.cleaned_data["name"]):
        access.ask_for_link(name=form.cleaned_data["name"])
    minutes = settings.PASSWORD_RESET_TIMEOUT // 60
    return render(request, "account/ask_for_link.html", {"form": form, "asked": asked, "minutes": minutes})


@open_to_public
def set_password_by_link(request: HttpRequest, user: int, link: str) -> HttpResponse:
    """Set a new password with a link that was sent."""
    account = User.objects.filter(pk=user, is_active=True).first()
    if account is not None and not (can_mail_links() and access.TOKENS.check_token(account, link)):
        account = None
    form = forms.OwnPasswordForm(request.POST or None)
    if account is not None and request.method == "POST" and form.is_valid():
        try:
            access.set_password_by_link(link=link, password=form.cleaned_data["password"], by=account)
        except UserError as error:
            form.refuse(error)
        else:
            return lead_on_after(
                request, _("Your password has been changed. Sign in with it now."), "account_login"
            )
    context = {"form": form, "valid": account is not None}
    return render(request, "account/password_by_link.html", context, status=200 if account else 404)


# -- audit log -----------------------------------------------------------------------------


@require_permission("audit.see")
def show_inspection_audit(request: SignedInRequest, inspection: Inspection) -> HttpResponse:
    """What happened in one inspection."""
    return _show_log(request, Event.objects.filter(inspection=inspection), inspection)


@require_permission("audit.everything")
def show_audit(request: SignedInRequest) -> HttpResponse:
    """What happened anywhere."""
    return _show_log(request, Event.objects.all(), None)


def _show_log(
    request: SignedInRequest, events: QuerySet[Event], inspection: Inspection | None
) -> HttpResponse:
    if "check" in request.GET:
        return background.start(
            request, operations_jobs.verify_log, _("Checking the audit log"), inspection=inspection
        )
    checked = Job.objects.filter(
        pk=read_whole(request.GET.get("checked")) or 0,
        kind=operations_jobs.verify_log.name,
        asked_by=request.user,
        state="done",
    ).first()
    kind, who = request.GET.get("kind", ""), request.GET.get("who", "").strip()[:100]
    rows = events.select_related("inspection").defer(*Inspection.list_heavy("inspection"))
    kinds = rows.order_by("kind").values_list("kind", flat=True).distinct()
    chosen = rows.filter(kind=kind) if kind else rows
    chosen = chosen.filter(actor__icontains=who) if who else chosen
    total = chosen.count()
    pages = max(1, ceil(total / PAGE))
    number = min(max(1, read_whole(request.GET.get("page")) or 1), pages)
    context = {
        "section": "inspections" if inspection else "audit",
        "inspection": inspection,
        "events": chosen.order_by("-id")[PAGE * (number - 1) : PAGE * number],
        "kinds": list(kinds),
        "kind": kind,
        "who": who,
        "total": total,
        "page": number,
        "pages": pages,
        "checked": checked is not None,
        "broken": checked.result if checked else [],
    }
    return render(request, "operations/audit.html", context)


@cache
def _list_api_paths() -> dict[str, Any]:
    """What the API describes itself as: built once, since nothing but another release changes it."""
    from scrutineer_web.api.api import api

    return dict(api.get_openapi_schema()["paths"])


@require_sign_in
def show_api_guide(request: SignedInRequest) -> HttpResponse:
    """What the API offers, from its own description."""
    parts: dict[str, list[tuple[str, str, dict[str, object]]]] = {}
    for path, methods in _list_api_paths().items():
        for method, operation in methods.items():
            parts.setdefault(operation["tags"][0], []).append((method.upper(), path, operation))
    address = f"{request.scheme}://{request.get_host()}/api/v1/inspections"
    context = {
        "section": "own",
        "parts": parts,
        "scopes": accounts.SCOPES,
        "example": f'curl -H "Authorization: Bearer scr_…" {address}',
    }
    return render(request, "operations/api.html", context)
