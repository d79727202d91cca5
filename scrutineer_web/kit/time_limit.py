"""A limit on the time that one request may take, kept by the process itself as far as it can.

The server's threads receive what is sent and wait; one thread of our own works. On SQLite several would only wait for
each other, and nobody who sends slowly keeps it from working for others. When a request's time is up, whoever waits for
it answers with a sentence, the work is told to stop and can't write any more, and another thread takes the next
request. Where the work does not stop, the process asks to be replaced, and it ends with it.
"""

from __future__ import annotations

import ctypes
import json
import logging
import queue
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable
from typing import IO, Any

from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from scrutineer_web.kit.pulse import Pulse

log = logging.getLogger("scrutineer")

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

RECEIVING = 60.0
"""Seconds within which whatever is sent must have arrived."""

ENDING = 3.0
"""Seconds that work has to end by itself once it was given up."""

LOOK = 0.02
"""Seconds between two looks at whether work that was given up can be told to stop."""

IN_MEMORY = 1_000_000
_CHUNK = 64 * 1024


class TimeUp(BaseException):
    """Ends work whose time is up; no handler of ordinary errors takes it."""


class _Request:
    """A request on its way to the thread that works, and its answer on the way back."""

    def __init__(self, environ: dict[str, Any]):
        self.environ = environ
        self.begun: float | None = None
        self.answered = threading.Event()
        self.answer: tuple[str, list[tuple[str, str]], Iterable[bytes]] | None = None

    def calculate_remaining(self, seconds: float) -> float:
        """How long it may still take."""
        # Counted from when its turn comes: a request isn't to blame for those in front of it.
        return seconds if self.begun is None else self.begun + seconds - time.monotonic()


class _Worker(threading.Thread):
    """The thread that works; where it is given up, it ends, and writes nothing more."""

    def __init__(self, application: Application, requests: queue.SimpleQueue[_Request]):
        super().__init__(name="work", daemon=True)
        self.application, self.requests = application, requests
        self.given_up = False
        self._at: _Request | None = None
        self._lock = threading.Lock()

    def run(self) -> None:
        """Take one request after the other."""
        guard_connections(lambda: self.given_up)
        while not self.given_up:
            request = self.requests.get()
            self._at = request
            request.begun = time.monotonic()
            try:
                request.answer = _make_answer(self.application, request.environ)
            # Nobody waits any more: the answer has been given in its place.
            except TimeUp:
                return
            except BaseException:
                # Whatever it is, the thread goes on: without it this process would answer nobody.
                log.exception("a request could not be answered")
            with self._lock:
                self._at = None
            request.answered.set()

    def give_up(self, request: _Request) -> bool:
        """Have it write nothing more of a request, and take no other; False where it has just answered it."""
        # Under the same lock as its end: otherwise the work at the next request would be stopped in its place.
        with self._lock:
            self.given_up = self._at is request
        return self.given_up

    def stop(self, seconds: float) -> bool:
        """Have it end at its next step in Python; False where it goes on after so many seconds."""
        end = time.monotonic() + seconds
        # A module whose import is broken off stays half imported, and every later request that needs it fails.
        while self.is_importing() and time.monotonic() < end:
            time.sleep(LOOK)
        if self.ident is not None and not self.is_importing():
            # Python has no other way to stop a thread. It takes effect between two steps of the interpreter, not inside C code.
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(self.ident), ctypes.py_object(TimeUp))
        self.join(max(0.0, end - time.monotonic()))
        return not self.is_alive()

    def is_importing(self) -> bool:
        """Whether it is in the middle of importing a module."""
        frame = sys._current_frames().get(self.ident or 0)
        while frame is not None:
            if frame.f_globals.get("__name__") == "importlib._bootstrap":
                return True
            frame = frame.f_back
        return False


def guard_connections(is_given_up: Callable[[], bool]) -> None:
    """Let this thread's connections do nothing more once it is given up: nothing is written after an answer said so."""
    from django.db import OperationalError, connections

    def refuse() -> None:
        if is_given_up():
            raise OperationalError("the request's time was up")

    def execute(run: Callable[..., Any], *rest: Any) -> Any:
        refuse()
        return run(*rest)

    def guard_commit(commit: Callable[[], Any]) -> Callable[[], Any]:
        def commit_in_time() -> Any:
            refuse()
            return commit()

        return commit_in_time

    for connection in connections.all():
        # The exception may come too late for a statement that is already running, so statements and commits are refused as well.
        connection.execute_wrappers.append(execute)
        connection._commit = guard_commit(connection._commit)  # type: ignore[attr-defined]  # Django gives no other way to stop a commit


def _make_answer(
    application: Application, environ: dict[str, Any]
) -> tuple[str, list[tuple[str, str]], Iterable[bytes]]:
    started: list[Any] = []

    def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> None:
        del exc_info
        started[:] = [status, headers]

    body = application(environ, start)
    # A stream is passed on as it is: collecting it here would hold a whole file in memory.
    if not getattr(body, "streaming", False):
        # Closed where it was made: that is how a connection to the database learns that the request is over.
        content = [b"".join(body)]
        close = getattr(body, "close", None)
        if close is not None:
            close()
        return started[0], started[1], content
    return started[0], started[1], body


