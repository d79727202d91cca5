"""Addresses of accounts and of the room's own work."""

from django.urls import path

from scrutineer_web.kit.addresses import INSPECTION
from scrutineer_web.operations import account_views as administration
from scrutineer_web.operations import views as operations

urlpatterns = [
    path(f"{INSPECTION}audit/", administration.inspection_audit, name="inspection_audit"),
    path("audit/", administration.audit, name="audit"),
    path("retention/", operations.retention_list, name="retention"),
    path(f"{INSPECTION}pseudonymise/", operations.pseudonymise, name="pseudonymise"),
    path(f"{INSPECTION}purge/", operations.purge, name="purge"),
    path("retention/subject/", operations.subject, name="subject"),
    path("me/export/", operations.own_export, name="own_export"),
    path("me/mail/", administration.own_mail, name="own_mail"),
    path("me/news/", administration.own_news, name="own_news"),
    path("jobs/<number:job>/", operations.job, name="job"),
    path("jobs/<number:job>/file/", operations.job_file, name="job_file"),
    path("health/", operations.health_page, name="health"),
    path("metrics/", operations.metrics, name="metrics"),
    path("accounts/", administration.accounts_list, name="accounts"),
    path("accounts/new/", administration.account_new, name="account_new"),
    path("accounts/<number:user>/", administration.account, name="account"),
    path("accounts/<number:user>/change/", administration.account_change, name="account_change"),
    path("accounts/<number:user>/links/", administration.account_link, name="provider_link"),
    path("me/", administration.own_account, name="own_account"),
    path("me/keys/<number:token>/end/", administration.token_retire, name="token_retire"),
    path("api-guide/", administration.api_guide, name="api_guide"),
    path("no-account/", administration.no_account, name="no_account"),
    path("account/password/forgotten/", administration.ask_for_link, name="ask_for_link"),
    path(
        "account/password/new/<number:user>/<str:link>/",
        administration.password_by_link,
        name="password_by_link",
    ),
]
