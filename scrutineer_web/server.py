"""The web server with the process that works in the background beside it; both end together.

It runs in a process of its own that has computed nothing before: a worker that is forked from one with threads (as
frames have them) could wait for ever on what a thread held.
"""

from __future__ import annotations

import os
import subprocess
import sys


def run(host: str, port: int, workers: int) -> None:
    """Serve until somebody stops it, in the place of this process."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "scrutineer_web.settings")
    os.execv(sys.executable, [sys.executable, "-m", "scrutineer_web.server", host, str(port), str(workers)])  # noqa: S606 no shell is wanted


def main(host: str, port: int, workers: int) -> None:
    """Serve until somebody stops it.

    Connections wait in front of few blocking workers: on SQLite many threads would only wait for each other, and a
    browser that holds a connection open keeps nobody else from being served.
    """
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    jobs = subprocess.Popen(
        [sys.executable, "-m", "django", "db_worker", "--interval", "0.5"], stdout=subprocess.DEVNULL
    )
    try:
        Granian(
            "scrutineer_web.wsgi:application", address=host, port=port, interface=Interfaces.WSGI, workers=workers,
            blocking_threads=1, backlog=2048, log_level=LogLevels.warning, respawn_failed_workers=True,
        ).serve()  # fmt: skip
    finally:
        jobs.terminate()
        jobs.wait()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
