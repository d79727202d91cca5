"""Forms of accounts and keys."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from scrutineer_web.actions.operations.accounts import SCOPES
from scrutineer_web.kit.forms import RoomForm
from scrutineer_web.records.appointment import APPOINTMENTS


class AccountForm(RoomForm):
    """A new account."""

    username = forms.CharField(
        label=gettext_lazy("Username"),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    name = forms.CharField(
        label=gettext_lazy("Name"), max_length=150, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    mail = forms.CharField(
        label=gettext_lazy("Email address"),
        required=False,
        max_length=254,
        help_text=gettext_lazy("Reminders of work to do are sent to this address"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "email"}),
    )
    password = forms.CharField(
        label=gettext_lazy("Password"),
        help_text=gettext_lazy("At least 12 characters. Give it to the person, who can change it"),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class MailForm(RoomForm):
    """Where somebody is reminded."""

    mail = forms.CharField(
        label=gettext_lazy("Email address"),
        required=False,
        max_length=254,
        help_text=gettext_lazy(
            "Reminders of work to do are sent to this address. Leave it empty to send none"
        ),
        widget=forms.TextInput(attrs={"autocomplete": "email", "inputmode": "email"}),
    )


class PasswordForm(RoomForm):
    """A new password."""

    password = forms.CharField(
        label=gettext_lazy("Password"),
        help_text=gettext_lazy("At least 12 characters"),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class LinkForm(RoomForm):
    """An account at the provider."""

    issuer = forms.CharField(
        label=gettext_lazy("The provider's address"),
        max_length=255,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    subject = forms.CharField(
        label=gettext_lazy("The person's identity with the provider"),
        max_length=255,
        help_text=gettext_lazy("The person sees both after signing in with the provider"),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class ForgottenForm(RoomForm):
    """Who has forgotten the password."""

    name = forms.CharField(
        label=gettext_lazy("Username"),
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "username"}),
    )


class OwnPasswordForm(RoomForm):
    """A new password of one's own."""

    password = forms.CharField(
        label=gettext_lazy("Password"),
        help_text=gettext_lazy("At least 12 characters"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )


class RoleForm(RoomForm):
    """A role in the whole inspectorate."""

    role = forms.ChoiceField(label=gettext_lazy("Role"), choices=APPOINTMENTS)


class KeyForm(RoomForm):
    """A key to the API."""

    name = forms.CharField(
        label=gettext_lazy("Name"), max_length=100, help_text=gettext_lazy("Say what the key is for")
    )
    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("Scopes"), choices=list(SCOPES.items()), widget=forms.CheckboxSelectMultiple
    )
    days = forms.IntegerField(
        label=gettext_lazy("Days"),
        initial=90,
        help_text=gettext_lazy("How long the key lasts, up to 366 days"),
        widget=forms.TextInput(attrs={"class": "govuk-input--width-5", "inputmode": "numeric"}),
    )

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["scopes"].widget.attrs["class"] = "govuk-checkboxes__input"
