"""Conditions of other systems' forms: `${risk} = 'high' and ${age} >= 18` of XLSForm, `[risk] = '2' or [age] < 18` of REDCap."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Condition = dict[str, Any]
Compare = Callable[[str, str, str], Condition]
"""A field, an operator and a value as a condition; raises `LogicError` where a framework has none such."""

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<field>\$\{[^}]+\}|\[[^\]]+\])
      | (?P<text>'[^']*'|"[^"]*")
      | (?P<number>[0-9]+(?:\.[0-9]+)?)
      | (?P<sign>!=|<>|>=|<=|=|>|<)
      | (?P<word>[A-Za-z_-]+)
      | (?P<mark>[(),])
    )""",
    re.VERBOSE,
)


class LogicError(Exception):
    """A condition that can't be taken over; the message says why."""


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str


def read_logic(text: str, compare: Compare) -> Condition:
    """A form's condition as a framework's.

    Raises:
        LogicError: it uses something that conditions of frameworks can't say.
    """
    reader = _Reader(_split(text), compare)
    condition = reader.read_any()
    if not reader.is_done:
        raise LogicError(f"'{reader.peek().text}' isn't understood")
    return condition


def _split(text: str) -> list[_Token]:
    tokens, place = list[_Token](), 0
    while place < len(text.rstrip()):
        match = _TOKEN.match(text, place)
        if match is None:
            raise LogicError(f"'{text[place:].strip()[:20]}' isn't understood")
        tokens.append(_Token(str(match.lastgroup), match[str(match.lastgroup)]))
        place = match.end()
    return tokens


_END = _Token("end", "")
_TURNED = {"=": "=", "!=": "!=", "<>": "<>", ">=": "<=", "<=": ">=", ">": "<", "<": ">"}


class _Reader:
    """Reads tokens from left to right: or, and, not, comparisons."""

    def __init__(self, tokens: list[_Token], compare: Compare):
        self._tokens, self._place, self._compare = tokens, 0, compare

    @property
    def is_done(self) -> bool:
        return self._place >= len(self._tokens)

    def peek(self) -> _Token:
        return _END if self.is_done else self._tokens[self._place]

    def read_any(self) -> Condition:
        parts = [self._read_all()]
        while self._takes("or"):
            parts.append(self._read_all())
        return parts[0] if len(parts) == 1 else {"any": parts}

    def _read_all(self) -> Condition:
        whole = self._read_one()
        while self._takes("and"):
            whole = join(whole, self._read_one())
        return whole

    def _read_one(self) -> Condition:
        token = self._next()
        if token.text == "(":
            inner = self.read_any()
            self._expect(")")
            return inner
        if token.kind == "word" and token.text.lower() == "not":
            self._expect("(")
            inner = self.read_any()
            self._expect(")")
            return {"not": inner}
        if token.kind == "word" and token.text.lower() == "selected":
            return self._read_selected()
        if token.kind not in {"field", "text", "number"}:
            raise LogicError(f"'{token.text or text_of_end()}' isn't understood")
        return self._read_comparison(token)

    def _read_selected(self) -> Condition:
        self._expect("(")
        name = self._next()
        self._expect(",")
        value = self._next()
        self._expect(")")
        if name.kind != "field" or value.kind not in {"text", "number"}:
            raise LogicError("'selected' needs a question and a value")
        return self._compare(_name(name), "selected", _value(value))

    def _read_comparison(self, left: _Token) -> Condition:
        sign, right = self._next(), self._next()
        if sign.kind != "sign" or right.kind == "end":
            raise LogicError(f"'{sign.text or right.text or text_of_end()}' isn't understood")
        if left.kind == "field" and right.kind in {"text", "number"}:
            return self._compare(_name(left), sign.text, _value(right))
        if right.kind == "field" and left.kind in {"text", "number"}:
            return self._compare(_name(right), _TURNED[sign.text], _value(left))
        raise LogicError("it compares two questions")

    def _next(self) -> _Token:
        token = self.peek()
        self._place += 1
        return token

    def _takes(self, word: str) -> bool:
        if self.peek().kind == "word" and self.peek().text.lower() == word:
            self._place += 1
            return True
        return False

    def _expect(self, mark: str) -> None:
        token = self._next()
        if token.text != mark:
            raise LogicError(f"'{mark}' is missing")


def text_of_end() -> str:
    """What a message names where a condition ends too early."""
    return "its end"


def join(one: Condition, other: Condition) -> Condition:
    """Both of two conditions."""
    special = {"any", "not"}
    if not (one.keys() & other.keys()) and not (one.keys() & special and other.keys() & special):
        return {**one, **other}
    if "any" in one.keys() ^ other.keys() and not (one.keys() & other.keys()):
        return {**one, **other}
    # What can't stand side by side is said by its opposite: not (not this, or not that).
    return {"not": {"any": [{"not": one}, {"not": other}]}}


def _name(token: _Token) -> str:
    return token.text.strip("${}[]")


def _value(token: _Token) -> str:
    return token.text[1:-1] if token.kind == "text" else token.text
