"""Bound figures: `{{ share("b1_review16", group="high_risk") }}` becomes the figure of today's data.

Between the braces is one call of one name (see `figures.NAMES`) with plain words, True or False: it is
read, never run. `was="52%"` says what the figure was when the sentence was written; where it is another one now, the
sentence must be read again.
"""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches

from scrutineer.report.figures.figures import NAMES, Figure, FigureError, Figures

_LONGEST = 400

BOUND = re.compile(r"\{\{(.*?)\}\}")
_OPEN = re.compile(r"\{\{(?!.*?\}\})|(?<!\{)\{%|\}\}")


@dataclass(frozen=True)
class Binding:
    """One bound figure as written: its place in its line, its name and what is given to it."""

    start: int
    end: int
    code: str
    name: str
    arguments: tuple[object, ...]
    named: dict[str, object]
    was: str | None

    def make_figure(self, figures: Figures) -> Figure:
        """The figure of today's data.

        Raises:
            FigureError: it cannot or must not be printed.
        """
        figure: Figure = getattr(figures, self.name)(*self.arguments, **self.named)
        return figure

    def write(self, was: str) -> str:
        """The binding as it should be written, with its present value."""
        arguments = [_show_argument(a) for a in self.arguments] + [
            f"{k}={_show_argument(v)}" for k, v in self.named.items()
        ]
        return f"{{{{ {self.name}({', '.join([*arguments, f'was={_show_argument(was)}'])}) }}}}"


def list_bindings(line: str) -> Iterator[Binding | tuple[str, str, str]]:
    """Every bound figure of a line; for one that cannot be read what is written, what is wrong, and what to do."""
    covered = []
    for match in BOUND.finditer(line):
        covered.append((match.start(), match.end()))
        try:
            yield _read(match)
        except FigureError as refusal:
            yield match.group(0), refusal.what, refusal.do
    for match in _OPEN.finditer(line):
        if not any(start <= match.start() < end for start, end in covered):
            yield (
                match.group(0),
                "the curly brackets of a bound figure are not closed on this line",
                "write {{ … }} on one line",
            )


def _read(match: re.Match[str]) -> Binding:
    code = match.group(1).strip()
    if len(code) > _LONGEST:
        raise FigureError("this is too long for a bound figure", 'write it as in {{ share("b1_fit") }}')
    try:
        node = ast.parse(code, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise FigureError("this is not a bound figure", 'write it as in {{ share("b1_fit") }}') from None
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
        raise FigureError("this is not a bound figure", 'write it as in {{ share("b1_fit") }}')
    name = node.func.id
    if name not in NAMES:
        close = get_close_matches(name, NAMES, n=1)
        meant = f"did you mean '{close[0]}'? " if close else ""
        raise FigureError(f"there is no figure called '{name}'", f"{meant}Choose from {', '.join(NAMES)}")
    arguments = tuple(_read_constant(a) for a in node.args)
    if any(k.arg is None for k in node.keywords):
        raise FigureError("this is not a bound figure", 'name each value, as in group="women"')
    named = {str(k.arg): _read_constant(k.value) for k in node.keywords}
    was = named.pop("was", None)
    _check_arguments(name, arguments, named)
    return Binding(
        start=match.start(),
        end=match.end(),
        code=code,
        name=name,
        arguments=arguments,
        named=named,
        was=None if was is None else str(was),
    )


def _read_constant(node: ast.expr) -> object:
    value = node.value if isinstance(node, ast.Constant) else None
    if isinstance(value, bool) or (isinstance(value, str) and value.isprintable()):
        return value
    raise FigureError(f"'{ast.unparse(node)}' is not a plain value", "use words in quotes, True or False")


def _check_arguments(name: str, arguments: tuple[object, ...], named: dict[str, object]) -> None:
    signature = inspect.signature(getattr(Figures, name))
    try:
        bound = signature.bind(None, *arguments, **named)
    except TypeError as error:
        raise FigureError(
            f"{name} can't be used this way ({error})", f"write {name}{describe_usage(name)}"
        ) from None
    for key, value in bound.arguments.items():
        wants_truth = signature.parameters[key].annotation == "bool"
        if key != "self" and isinstance(value, bool) != wants_truth:
            kind = "True or False" if wants_truth else "words in quotes"
            raise FigureError(f"{name} cannot take {value!r} as {key}", f"give {kind}")


def describe_usage(name: str) -> str:
    """What a figure takes, as it is written."""
    parameters = list(inspect.signature(getattr(Figures, name)).parameters.values())[1:]
    shown = [p.name if p.default is p.empty else f"{p.name}={_show_argument(p.default)}" for p in parameters]
    return f"({', '.join(shown)})"


def _show_argument(value: object) -> str:
    if isinstance(value, str):
        text = value.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{text}"'
    return str(value)
