"""A report as read, as JSON values and as text for the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from scrutineer.frameworks.library import Library
from scrutineer.proof.reading.report import Claim, PrintedFinding, PrintedTable, PublishedReport, ReportPart


def as_json(report: PublishedReport, library: Library) -> dict[str, Any]:
    """What `scrutineer read --format json` prints."""
    named = {
        part.framework: [c.group for c in report.claims if c.framework == part.framework]
        for part in report.parts
    }
    main = _describe_part(report.main, library, named[report.main.framework])
    return {
        "file": report.file,
        "area": report.area,
        "framework": report.framework,
        "date": report.date,
        **{
            name: main[name]
            for name in ("sample", "sections", "criteria", "overall", "threads", "groups", "recommendations")
        },
        "annexes": [
            {
                "framework": part.framework,
                "title": part.title,
                "line": part.line,
                **_describe_part(part, library, named[part.framework]),
            }
            for part in report.parts[1:]
        ],
        "tables": [_describe_table(table) for table in report.tables],
        "glossary": [
            {"abbreviation": t.abbreviation, "meaning": t.meaning, "line": t.line} for t in report.glossary
        ],
        "claims": [_describe_claim(claim) for claim in report.claims],
    }


def _describe_part(part: ReportPart, library: Library, named: Sequence[str]) -> dict[str, Any]:
    framework = library.load_framework(part.framework) if part.framework else None
    reading = library.load_reading(part.framework) if part.framework else None
    base = reading.base_group if reading else "all"
    levels: dict[str, dict[str, Any]] = {"section": {}, "criterion": {}, "thread": {}, "overall": {}}
    for value in part.values:
        entry = levels[value.level].setdefault(value.code, {"scores": {}})
        # The first place that prints a score counts. A later one
        # that differs is for the proof to find.
        if value.rating is not None:
            entry.setdefault("rating", value.rating)
        elif value.group not in entry["scores"]:
            entry["scores"][value.group] = value.percent
            if value.group == base:
                entry["score"] = value.percent
        entry.setdefault("line", value.line)
    order = list(framework.criteria) if framework else []
    codes = sorted(
        {*part.criteria, *levels["criterion"]}, key=lambda c: order.index(c) if c in order else len(order)
    )
    return {
        "sample": sample_size(part),
        "sections": levels["section"],
        "criteria": {
            code: _describe_criterion(part, code, levels["criterion"].get(code, {}), framework)
            for code in codes
        },
        "overall": levels["overall"].get("overall"),
        "threads": levels["thread"],
        "groups": _collect_groups(part, base, named),
        "recommendations": [
            {"number": f.label, "line": f.line, "text": f.text} for f in part.recommendations
        ],
    }


def _collect_groups(part: ReportPart, base: str, named: Sequence[str]) -> dict[str, Any]:
    """The groups of cases that scores or claims are about; the size of the base group, where it is stated."""
    names = dict.fromkeys([base, *(value.group for value in part.values), *named])
    return {name: {"cases": sample_size(part) if name == base else None} for name in names}


def sample_size(part: ReportPart) -> int | None:
    """The number of cases that a part says it rests on: stated before aimed at, exact before round."""
    stated = [s.size for s in part.samples if not s.design]
    aimed_at = [s.size for s in part.samples if s.design]
    # 100 is what many programmes aim at, even where the sentence doesn't say so.
    exact = [size for size in stated if size not in aimed_at and size != 100]
    return next(iter([*exact, *stated, *aimed_at]), None)


def _describe_criterion(
    part: ReportPart, code: str, printed: dict[str, Any], framework: Any
) -> dict[str, Any]:
    seen = part.criteria.get(code)
    title = seen.title if seen else framework.criteria[code].title if framework else code
    findings = [_describe_finding(f) for f in seen.findings] if seen else []
    heading = {"heading_line": seen.line, "heading_recovered": seen.recovered} if seen else {}
    return {"title": title, **printed, **heading, "findings": findings}


def _describe_finding(finding: PrintedFinding) -> dict[str, Any]:
    return {"kind": finding.kind, "label": finding.label, "line": finding.line, "text": finding.text}


def _describe_table(table: PrintedTable) -> dict[str, Any]:
    rows = [{"label": row.label, "cells": row.cells, "line": row.line} for row in table.rows]
    return {
        "kind": table.kind,
        "title": table.title,
        "line": table.line,
        "header": table.header,
        "rows": rows,
    }


def _describe_claim(claim: Claim) -> dict[str, Any]:
    return {
        "line": claim.line,
        "quote": claim.quote,
        "kind": claim.kind,
        "value": claim.value,
        "numerator": claim.numerator,
        "denominator": claim.denominator,
        "framework": claim.framework,
        "section": claim.section,
        "criterion": claim.criterion,
        "question": claim.question,
        "group": claim.group,
        "polarity": claim.polarity,
        "rating": claim.rating,
        "exact": claim.exact,
        "sentence": claim.sentence,
    }


def as_text(report: PublishedReport, library: Library) -> Iterator[str]:
    """The report in outline, line by line."""
    data = as_json(report, library)
    yield f"{report.area or 'Unknown area'}, {report.date or 'no date'}"
    yield f"Framework: {report.framework or 'none recognised'}; sample: {data['sample'] or 'not stated'}"
    for part in (data, *data["annexes"]):
        if part is not data:
            yield f"\nAnnex, line {part['line']}: {part['title']} ({part['framework']}; sample: {part['sample'] or 'not stated'})"
        yield from _write_criteria(part)
    yield f"\n{len(report.claims)} claims, {sum(1 for c in report.claims if c.question)} of them matched to a question"
    yield f"{len(report.tables)} tables, {len(report.glossary)} glossary entries"


def _write_criteria(part: dict[str, Any]) -> Iterator[str]:
    for code, criterion in part["criteria"].items():
        scores = criterion.get("scores") or {}
        shown = (
            criterion.get("rating")
            or ", ".join(f"{p}%{'' if g == 'all' else f' ({g})'}" for g, p in scores.items())
            or "–"
        )
        recovered = "  [heading recovered]" if criterion.get("heading_recovered") else ""
        yield f"  {code:4} {criterion['title'][:64]:64} {shown}{recovered}"
    for code, section in part["sections"].items():
        yield f"  Section {code}: {section.get('score')}%"
    if part["overall"]:
        yield f"  Overall: {part['overall'].get('score')}%"
    for key, thread in part["threads"].items():
        yield f"  Thread {key}: {thread.get('score')}%"
