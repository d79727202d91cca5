"""The room as a Django application: screens, templates, styles."""

from django.apps import AppConfig


class RoomConfig(AppConfig):
    """Templates and styles; listens to people signing in."""

    name = "scrutineer_web"
    label = "room"

    def ready(self) -> None:
        """Listen."""
        from scrutineer_web.kit import signals

        del signals