class Limited:
    """An application whose requests end in time.

    Attributes:
        seconds: that a request may take once its turn has come; what is sent has `RECEIVING` to arrive.
        largest: bytes that are received at all; of larger requests the application sees the length alone.
    """

    def __init__(self, application: Application, seconds: float, largest: int, pulse: Pulse | None = None):
        self.application, self.seconds, self.largest, self.pulse = application, seconds, largest, pulse
        self._requests: queue.SimpleQueue[_Request] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._receiving: dict[int, float] = {}
        self._worker = self._start()

    def is_alive(self) -> bool:
        """Whether this process can answer; where somebody never ends sending, it asks to be replaced, too."""
        # A read that never returns can't be ended from outside, so its thread is
        # lost until the process is replaced.
        stalled = time.monotonic() - 2 * RECEIVING
        if self.pulse is not None and any(since < stalled for since in list(self._receiving.values())):
            self.pulse.ask_to_be_replaced()
        return self._worker.is_alive()

    def _start(self) -> _Worker:
        worker = _Worker(self.application, self._requests)
        worker.start()
        return worker

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer, in time."""
        received = self._receive(environ)
        if received is None:
            return refuse(environ, start_response, "408 Request Timeout", *_describe_slow())
        with received:
            environ["wsgi.input"] = received
            return self._wait_for(_Request(environ), start_response)

    def _wait_for(self, request: _Request, start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Have a request worked at, and answer it: with what comes of it, or with a sentence."""
        self._requests.put(request)
        while not request.answered.wait(max(0.0, request.calculate_remaining(self.seconds))):
            if request.calculate_remaining(self.seconds) <= 0 and self._give_up(request):
                what = _("it took longer than %(seconds)s seconds and was stopped") % {
                    "seconds": f"{self.seconds:g}"
                }
                return refuse(request.environ, start_response, "503 Service Unavailable", what, str(_AGAIN))
        if request.answer is None:
            return refuse(
                request.environ,
                start_response,
                "500 Internal Server Error",
                _("something went wrong"),
                str(_AGAIN),
            )
        status, headers, body = request.answer
        start_response(status, headers)
        return body

    def _receive(self, environ: dict[str, Any]) -> IO[bytes] | None:
        """What was sent with a request, whole; None where it did not arrive in time."""
        length = environ.get("CONTENT_LENGTH") or "0"
        left = int(length) if str(length).isdigit() else 0
        body: IO[bytes] = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 the application reads it later
        # Not read at all. The application refuses the request by the length that it announces.
        if left > self.largest:
            return body
        begun, source = time.monotonic(), environ["wsgi.input"]
        self._receiving[threading.get_ident()] = begun
        try:
            while left > 0:
                chunk = source.read(min(left, _CHUNK))
                if not chunk or time.monotonic() > begun + RECEIVING:
                    body.close()
                    return None
                body.write(chunk)
                left -= len(chunk)
        finally:
            del self._receiving[threading.get_ident()]
        body.seek(0)
        return body

    def _give_up(self, request: _Request) -> bool:
        """Let the work at a request go, and others go on without it; False where it was answered just now."""
        with self._lock:
            if not self._worker.give_up(request):
                return False
            worker, self._worker = self._worker, self._start()
        threading.Thread(target=self._see_that_it_ends, args=(worker,), daemon=True).start()
        log.error(
            "a request took longer than %g seconds and was stopped: %s", self.seconds, _route(request.environ)
        )
        return True

    def _see_that_it_ends(self, worker: _Worker) -> None:
        """Where work goes on although it was given up, only the end of the process ends it."""
        # A thread inside C code can't be stopped. The supervisor then replaces the whole process.
        if not worker.stop(ENDING) and self.pulse is not None:
            self.pulse.ask_to_be_replaced()


_AGAIN = gettext_lazy(
    "Check whether it was done before you try again. If it keeps happening, contact the person who runs the server"
)


def _describe_slow() -> tuple[str, str]:
    """What happened to a request that did not arrive in time, and what to do."""
    what = _("it didn't arrive within %(seconds)s seconds") % {"seconds": f"{RECEIVING:g}"}
    return what, _("Send less at a time, or try again on a faster connection")


def _route(environ: dict[str, Any]) -> str:
    """The name of a request's address: never the address itself, which is no business of a log."""
    from django.urls import Resolver404, resolve

    try:
        match = resolve(environ.get("PATH_INFO", "/"))
    except Resolver404:
        return "none"
    return match.view_name or "other"


def refuse(
    environ: dict[str, Any], start_response: Callable[..., Any], status: str, what: str, do: str
) -> list[bytes]:
    """An answer without the application: a sentence, as a page or as JSON."""
    as_json = environ.get("PATH_INFO", "").startswith("/api/") or environ.get("HTTP_ACCEPT", "").startswith(
        "application/json"
    )
    if as_json:
        fault = {"where": _("the request"), "what": what, "do": do}
        kind, body = "application/json", json.dumps({"faults": [fault]}).encode()
    else:
        page = render_to_string("kit/time_up.html", {"what": what, "do": do})
        kind, body = "text/html; charset=utf-8", page.encode()
    start_response(
        status,
        [
            ("Content-Type", kind),
            ("Content-Length", str(len(body))),
            ("Cache-Control", "no-store"),
            ("Content-Security-Policy", "default-src 'none'"),
            ("Retry-After", "5"),
        ],
    )
    return [body]
