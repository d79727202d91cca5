"""Addresses of accounts and of the room's own work."""

from django.urls import path

from scrutineer_web.kit.addresses import INSPECTION
from scrutineer_web.operations import account_views as administration
from scrutineer_web.operations import views as operations

urlpatterns = [
    path(f"{INSPECTION}audit/", administration.show_inspection_audit, name="inspection_audit"),
    path("audit/", administration.show_audit, name="audit"),
    path("retention/", operations.list_retention, name="retention"),
    path(f"{INSPECTION}pseudonymise/", operations.pseudonymise, name="pseudonymise"),
    path(f"{INSPECTION}purge/", operations.purge, name="purge"),
    path("retention/subject/", operations.answer_subject_request, name="subject"),
    path("me/export/", operations.export_own_data, name="own_export"),
    path("me/mail/", administration.edit_own_mail, name="own_mail"),
    path("me/news/", administration.edit_own_news, name="own_news"),
    path("jobs/<number:job>/", operations.show_job, name="job"),
    path("jobs/<number:job>/file/", operations.send_job_file, name="job_file"),
    path("health/", operations.show_health, name="health"),
    path("metrics/", operations.show_metrics, name="metrics"),
    path("accounts/", administration.list_accounts, name="accounts"),
    path("accounts/new/", administration.add_account, name="account_new"),
    path("accounts/<number:user>/", administration.show_account, name="account"),
    path("accounts/<number:user>/change/", administration.change_account, name="account_change"),
    path("accounts/<number:user>/links/", administration.link_account, name="provider_link"),
    path("me/", administration.show_own_account, name="own_account"),
    path("me/keys/<number:token>/end/", administration.retire_token_view, name="token_retire"),
    path("api-guide/", administration.show_api_guide, name="api_guide"),
    path("no-account/", administration.show_no_account, name="no_account"),
    path("account/password/forgotten/", administration.ask_for_link, name="ask_for_link"),
    path(
        "account/password/new/<number:user>/<str:link>/",
        administration.set_password_by_link,
        name="password_by_link",
    ),
]
