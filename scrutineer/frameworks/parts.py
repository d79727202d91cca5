"""What every part of a framework is made of: keys, codes, texts and numbers, and the base of all parts."""

from __future__ import annotations

from fractions import Fraction
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictFloat, StrictInt, StrictStr

Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", description="lower case letters, digits and _")]
Code = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9.]*$", description="as printed: B1, 2.4")]
Identifier = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$", description="the folder's name")]
Sentence = Annotated[str, Field(min_length=1)]
Plain = StrictBool | StrictInt | StrictStr


class Later:
    """Marks a field that came after frameworks were pinned: `months: Annotated[int | None, Later] = None`.

    At its default it isn't part of the content hash, so inspections that pinned a framework without it still open.
    """


class FrameworkPart(BaseModel):
    """The base of every part of a framework: frozen, and closed to unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


Number = StrictInt | Annotated[StrictFloat, Field(allow_inf_nan=False)]
"""A number as a file has it: 63 or 38.5."""


def make_exact(number: Number) -> Fraction:
    """A number of a file as an exact fraction: 38.5 is 77/2."""
    # Through text, because the float nearest to 38.1 is not 38.1.
    return Fraction(str(number))
