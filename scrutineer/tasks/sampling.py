"""Samples: draw them, replay them, and replace a case with a reserve."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from scrutineer.errors import Fault, UserError, shorten_path
from scrutineer.tables.write_table import format_csv
from scrutineer.tasks.files import write_all
from scrutineer.tasks.inputs import find_framework, read_cases_file
from scrutineer.tasks.notices import notify

if TYPE_CHECKING:
    from datetime import date

    from scrutineer.fieldwork.cases.caseload import Caseload
    from scrutineer.fieldwork.sampling.record import SampleRecord
    from scrutineer.fieldwork.sampling.sample_plan import SampledElement
    from scrutineer.frameworks.library import Library
    from scrutineer.frameworks.model import Framework, Precision

Progress = Callable[[float], None]


@dataclass(frozen=True)
class SampleRequest:
    """What a person asks of a sample; what is None is left to the framework."""

    framework: str
    seed: int
    on: str | None = None
    size: int | None = None
    precision: float | None = None
    confidence: float = 95
    months: str | None = None
    quotas: Sequence[str] = ()
    strata: str | None = None
    reserves: int = 20
    cap: int | None = None
    elements: Sequence[str] = ()
    exclude: Path | None = None
    mapping: Path | None = None
    keep: Sequence[str] = ()


def draw(
    caseload: Path, request: SampleRequest, out: Path, folder: Path | None, progress: Progress
) -> SampleRecord:
    """Draw a sample and write it: sample.csv, reserves.csv, exclusions.csv, sample.json and sample.html.

    Raises:
        UserError: with everything that is wrong with the request or the caseload; then nothing is written.
    """
    from scrutineer.fieldwork.cases.exclusions import read_exclusions
    from scrutineer.fieldwork.sampling.record import make_record
    from scrutineer.fieldwork.sampling.sample import draw_sample
    from scrutineer.fieldwork.sampling.sample_plan import make_plan

    framework, shelf = find_framework(request.framework, folder)
    plan = make_plan(
        framework,
        size=request.size,
        precision=_find_precision(request),
        on=_read_day(request.on) if request.on else None,
        months=_list_months(request.months) if request.months else None,
        quotas=_collect_quotas(request.quotas),
        strata=request.strata,
        reserve_percent=request.reserves,
        cap=request.cap,
        elements=_list_elements(request.elements, shelf),
    )
    if not 0 <= request.seed < 2**64:
        raise UserError(
            Fault(
                "--seed",
                f"{request.seed} can't be used as a seed",
                "Enter a whole number from 0 to 18446744073709551615",
            )
        )
    cases = read_cases_file(caseload, framework, request.mapping, request.keep, plan.needed_columns)
    listed, notes = read_exclusions(request.exclude) if request.exclude else ((), ())
    notify(notes)
    sample = draw_sample(cases, framework, plan, request.seed, listed, progress)
    record = make_record(sample, cases, framework, plan, request.seed)
    write_all(_collect_files(record, cases, framework, out))
    return record


def _find_precision(request: SampleRequest) -> Precision | None:
    from pydantic import ValidationError

    from scrutineer.frameworks.model import Precision

    if request.precision is None:
        return None
    try:
        return Precision(points=request.precision, confidence=request.confidence)
    except ValidationError as error:
        faults = [
            Fault(f"--{'precision' if f['loc'] == ('points',) else 'confidence'}", str(f["msg"]), "")
            for f in error.errors()
        ]
        raise UserError(faults) from None


_FIRST_YEAR, _LAST_YEAR, _MOST_MONTHS = 1900, 2200, 600


def _read_whole(text: str) -> int | None:
    """A whole number in plain digits."""
    return int(text) if re.fullmatch("[0-9]{1,9}", text.strip()) else None


def _read_day(text: str) -> date:
    from scrutineer.fieldwork.cases.values import read_day

    try:
        day = read_day(text)
    except ValueError as error:
        raise UserError(
            Fault("--on", f"'{text}' is not a date", f"{str(error)[:1].upper()}{str(error)[1:]}")
        ) from None
    if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        raise UserError(
            Fault(
                "--on", f"'{text}' is too far from today", f"Enter a date from {_FIRST_YEAR} to {_LAST_YEAR}"
            )
        )
    return day


def _list_months(text: str) -> tuple[int, int]:
    least, _, most = text.partition("-")
    ends = _read_whole(least), _read_whole(most or least)
    if ends[0] is not None and ends[1] is not None and ends[0] <= ends[1] <= _MOST_MONTHS:
        return ends[0], ends[1]
    raise UserError(
        Fault(
            "--months",
            f"'{text}' is not a range of months",
            "Enter the fewest and most completed months, as in 9-10",
        )
    )


def _collect_quotas(texts: Sequence[str]) -> dict[str, int]:
    quotas_and_notes, faults = {}, []
    for text in texts:
        group, _, number = text.partition("=")
        if group in quotas_and_notes:
            faults.append(Fault("--quota", f"'{group}' has two quotas", "Enter only one of them"))
        elif _read_whole(number):
            quotas_and_notes[group] = int(number)
        else:
            faults.append(
                Fault("--quota", f"'{text}' is not a quota", "Enter a group and a number, as in high_risk=20")
            )
    if faults:
        raise UserError(faults)
    return quotas_and_notes


def _list_elements(texts: Sequence[str], shelf: Library) -> tuple[SampledElement, ...]:
    from scrutineer.fieldwork.sampling.sample_plan import SampledElement

    elements, faults = [], []
    for text in texts:
        name, _, number = text.partition("=")
        if number and not _read_whole(number):
            faults.append(
                Fault(
                    "--element",
                    f"'{text}' has no valid number of cases",
                    "Enter an element, or an element and a number",
                )
            )
            continue
        element = shelf.load_framework(name)
        elements.append(
            SampledElement(framework=name, only=element.sample.only, at_least=int(number) if number else None)
        )
    if faults:
        raise UserError(faults)
    return tuple(elements)


def _collect_files(
    record: SampleRecord, cases: Caseload, framework: Framework, out: Path
) -> dict[Path, str | bytes]:
    import polars as pl

    from scrutineer.fieldwork.sampling.record import to_json
    from scrutineer.fieldwork.sampling.substitute import find_reserves, sample_frame
    from scrutineer.report.pages.sample_pages import sample_page

    chosen, waiting = sample_frame(record, cases), find_reserves(record, cases)
    excluded = pl.DataFrame(
        [e.model_dump() for e in record.exclusions],
        schema=dict.fromkeys(("case", "reason", "note"), pl.String),
    )
    return {
        out / "sample.csv": format_csv(chosen),
        out / "reserves.csv": format_csv(waiting),
        out / "exclusions.csv": format_csv(excluded),
        out / "sample.json": to_json(record),
        out / "sample.html": sample_page(record, cases, chosen, framework),
    }


def replay(
    record: Path,
    caseload: Path,
    folder: Path | None,
    mapping: Path | None,
    keep: Sequence[str],
    progress: Progress,
) -> list[str]:
    """Draw a sample again from its record and its caseload; every difference as a sentence."""
    from scrutineer.fieldwork.sampling.record import check_record, read_record
    from scrutineer.fieldwork.sampling.record import replay as again

    recorded = read_record(record)
    framework, _ = find_framework(recorded.framework.id, folder)
    check_record(recorded, framework, shorten_path(record))
    return again(
        recorded,
        read_cases_file(caseload, framework, mapping, keep, recorded.plan.needed_columns),
        framework,
        progress,
    )


@dataclass(frozen=True)
class Replacement:
    """A case that cannot be inspected, why, and who decided."""

    case: str
    reason: str
    by: str
    on: str
    note: str = ""


def substitute(
    record: Path,
    caseload: Path,
    request: Replacement,
    folder: Path | None,
    mapping: Path | None,
    keep: Sequence[str],
) -> str:
    """Replace a case with the next suitable reserve, and write the sample again next to its record.

    Returns:
        The reference of the reserve.

    Raises:
        UserError: the caseload is not the record's, or the substitution cannot be made; then nothing is written.
    """
    from scrutineer.fieldwork.sampling.record import check_record, read_record
    from scrutineer.fieldwork.sampling.substitute import substitute as replaced

    recorded = read_record(record)
    framework, _ = find_framework(recorded.framework.id, folder)
    check_record(recorded, framework, shorten_path(record))
    cases = read_cases_file(caseload, framework, mapping, keep, recorded.plan.needed_columns)
    if cases.hash_content() != recorded.caseload.hash:
        what = "this is not the caseload in the record"
        raise UserError(
            Fault(shorten_path(caseload), what, f"Use the caseload whose hash is {recorded.caseload.hash}")
        )
    day = str(_read_day(request.on))
    substitution = replaced(
        recorded,
        cases,
        framework,
        request.case,
        reason=request.reason,
        note=request.note,
        by=request.by,
        on=day,
    )
    write_all(_collect_files(substitution, cases, framework, record.parent))
    return substitution.substitutions[-1].by
