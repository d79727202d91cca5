"""Fictional areas: a caseload, cases with answers, or cases calibrated to printed figures."""

from __future__ import annotations

import json
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scrutineer.errors import Fault, UserError, shorten_path
from scrutineer.tables.write_table import format_csv
from scrutineer.tasks.files import write_all
from scrutineer.tasks.inputs import find_framework

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

    from scrutineer.fieldwork.cases.caseload import Caseload
    from scrutineer.fieldwork.cases.codes import Codes
    from scrutineer.frameworks.library import Library
    from scrutineer.frameworks.model import Framework
    from scrutineer.simulation.profile import FictionalProfile

FICTIONAL = "Northmoor"
_POOL = 40


@dataclass(frozen=True)
class Fiction:
    """What a person asks of a simulation.

    Attributes:
        framework: its id.
        seed: of the chance in it.
        area: the name of the fictional area.
        caseload: cases of a whole caseload; 0 for none.
        cases: cases with answers; 0 for none.
        on: the latest day on which supervision may have begun.
        assessors: how many.
        read_twice: the share of cases read twice, in percent.
        quality, severity: of the latent model.
        missing: the share of answers not yet given, in percent.
        figures: a file of printed figures to which the cases are calibrated.
        group: whose figures these are; the base group where None.
    """

    framework: str
    seed: int
    area: str = FICTIONAL
    caseload: int = 0
    cases: int = 0
    on: str = "2006-03-31"
    assessors: int = 9
    read_twice: float = 10
    quality: float = 1.0
    severity: float = 0.3
    missing: float = 0
    figures: Path | None = None


@dataclass(frozen=True)
class SimulatedFiles:
    """The files that a simulation wrote, and what it could not reproduce."""

    files: tuple[Path, ...]
    notes: tuple[str, ...]


def simulate(fiction: Fiction, out: Path, folder: Path | None) -> SimulatedFiles:
    """Make up an area: caseload.csv, cases.csv and answers.csv, and simulation.json that says how.

    Raises:
        UserError: nothing is asked for, or the figures are not of the framework; then nothing is written.
    """
    import numpy as np

    from scrutineer.fieldwork.cases.values import read_day

    framework, shelf = find_framework(fiction.framework, folder)
    try:
        on = read_day(fiction.on)
    except ValueError as error:
        raise UserError(
            Fault("--on", f"'{fiction.on}' is not a date", f"{str(error)[:1].upper()}{str(error)[1:]}")
        ) from None
    if not all(isfinite(x) and abs(x) <= 20 for x in (fiction.quality, fiction.severity)):
        raise UserError(
            Fault(
                "scrutineer simulate", "quality and severity must be log odds", "Enter numbers from -20 to 20"
            )
        )
    if not 1900 <= on.year <= 2200:
        raise UserError(
            Fault("--on", f"'{fiction.on}' is too far from today", "Enter a date from 1900 to 2200")
        )
    if not (fiction.caseload or fiction.cases or fiction.figures):
        raise UserError(
            Fault("scrutineer simulate", "there is nothing to create", "Add --caseload, --cases or --figures")
        )
    generator = np.random.Generator(np.random.PCG64(fiction.seed))
    profile = make_profile(framework, shelf)
    files: dict[Path, str | bytes] = {}
    notes: tuple[str, ...] = ()
    if fiction.caseload:
        files[out / "caseload.csv"] = _write_cases_csv(
            framework, _make_caseload(framework, profile, fiction.caseload, on, generator, "P"), True
        )
    if fiction.figures:
        cases, answers, notes = _calibrate(framework, shelf, profile, fiction, on, generator)
        files |= {out / "cases.csv": cases, out / "answers.csv": answers}
    elif fiction.cases:
        cases, answers = _answer_latent(framework, profile, fiction, on, generator)
        files |= {out / "cases.csv": cases, out / "answers.csv": answers}
    files[out / "simulation.json"] = _write_record(framework, fiction, notes)
    write_all(files)
    return SimulatedFiles(tuple(files), notes)


def make_profile(framework: Framework, shelf: Library) -> FictionalProfile:
    """How cases of a framework are made up: the file next to it, or next to what it extends; evenly without one."""
    from scrutineer.frameworks.yaml_source import read_yaml
    from scrutineer.simulation.profile import FictionalProfile, read_profile

    name: str | None = framework.id
    while name and (shelf.folder / name / "framework.yaml").exists():
        path = shelf.folder / name / "synthetic.yaml"
        if path.exists():
            return read_profile(path, framework)
        raw = read_yaml(shelf.folder / name / "framework.yaml").value
        name = raw.get("extends") or framework.sample.part_of if isinstance(raw, dict) else None
        if name == framework.id:
            break
    return FictionalProfile()


def _make_caseload(
    framework: Framework,
    profile: FictionalProfile,
    number: int,
    on: Any,
    generator: np.random.Generator,
    prefix: str,
) -> Caseload:
    from scrutineer.simulation.caseload import make_cases

    return make_cases(framework, profile, number, on, generator, prefix)


def _write_cases_csv(framework: Framework, caseload: Caseload, of_caseload: bool) -> str:
    from scrutineer.tables.table import ROW

    hidden = {a.key for a in framework.attributes if a.known_from == "case_file"} if of_caseload else set()
    return format_csv(caseload.frame.drop([ROW, *hidden], strict=False))


