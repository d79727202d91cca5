"""Values as YAML that every reader takes the same way."""

from __future__ import annotations

import re
from typing import Any

import yaml


def write_yaml(content: dict[str, Any]) -> bytes:
    """Values as YAML, in their order; words that a YAML 1.1 tool would read as something else are put in quotes."""
    text = yaml.dump(
        content, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110, default_flow_style=False
    )
    return text.encode()


_MISREAD = re.compile(
    r"y|n|yes|no|on|off|true|false|null|~|=|<<|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?|[-+]?0[0-7_]+|[-+]?0[bx][0-9a-f_]+"
    r"|[-+]?[0-9][0-9_,]*(?:\.[0-9_]*)?(?:e[-+]?[0-9]+)?|[-+]?\.[0-9]+(?:e[-+]?[0-9]+)?",
    re.IGNORECASE,
)
"""What YAML 1.1 or 1.2 takes for a truth, a number in any base, minutes or nothing."""


class _Dumper(yaml.SafeDumper):
    """Writes texts that would be misread in quotes, and everything in full: readers refuse references to what came before."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 PyYAML asks of each value
        return True


def _write_text(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    style = '"' if _MISREAD.fullmatch(text) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _write_text)
