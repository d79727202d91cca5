"""Numbers in addresses: no more digits than a database takes."""


class Number:
    """A number from 1 up."""

    regex = "[1-9][0-9]{0,8}"

    def to_python(self, value: str) -> int:
        """The number."""
        return int(value)

    def to_url(self, value: int) -> str:
        """As it stands in an address."""
        return str(value)
