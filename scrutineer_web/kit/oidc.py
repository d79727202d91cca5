"""OpenID Connect: whom the provider vouches for is its issuer and subject, signed, for this very sign-in.

The address, the name and all else that a provider tells can be changed by its users; the subject cannot. Of one provider
no two people have the same; of two providers they may, so that the issuer belongs to it.
"""

from __future__ import annotations

import secrets
from typing import Any

import requests
from allauth.socialaccount.helpers import render_authentication_error
from allauth.socialaccount.internal import jwtkit
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView, OAuth2LoginView
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.http import Http404, HttpRequest, HttpResponse

from scrutineer_web.actions.operations.outside import PROVIDER
from scrutineer_web.queries.operations.outside import make_key


class Adapter(OpenIDConnectOAuth2Adapter):
    """Checks what the provider signed, against what this sign-in asked for."""

    def complete_login(self, request: HttpRequest, app: Any, token: Any, **kwargs: Any) -> Any:
        """The identity that the provider vouches for.

        Raises:
            OAuth2Error: it vouches for none, for another room, or for another sign-in.
        """
        del token
        signed = kwargs["response"].get("id_token")
        if not signed:
            raise OAuth2Error("no id_token")
        config = self.openid_config
        try:
            # The library skips the signature of a token that it fetched itself. Here it is always checked.
            identity = jwtkit.verify_and_decode(
                credential=signed,
                keys_url=config["jwks_uri"],
                issuer=config["issuer"],
                audience=app.client_id,
                lookup_kid=jwtkit.lookup_kid_jwk,
            )
        except (KeyError, TypeError, ValueError) as error:
            raise OAuth2Error("the id_token or the keys are not in order") from error
        self._check(request, app, identity)
        return self.get_provider().sociallogin_from_response(request, {"id_token": identity})

    def _check(self, request: HttpRequest, app: Any, identity: dict[str, Any]) -> None:
        nonce = getattr(request, "oidc_nonce", "")
        # Without this, a token that was stolen from another sign-in could be used here.
        if not nonce or not secrets.compare_digest(str(identity.get("nonce", "")).encode(), nonce.encode()):
            raise OAuth2Error("the id_token is of another sign-in")
        if not identity.get("sub") or not identity.get("exp"):
            raise OAuth2Error("the id_token names nobody, or never ends")
        # A token may name several audiences. Then `azp` says for which of them it was issued.
        if identity.get("azp", app.client_id) != app.client_id:
            raise OAuth2Error("the id_token is for somebody else")


class Provider(OpenIDConnectProvider):
    """Asks for no more than it needs, and for nothing that is in the address of the request."""

    oauth2_adapter_class = Adapter
    pkce_enabled_default = True

    def get_default_scope(self) -> list[str]:
        """Who it is, and nothing else."""
        return ["openid"]

    def get_scope_from_request(self, request: HttpRequest) -> list[str]:
        """The same for everybody."""
        del request
        scope: list[str] = self.get_scope()
        return scope

    def get_auth_params_from_request(self, request: HttpRequest, action: str) -> dict[str, str]:
        """A number used once, by which the answer is known to belong to this sign-in."""
        del request, action
        return {**self.get_auth_params(), "nonce": secrets.token_urlsafe(24)}

    def redirect(
        self, request: HttpRequest, process: str, next_url: str | None = None, data: Any = None, **kwargs: Any
    ) -> HttpResponse:
        """Lead to the provider; keep the number with the state of this sign-in."""
        del process
        kwargs["nonce"] = kwargs.get("auth_params", {}).get("nonce", "")
        response: HttpResponse = super().redirect(request, "login", next_url, data, **kwargs)
        return response

    def extract_uid(self, data: dict[str, Any]) -> str:
        """Issuer and subject, of what was signed."""
        identity = data["id_token"]
        # A subject is unique only for its issuer, so both together name the account.
        return make_key(issuer=str(identity["iss"]), subject=str(identity["sub"]))

    def extract_extra_data(self, data: dict[str, Any]) -> dict[str, Any]:
        """What is kept of it: who it is, and how that was shown."""
        return {"id_token": {name: data["id_token"].get(name) for name in ("iss", "sub", "amr", "acr")}}

    def extract_common_fields(self, data: dict[str, Any]) -> dict[str, Any]:
        """Nothing: an account is the room's own."""
        del data
        return {}

    def extract_email_addresses(self, data: dict[str, Any]) -> list[Any]:
        """None: email addresses are the room's own."""
        del data
        return []


class Callback(OAuth2CallbackView):
    """Where the provider leads back to."""

    def _get_state(self, request: HttpRequest, provider: Any) -> Any:
        state, response = super()._get_state(request, provider)
        nonce = state.get("nonce", "") if state else ""
        request.oidc_nonce = nonce  # type: ignore[attr-defined]  # kept for `Adapter`, which gets the same request
        return state, response


def begin_login(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Lead to the provider."""
    adapter = _make_adapter(request, provider_id)
    response: HttpResponse
    try:
        response = OAuth2LoginView.adapter_view(adapter)(request)
    except (requests.RequestException, KeyError) as error:
        response = render_authentication_error(request, adapter.get_provider(), exception=error)
    return response


def finish_login(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Back from the provider."""
    response: HttpResponse = Callback.adapter_view(_make_adapter(request, provider_id))(request)
    return response


def _make_adapter(request: HttpRequest, provider_id: str) -> Adapter:
    if provider_id != PROVIDER:
        raise Http404
    return Adapter(request, provider_id)
