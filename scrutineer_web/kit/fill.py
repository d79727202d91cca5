"""Putting back into a page what somebody typed in one of its forms."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape, unescape
from urllib.parse import urlsplit

from scrutineer_web.kit.form_ids import FIELD, HIDDEN

# A > inside a quoted value doesn't end the tag.
_TAG = re.compile(
    r"<(/?)(form|input|textarea|select|option|button|script)\b((?:[^>\"']|\"[^\"]*\"|'[^']*')*)>",
    re.IGNORECASE,
)
_ATTRIBUTE = re.compile(r"([a-zA-Z][\w:-]*)(?:\s*=\s*(\"[^\"]*\"|'[^']*'|[^\s\"'>]+))?")
_RAW = frozenset({"textarea", "script"})
_MARKED = frozenset({"radio", "checkbox"})
_NOT_TYPED = frozenset({"hidden", "submit", "button", "image", "reset"})
# No page can choose a file, and a password must not come back in one.
_EMPTY = frozenset({"file", "password", "submit"})
_STATE = frozenset({"base", "rev"})
"""Hidden fields that say what a form was based on, not what it is about."""


@dataclass
class Control:
    """One field of a form in a page.

    Attributes:
        kind: an input's type, or textarea, select, button.
        start: where its tag begins.
        end: where its tag, or a text area's closing tag, ends.
        inner: where a text area's text or a list's options begin.
        options: of a list: where each tag begins and ends, and its value.
    """

    kind: str
    name: str
    value: str
    start: int
    end: int
    inner: int = 0
    options: list[tuple[int, int, str]] = field(default_factory=list)


@dataclass
class PageForm:
    """A form of a page with its fields."""

    action: str
    controls: list[Control] = field(default_factory=list)


@dataclass(frozen=True)
class Filled:
    """A page whose form holds again what was typed.

    Attributes:
        html: the page.
        typed: whether anything in it is a field that somebody fills in, and not a button alone.
        left: what was sent and has no field in the page now.
    """

    html: str
    typed: bool
    left: list[tuple[str, str]]


def fill(
    html: str, page: str, address: str, fields: Sequence[tuple[str, str]], form_id: str = ""
) -> Filled | None:
    """Fill the form of a page that sends to an address.

    Args:
        html: the page.
        page: its own address, to which forms without one send.
        address: where the fields were sent.
        fields: what was sent.
        form_id: that the form keeps; where it is empty, the form has its new one.

    Returns:
        the filled page; None where no form of it sends to the address.
    """
    fitting = [form for form in read_forms(html) if (urlsplit(form.action).path or page) == address]
    values: dict[str, list[str]] = {}
    for name, value in fields:
        values.setdefault(name, []).append(value)
    # A page can have many forms with the same address, one for each case or comment. Hidden fields tell them apart.
    best = max(fitting, key=lambda form: _measure_likeness(form, values), default=None)
    if best is None or _measure_likeness(best, values)[0] < 0:
        return None
    rest = {name: list(some) for name, some in values.items()}
    changes = [change for control in best.controls for change in _list_changes(html, control, rest, form_id)]
    # From the end of the page to its beginning, so that the places of earlier changes stay right.
    for start, end, text in sorted(changes, reverse=True):
        html = html[:start] + text + html[end:]
    typed = any(c.kind not in _NOT_TYPED and c.name in values for c in best.controls)
    left = [(name, value) for name, some in rest.items() for value in some if value.strip()]
    return Filled(html, typed, left)


def read_forms(html: str) -> list[PageForm]:
    """The forms of a page, in their order."""
    forms: list[PageForm] = []
    current: PageForm | None = None
    chosen: Control | None = None
    skip_to = 0
    for match in _TAG.finditer(html):
        if match.start() < skip_to:
            continue
        closing, tag = match[1], match[2].lower()
        attributes = _collect_attributes(match[3])
        if tag == "form":
            current = None if closing else PageForm(attributes.get("action", ""))
            if current is not None:
                forms.append(current)
            continue
        # What is inside a text area or a script looks like tags but isn't, so it is skipped as a whole.
        inner = match.end()
        end = html.find(f"</{tag}", inner) if tag in _RAW and not closing else inner
        skip_to = end = max(end, inner)
        if current is None or closing or tag == "script":
            chosen = None if tag == "select" else chosen
            continue
        if tag == "option":
            if chosen is not None:
                text = html[inner : html.find("<", inner)]
                chosen.options.append((match.start(), inner, attributes.get("value", unescape(text).strip())))
            continue
        kind = attributes.get("type", "text").lower() if tag == "input" else tag
        default = "on" if kind in _MARKED else ""
        control = Control(
            kind, attributes.get("name", ""), attributes.get("value", default), match.start(), end, inner
        )
        chosen = control if tag == "select" else chosen
        current.controls.append(control)
    return forms


def _collect_attributes(text: str) -> dict[str, str]:
    return {m[1].lower(): unescape((m[2] or "").strip("\"'")) for m in _ATTRIBUTE.finditer(text)}


def _measure_likeness(form: PageForm, values: Mapping[str, list[str]]) -> tuple[int, int]:
    """How well a form fits what was sent: first by what it is about, then by its fields. Below zero: it is about something else."""
    about = [c for c in form.controls if c.kind == "hidden" and c.name not in HIDDEN | _STATE and c.value]
    other = [
        c
        for c in about
        # Fields with two underscores hold a question's revision and what it
        # was. They differ once it has moved on.
        if c.name in values and c.value not in values[c.name] and "__" not in c.name and c.name != "uid"
    ]
    same = sum(c.value in values.get(c.name, ()) for c in about)
    return (-1 if other else same, len({c.name for c in form.controls} & set(values)))


def _list_changes(
    html: str, control: Control, rest: dict[str, list[str]], form_id: str
) -> Iterator[tuple[int, int, str]]:
    """What to write instead of what, so that a field holds what was sent; each value is used once."""
    tag = html[control.start : control.inner]
    values = rest.get(control.name, [])
    if control.name == FIELD:
        if form_id:
            yield control.start, control.inner, _set_attribute(tag, "value", form_id)
    elif control.kind == "button":
        # A button's value says that it was pressed, and is nothing that someone typed.
        rest.pop(control.name, None)
    elif not control.name or control.name in HIDDEN or control.kind in _EMPTY:
        return
    elif control.kind in _MARKED:
        yield (
            control.start,
            control.inner,
            _set_attribute(tag, "checked", "" if _is_used(values, control.value) else None),
        )
    elif control.kind == "select":
        for start, end, value in control.options if control.name in rest else ():
            yield (
                start,
                end,
                _set_attribute(html[start:end], "selected", "" if _is_used(values, value) else None),
            )
    elif values and control.kind == "textarea":
        # Browsers drop the first line break in a text area, so one is added for theirs to drop.
        yield control.inner, control.end, "\n" + escape(values.pop(0), quote=False)
    elif values:
        yield control.start, control.inner, _set_attribute(tag, "value", values.pop(0))


def _is_used(values: list[str], value: str) -> bool:
    """Whether a value was sent; it is then used."""
    if value in values:
        values.remove(value)
        return True
    return False


def _set_attribute(tag: str, name: str, value: str | None) -> str:
    """A tag with an attribute, or without it."""
    # A whole attribute only: `value` must not take part of `value-text` with it.
    spaced = r"\s+" + name + r"(?:\s*=\s*(?:\"[^\"]*\"|'[^']*'|[^\s\"'>]+))?(?=[\s/>])"
    bare = re.sub(spaced, "", tag, flags=re.IGNORECASE)
    if value is None:
        return bare
    text = f' {name}="{escape(value)}"' if value or name == "value" else f" {name}"
    end = len(bare) - (2 if bare.endswith("/>") else 1)
    return bare[:end].rstrip() + text + bare[end:]
