"""Read a published report: structure, figures and claims."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from scrutineer.errors import shorten_path
from scrutineer.frameworks.library import Library
from scrutineer.frameworks.reading_hints import Cue, simplify
from scrutineer.proof.reading.claims import MAIN_SAMPLE, ClaimReader, list_pairs
from scrutineer.proof.reading.layout import clean, remove_bullet
from scrutineer.proof.reading.outline import Outliner
from scrutineer.proof.reading.recognise import recognise
from scrutineer.proof.reading.report import Claim, ClaimKind, PrintedValue, PublishedReport
from scrutineer.proof.reading.sample_claims import sample_sizes
from scrutineer.proof.reading.source import read_lines

_SILENT = {"contents", "glossary", "acknowledgements", "sheet"}


def read_file(path: Path, library: Library) -> PublishedReport:
    """Read a report file.

    Raises:
        UserError: the file cannot be read (see `source.read_lines`).
    """
    return read(read_lines(path), library, shorten_path(path))


def read(
    lines: Sequence[str], library: Library, name: str = "", framework: str | None = None
) -> PublishedReport:
    """Read the lines of a report; one that no framework fits is read without criteria.

    Args:
        lines: of the report.
        library: the frameworks.
        name: what the report is called in findings.
        framework: the id of the report's framework, where it's known; it's recognised otherwise.
    """
    cleaned = [clean(line) for line in lines]
    report = PublishedReport(
        file=name,
        lines=list(lines),
        clean=cleaned,
        zones=[""] * len(cleaned),
        framework=framework or recognise(cleaned, library),
    )
    outline = Outliner(report, library)
    outline.run()
    _read_claims(report, library, outline)
    sample_sizes(report)
    return report


_SUMMARISED = re.compile(r"^Quality of ([^:]{3,40}):", re.IGNORECASE)


def _read_claims(report: PublishedReport, library: Library, outline: Outliner) -> None:
    frameworks = [library.load_framework(p.framework) if p.framework else None for p in report.parts]
    reader = ClaimReader(
        [
            (f, library.load_reading(f.id) if f else None, library.load_house(f.id) if f else None)
            for f in frameworks
        ]
    )
    for n, text in enumerate(report.clean, 1):
        # Tables and scoring sheets are read as values; reading their cells as sentences would count each figure twice.
        if not text or report.zones[n - 1] in _SILENT or "\t" in text:
            continue
        part = outline.at.part_at[n - 1]
        _, words, _ = remove_bullet(text)
        section = None
        summarised = _SUMMARISED.match(words)
        framework = frameworks[part]
        if summarised and framework:
            title = f"quality of {summarised.group(1)}".lower()
            section = next((s.code for s in framework.sections if s.title.lower() == title), None)
        claims = reader.read(n, words, part, outline.at.criterion_at[n - 1], section, report.zones[n - 1])
        report.claims += claims
        for percent, fraction, certain in list_pairs(words, claims):
            (report.pairs if certain else report.probable_pairs).append((percent, fraction))
    # Order matters: thread scores need the groups of claims to be settled, and sorting comes last.
    _give_back_to_main(report)
    _read_thread_scores(report, library, outline.at.part_at)
    report.claims += [*_list_printed_values(report), *_list_table_figures(report)]
    report.claims.sort(key=lambda claim: (claim.line, claim.start))


def _list_printed_values(report: PublishedReport) -> Iterator[Claim]:
    """Every score and rating on a scoring sheet, under a heading or in an annex is a claim as well."""
    for part in report.parts:
        for value in part.values:
            if value.where == "text":
                continue  # the sentence has been read as a claim of its own
            kind: ClaimKind = "rating" if value.percent is None else "score"
            share = None if value.percent is None else float(value.percent)
            claim = Claim(
                line=value.line,
                quote=value.quote,
                kind=kind,
                value=share,
                framework=part.framework,
                group=value.group,
            )
            claim.zone, claim.rating = value.where, value.rating
            claim.criterion = value.code if value.level == "criterion" else None
            claim.section = value.code if value.level == "section" else None
            yield claim


def _list_table_figures(report: PublishedReport) -> Iterator[Claim]:
    """The figures in the rows of tables; the row's label says what they measure."""
    for table in report.tables:
        if table.kind == "quality_ratings":
            continue  # those are scores
        for row in table.rows:
            for cell in row.cells:
                for match in _CELL_PERCENT.finditer(cell):
                    yield Claim(
                        line=row.line,
                        quote=match.group(0),
                        kind="percentage",
                        value=float(match.group(1)),
                        sentence=row.label,
                        zone="table",
                    )


_CELL_PERCENT = re.compile(r"(\d+(?:\.\d+)?)\s?%")


def _read_thread_scores(report: PublishedReport, library: Library, part_at: Sequence[int]) -> None:
    """A sentence that gives the score of a thread prints it as much as a table does."""
    for claim in report.claims:
        if (
            claim.kind != "percentage"
            or claim.question
            or claim.criterion
            or not claim.exact
            or not claim.framework
        ):
            continue
        reading = library.load_reading(claim.framework)
        for key, cues in (reading.thread_cues if reading else {}).items():
            if (
                any(Cue.parse(cue).fits(simplify(claim.sentence)) for cue in cues)
                and claim.value is not None
                and claim.value <= 100
            ):
                value = PrintedValue(
                    level="thread",
                    code=key,
                    group=claim.group,
                    line=claim.line,
                    where="text",
                    percent=int(claim.value),
                    rating=None,
                    quote=claim.quote,
                )
                report.parts[part_at[claim.line - 1]].values.append(value)


def _give_back_to_main(report: PublishedReport) -> None:
    """What an annex says of the main sample is a claim about the main report's cases."""
    for claim in report.claims:
        if claim.group == MAIN_SAMPLE:
            # The main sample of an annex is all cases of the main report.
            claim.framework, claim.group = report.framework, "all"
