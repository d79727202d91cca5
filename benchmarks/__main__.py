"""`./run bench`: speed as ratios against a named peer or limit in the same run.

Without an argument everything; with some of: room, programme, reporting, proving, scoring, scale, sampling, timetable, calibration.
"""

from __future__ import annotations

import sys

from rich.console import Console

from benchmarks import calibration, programme, proving, reporting, room, sampling, scale, scoring, timetable

PARTS = {
    "room": room.measure,
    "programme": programme.measure,
    "reporting": reporting.measure,
    "proving": proving.measure,
    "scoring": scoring.measure,
    "scale": scale.measure,
    "sampling": sampling.measure,
    "timetable": timetable.measure,
    "calibration": calibration.measure,
}


def main(arguments: list[str]) -> int:
    unknown = [name for name in arguments if name not in PARTS]
    if unknown:
        print(f"There is no benchmark {', '.join(unknown)}. Known: {', '.join(PARTS)}.", file=sys.stderr)
        return 2
    console = Console()
    for name in arguments or PARTS:
        PARTS[name](console)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
