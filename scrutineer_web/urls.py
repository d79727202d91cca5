"""Every address of the room; none holds anything of a case but its number."""

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from django.conf import settings
from django.urls import include, path

from scrutineer_web.api.api import api
from scrutineer_web.kit import second_factor
from scrutineer_web.kit.kept_forms import show_kept_form
from scrutineer_web.kit.views import require_sign_in

urlpatterns = [
    # Before all others: devices ask for it most, and addresses are tried one after the other.
    path("api/v1/", api.urls),
    path("", include("scrutineer_web.inspections.urls")),
    path("", include("scrutineer_web.fieldwork.urls")),
    path("", include("scrutineer_web.preparation.urls")),
    path("", include("scrutineer_web.moderation.urls")),
    path("", include("scrutineer_web.scores.urls")),
    path("", include("scrutineer_web.report.urls")),
    path("", include("scrutineer_web.publication.urls")),
    path("", include("scrutineer_web.follow_up.urls")),
    path("", include("scrutineer_web.programme.urls")),
    path("", include("scrutineer_web.frameworks.urls")),
    path("", include("scrutineer_web.operations.urls")),
    path("me/forms/<uuid:uid>/", require_sign_in(show_kept_form), name="kept_form"),
    path("account/login/", account.login, name="account_login"),
    path("account/logout/", account.logout, name="account_logout"),
    path("account/closed/", account.account_inactive, name="account_inactive"),
    path("account/signup/", account.signup, name="account_signup"),
    path("account/reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("account/password/", account.password_change, name="account_change_password"),
    path("account/second-factor/", mfa.index, name="mfa_index"),
    path("account/second-factor/authenticate/", mfa.authenticate, name="mfa_authenticate"),
    path("account/second-factor/reauthenticate/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("account/second-factor/app/", second_factor.Activate.as_view(), name="mfa_activate_totp"),
    path("account/second-factor/app/remove/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("account/second-factor/codes/", codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path(
        "account/second-factor/codes/new/", codes.generate_recovery_codes, name="mfa_generate_recovery_codes"
    ),
    path(
        "account/second-factor/codes/file/", codes.download_recovery_codes, name="mfa_download_recovery_codes"
    ),
]
if settings.SOCIALACCOUNT_PROVIDERS:
    from allauth.socialaccount import views as social

    from scrutineer_web.kit import oidc

    # Not the library's whole list: with that, anybody signed in could link an account by themselves.
    urlpatterns += [
        path("account/login/cancelled/", social.login_cancelled, name="socialaccount_login_cancelled"),
        path("account/login/error/", social.login_error, name="socialaccount_login_error"),
        path("account/oidc/<str:provider_id>/login/", oidc.begin_login, name="openid_connect_login"),
        path(
            "account/oidc/<str:provider_id>/login/callback/",
            oidc.finish_login,
            name="openid_connect_callback",
        ),
    ]
