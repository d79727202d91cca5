"""The records as a Django application."""

from django.apps import AppConfig


class Records(AppConfig):
    """Everything that is stored."""

    name = "scrutineer_web.records"
    label = "records"
    verbose_name = "Records"
