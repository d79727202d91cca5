"""Addresses of what follows publication."""

from django.urls import path

from scrutineer_web.follow_up import views as follow_up
from scrutineer_web.kit.addresses import ACTION, INSPECTION, WANTED

urlpatterns = [
    path(f"{INSPECTION}plan/", follow_up.show_plan, name="plan_of"),
    path(f"{INSPECTION}plan/close/", follow_up.close, name="inspection_close"),
    path(f"{WANTED}respond/", follow_up.respond, name="respond"),
    path(f"{WANTED}actions/new/", follow_up.add_action, name="action_new"),
    path(f"{WANTED}verify/", follow_up.verify, name="verify"),
    path(ACTION, follow_up.edit_action, name="action_edit"),
    path(f"{ACTION}retire/", follow_up.retire_action_view, name="action_retire"),
    path(f"{ACTION}progress/", follow_up.report_progress, name="action_progress"),
    path(f"{INSPECTION}follow-up/begin/", follow_up.begin, name="follow_up_begin"),
    path(f"{INSPECTION}internal/begin/", follow_up.begin_internal, name="internal_begin"),
]
