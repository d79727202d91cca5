"""The web server with the process that works in the background beside it; both end together."""

from __future__ import annotations

import subprocess
import sys


def run(host: str, port: int, workers: int) -> None:
    """Serve until somebody stops it.

    Connections wait in front of few blocking workers: on SQLite many threads would only wait for each other, and a
    browser that holds a connection open keeps nobody else from being served.
    """
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    jobs = subprocess.Popen([sys.executable, "-m", "django", "db_worker", "--interval", "0.5"], stdout=subprocess.DEVNULL)
    try:
        Granian(
            "scrutineer_web.wsgi:application", address=host, port=port, interface=Interfaces.WSGI, workers=workers,
            blocking_threads=1, backlog=2048, log_level=LogLevels.warning, respawn_failed_workers=True,
        ).serve()  # fmt: skip
    finally:
        jobs.terminate()
        jobs.wait()
