"""Numbers in addresses and fields: no more digits than a database takes."""


class Number:
    """A number from 1 up."""

    regex = "[1-9][0-9]{0,8}"

    def to_python(self, value: str) -> int:
        """The number."""
        return int(value)

    def to_url(self, value: int) -> str:
        """As it is written in an address."""
        return str(value)


def read_whole(text: str | None) -> int | None:
    """A whole number from 0 up as somebody typed it; None for anything else."""
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 10 else None
