"""The records as a Django application."""

from django.apps import AppConfig


class Records(AppConfig):
    """Everything that is stored."""

    name = "scrutineer_web.records"
    label = "records"
    verbose_name = "Records"

    def ready(self) -> None:
        """Listen to what is written."""
        from scrutineer_web.audit.written import listen

        listen()
