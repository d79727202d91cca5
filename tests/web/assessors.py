"""People who save answer after answer, and note what was acknowledged."""

from __future__ import annotations

import random
import threading
import time
from uuid import uuid4

import requests

from scrutineer.frameworks.library import Library
from tests.web.served import Room

ASSESSORS = 50


class Assessor(threading.Thread):
    """Somebody who saves answer after answer, sends again what was not acknowledged, and notes what was."""

    def __init__(
        self, room: Room, session: requests.Session, assessment: int, questions: list[str], seed: int
    ):
        super().__init__(daemon=True)
        self.room, self.session, self.assessment, self.questions = room, session, assessment, questions
        self.chance = random.Random(seed)
        self.told: dict[str, tuple[str, int]] = {}
        self.sent = self.acknowledged = 0
        self.over = threading.Event()

    def run(self) -> None:
        while not self.over.is_set():
            for question in self.questions:
                if self.over.is_set():
                    return
                self.save(question, self.chance.choice(["excellent", "sufficient", "insufficient", "poor"]))

    def save(self, question: str, value: str) -> None:
        body = {
            "value": value,
            "base": self.told.get(question, ("", 0))[1],
            "uid": str(uuid4()),
            "note": f"because {value}",
        }
        address = f"{self.room.address}/api/v1/assessments/{self.assessment}/answers/{question}"
        while not self.over.is_set():
            self.sent += 1
            try:
                answer = self.session.put(address, json=body, timeout=10)
            except requests.RequestException:
                time.sleep(0.3)
                continue
            if answer.status_code == 200:
                self.told[question] = (value, answer.json()["rev"])
                self.acknowledged += 1
                return
            assert answer.status_code in (500, 502, 503), (answer.status_code, answer.text)


def await_more(people: list[Assessor], number: int) -> None:
    """Wait until so many more answers are acknowledged: however fast the machine is just now."""
    start = sum(person.acknowledged for person in people)
    for _ in range(1200):
        if sum(person.acknowledged for person in people) >= start + number:
            return
        time.sleep(0.05)
    raise TimeoutError("nothing more was acknowledged")


def at_work(room: Room, library: Library) -> tuple[list[int], list[Assessor]]:
    """Fifty of them, none begun yet, each with questions of one assessment to himself; and the assessments."""
    framework = library.load_framework("esi-2003")
    free = [q.key for q in framework.questions.values() if q.when is None]
    own = room.signed_in("inspector").get(f"{room.address}/api/v1/assessments", timeout=30).json()
    people = []
    for n in range(ASSESSORS):
        session = requests.Session()
        session.cookies.update(room.signed_in("inspector").cookies) if n == 0 else session.cookies.update(
            people[0].session.cookies
        )
        session.headers["X-CSRFToken"] = session.cookies["csrftoken"]
        assessment = own[n % len(own)]
        mine = free[n // len(own) :: -(-ASSESSORS // len(own))]
        people.append(Assessor(room, session, assessment, mine, n))
    return own, people
