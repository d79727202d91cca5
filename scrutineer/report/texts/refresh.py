"""Writing into a narrative what its figures are now: `was=` on every binding, once the sentence was read again."""

from __future__ import annotations

from scrutineer.report.figures.figures import FigureError, Figures
from scrutineer.report.texts.binding import Binding, list_bindings


def refresh_text(markdown: str, figures: Figures) -> str:
    """A text with `was=` set to today's figure on every binding that can be printed; the rest is left as it is."""
    return "\n".join(_refresh_line(line, figures) for line in markdown.split("\n"))


def _refresh_line(line: str, figures: Figures) -> str:
    for binding in reversed(list(list_bindings(line))):
        if not isinstance(binding, Binding) or binding.name == "source":
            continue
        try:
            now = binding.make_figure(figures).text
        except FigureError:
            continue
        line = line[: binding.start] + binding.write(now) + line[binding.end :]
    return line
