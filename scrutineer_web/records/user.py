"""An account: somebody who signs in."""

from django.contrib.auth.models import AbstractUser
from django.db import models


class User(AbstractUser):
    """Somebody who signs in. What he or she may do follows from appointments and from a part in an inspection."""

    first_name = None  # type: ignore[assignment]  # Django's own way to leave a field of its class out
    last_name = None  # type: ignore[assignment]  # as above
    name = models.CharField("name", max_length=150)
    retired_at = models.DateTimeField(null=True, blank=True)
    seen_event = models.PositiveIntegerField(default=0)
    """The number in the room's chain up to which its owner has seen what others did to the account."""

    def __str__(self) -> str:
        return self.name or self.username

    def get_full_name(self) -> str:
        """The name as others see it."""
        return str(self)
