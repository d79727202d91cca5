"""What a web server calls."""

import gc
import os
from importlib import import_module

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from scrutineer_web.kit.parent import SERVED, end_with_parent
from scrutineer_web.kit.pulse import Pulse
from scrutineer_web.kit.time_limit import Application, Limited

if SERVED in os.environ:
    end_with_parent()
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "scrutineer_web.settings")
application: Application = get_wsgi_application()
# Every screen is imported before the first request comes, not while somebody waits for it; and what is there for good
# is not looked through again whenever rubbish is collected, nor is that done after every few requests.
for name in settings.IMPORTED_FIRST:
    import_module(name)
gc.collect()
gc.freeze()
gc.set_threshold(20_000, 20, 20)
if SERVED in os.environ:
    # Behind another server than the room's own, that one keeps the time and replaces what hangs.
    from scrutineer_web.kit.uploads import REQUEST_LARGEST

    pulse = Pulse.own()
    application = limited = Limited(application, settings.REQUEST_SECONDS, REQUEST_LARGEST, pulse)
    if pulse is not None:
        pulse.keep_beating(limited.is_alive)
