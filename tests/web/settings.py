"""Settings of the tests: a room of their own, in memory or on the database that is named."""

import os
import tempfile
from pathlib import Path

os.environ.setdefault("SCRUTINEER_DATA", str(Path(tempfile.gettempdir()) / "scrutineer-test-room"))
os.environ.setdefault("SCRUTINEER_SECRET", "a secret for tests, and for nothing else")
os.environ.setdefault("SCRUTINEER_SECOND_FACTOR", "0")

Path(os.environ["SCRUTINEER_DATA"]).mkdir(parents=True, exist_ok=True)

from scrutineer_web.settings import *  # noqa: E402, F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
