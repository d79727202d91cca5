"""How much of both packages a run of the tests has gone through: lines and branches, in all its processes.

python -m tests.covered FOLDER     FOLDER holds what each process has written; ends with 1 where it is less than must be
"""

from __future__ import annotations

import sys
from io import StringIO
from pathlib import Path

from coverage import Coverage

LEAST = {"scrutineer": 90, "scrutineer_web": 85}
"""Percent of each package that the tests must go through."""


def main(folder: Path) -> int:
    """Print the total of each package, and where the rest is: in a page beside them."""
    measured = Coverage(data_file=str(folder / "data"))
    measured.combine([str(folder)])
    measured.save()
    short = False
    for package, least in LEAST.items():
        percent = measured.report(include=[f"{package}/*"], file=StringIO())
        short |= percent < least
        verdict = f"less than the {least}% that must be" if percent < least else f"at least {least}% must be"
        sys.stdout.write(f"{package}: {percent:.1f}% of lines and branches covered ({verdict})\n")
    sys.stdout.write(f"Line by line: coverage html --data-file {folder / 'data'}\n")
    return int(short)


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1])))
