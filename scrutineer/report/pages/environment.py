"""Templates, and the words that pages share."""

from __future__ import annotations

import re
from datetime import date
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup, escape

from scrutineer.inspection.dates import format_day
from scrutineer.statistics.shares import format_percent, format_span


@cache
def make_environment() -> Environment:
    """The templates, escaped by default and strict about what they are given."""
    environment = Environment(
        loader=PackageLoader("scrutineer.report.pages"),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["percent"] = format_percent
    environment.filters["span"] = format_span
    environment.filters["breakable"] = make_breakable
    environment.filters["day"] = lambda text: format_day(date.fromisoformat(str(text)))
    environment.filters["plain"] = lambda key: key.replace("_", " ")
    return environment


def render(template: str, **values: Any) -> str:
    """A page from a template."""
    return make_environment().get_template(template).render(**values)


_LONG = re.compile(r"\S{30,}")
_STEP = 10


def make_breakable(text: str) -> Markup:
    """A text as HTML in which words longer than a narrow column may break; nothing is added to the text itself."""
    pieces, at = [], 0
    for word in _LONG.finditer(text):
        pieces.append(escape(text[at : word.start()]))
        steps = (word.group()[n : n + _STEP] for n in range(0, len(word.group()), _STEP))
        pieces.append(Markup("<wbr>").join(steps))
        at = word.end()
    return Markup("").join([*pieces, escape(text[at:])])