def _answer_latent(
    framework: Framework, profile: FictionalProfile, fiction: Fiction, on: Any, generator: np.random.Generator
) -> tuple[str, str]:
    import polars as pl

    from scrutineer.simulation.latent import Model, assign, make_answers
    from scrutineer.simulation.recorded_values import make_recorded

    caseload = _make_caseload(framework, profile, fiction.cases, on, generator, "S")
    who = assign(fiction.cases, fiction.assessors, fiction.read_twice / 100, generator)
    model = Model(quality=fiction.quality, severity=fiction.severity, missing=fiction.missing / 100)
    others = make_recorded(framework, caseload, generator.spawn(1)[0])
    first, second = make_answers(framework, caseload, model, who, generator, others)
    kinds = ["area_assessor" if n % 3 == 2 else "inspector" for n in who.first.tolist()]
    frame = caseload.frame.with_columns(
        assessor=pl.Series([who.names[n] for n in who.first.tolist()]),
        assessor_kind=pl.Series(kinds),
        second_assessor=pl.Series(
            [who.names[n] if n >= 0 else None for n in who.second.tolist()], dtype=pl.String
        ),
    )
    from dataclasses import replace

    known = replace(caseload, frame=frame)
    return _write_cases_csv(framework, known, False), format_csv(
        _make_long_table(framework, known, first, second, others)
    )


def _make_long_table(
    framework: Framework,
    caseload: Caseload,
    first: Codes,
    second: Codes | None,
    others: dict[str, dict[str, str]] | None = None,
) -> pl.DataFrame:
    """Answers as a long table; blanks are left out."""
    from scrutineer.fieldwork.cases.answers import Answers, list_choice_questions, make_long_table

    ids = tuple(caseload.ids)
    frame = caseload.frame
    names = [
        frame[n].to_list() if n in frame.columns else [None] * len(ids)
        for n in ("assessor", "second_assessor")
    ]
    readers = {case: (a, b) for case, a, b in zip(ids, *names, strict=True)}
    return make_long_table(
        framework,
        Answers(
            cases=ids,
            questions=list_choice_questions(framework),
            codes=first,
            second=second,
            readers=readers,
            others=others or {},
        ),
    )


def _calibrate(
    framework: Framework,
    shelf: Library,
    profile: FictionalProfile,
    fiction: Fiction,
    on: Any,
    generator: np.random.Generator,
) -> tuple[str, str, tuple[str, ...]]:
    from scrutineer.proof.reading.printed_figures import list_inspections, read_dataset
    from scrutineer.simulation.calibrated import calibrate

    assert fiction.figures is not None  # noqa: S101 the caller looked
    every = list(list_inspections(read_dataset(fiction.figures, shelf)))
    parts = [(f, base) for f, base in every if f.framework == framework.id]
    if not parts:
        what = f"the file has no figures of framework '{framework.id}'"
        raise UserError(
            Fault(
                shorten_path(fiction.figures),
                what,
                f"Choose from {', '.join(f.framework for f, _ in every)}",
            )
        )
    figures, base = parts[0]
    named = {g.key for g in framework.groups} & set(figures.groups)
    pool = draw_eligible_pool(
        framework,
        _make_caseload(framework, make_even(profile, framework, named), _POOL * 100, on, generator, "S"),
    )
    calibrated = calibrate(framework, pool, figures.groups, base, generator)
    return (
        _write_cases_csv(framework, calibrated.caseload, False),
        format_csv(_make_long_table(framework, calibrated.caseload, calibrated.codes, None)),
        calibrated.notes,
    )


def make_even(profile: FictionalProfile, framework: Framework, named: set[str]) -> FictionalProfile:
    """The profile with every option possible of attributes that some named group looks at: none may be impossible."""
    looked_at = {name for g in framework.groups if g.key in named for name in g.when.list_names()}
    choices = {
        key: {o: max(s, 0.3) for o, s in shares.items()}
        if key in looked_at and 0 in shares.values()
        else shares
        for key, shares in profile.choices.items()
    }
    return profile.model_copy(update={"choices": choices})


def draw_eligible_pool(framework: Framework, pool: Caseload) -> Caseload:
    """The cases of a pool that the framework's design samples at all."""
    from dataclasses import replace

    import polars as pl

    from scrutineer.fieldwork.cases.membership import collect_groups, evaluate

    members = collect_groups(framework, pool.frame)
    truth = evaluate(framework.sample.only, pool.frame, members) == 1
    if framework.sample.every:
        truth &= members[framework.sample.every] == 1
    return replace(pool, frame=pool.frame.filter(pl.Series(truth)))


def _write_record(framework: Framework, fiction: Fiction, notes: tuple[str, ...]) -> str:
    record = {
        "synthetic": True,
        "notice": f"Made up: {fiction.area} is a fictional area.",
        "framework": framework.id,
        "seed": fiction.seed,
        "area": fiction.area,
        "model": {"quality": fiction.quality, "severity": fiction.severity, "missing": fiction.missing / 100},
        "calibrated_to": fiction.figures.name if fiction.figures else None,
        "notes": list(notes),
    }
    return json.dumps(record, indent=1, ensure_ascii=False) + "\n"
