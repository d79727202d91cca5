"""The same report as text, HTML, Word and PDF; and files that are no reports."""

from __future__ import annotations

import html
from collections.abc import Callable
from pathlib import Path

import docx
import pytest
from fpdf import FPDF

from scrutineer.errors import UserError
from scrutineer.frameworks.library import Library
from scrutineer.proof.basis.context import Context
from scrutineer.proof.reading.present_report import as_json
from scrutineer.proof.reading.read_report import read_file
from scrutineer.proof.reading.source import read_lines
from tests.conftest import NORTHMOOR


def as_html(lines: list[str], path: Path) -> None:
    body: list[str] = []
    for line in lines:
        cells = [
            html.escape(cell.replace("*", "") if not cell.endswith("*") else cell)
            for cell in line.split("\t")
        ]
        if len(cells) > 1:
            body.append("<table><tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr></table>")
        elif line.startswith("- "):
            body.append(f"<ul><li>{html.escape(line[2:].replace('**', ''))}</li></ul>")
        elif line:
            body.append(f"<p>{html.escape(line)}</p>")
    path.write_text(
        f"<!doctype html><html><head><title>x</title><style>p {{}}</style></head><body>{''.join(body)}</body></html>"
    )


def as_word(lines: list[str], path: Path) -> None:
    document = docx.Document()
    for line in lines:
        cells = line.split("\t")
        if len(cells) > 1:
            row = document.add_table(rows=1, cols=len(cells)).rows[0]
            for cell, text in zip(row.cells, cells, strict=True):
                cell.text = text
        elif line.startswith("- "):
            document.add_paragraph(line[2:], style="List Bullet")
        else:
            document.add_paragraph(line)
    document.save(str(path))


def as_pdf(lines: list[str], path: Path) -> None:
    pdf = FPDF()
    pdf.add_page()
    pdf.set_font("Helvetica", size=10)
    for line in lines:
        row = line.removesuffix("\tNorthmoor").replace(
            "\t", "   "
        )  # a trailing column cannot be told from the title
        pdf.multi_cell(0, 5, row or " ", new_x="LMARGIN", new_y="NEXT")
    pdf.output(str(path))


def figures(path: Path, library: Library) -> dict[str, object]:
    data = as_json(read_file(path, library), library)
    return {
        "area": data["area"],
        "framework": data["framework"],
        "sections": {k: v["score"] for k, v in data["sections"].items()},
        "criteria": {k: v.get("score", v.get("rating")) for k, v in data["criteria"].items()},
        "overall": data["overall"]["score"],
        "claims": [(c["value"], c["question"], c["polarity"]) for c in data["claims"] if c["question"]],
        "annexes": [{k: v["score"] for k, v in annex["sections"].items()} for annex in data["annexes"]],
    }


@pytest.mark.parametrize(("suffix", "writer"), [(".html", as_html), (".docx", as_word)])
def test_html_and_word_read_like_text(
    tmp_path: Path,
    library: Library,
    northmoor: list[str],
    suffix: str,
    writer: Callable[[list[str], Path], None],
) -> None:
    path = tmp_path / f"report{suffix}"
    writer(northmoor, path)
    assert figures(path, library) == figures(NORTHMOOR, library)


def test_pdf_gives_framework_and_claims(tmp_path: Path, library: Library, northmoor: list[str]) -> None:
    """A PDF keeps no cells, so a scoring sheet's columns are only apart by spaces."""
    path = tmp_path / "report.pdf"
    as_pdf(northmoor, path)
    read, text = figures(path, library), figures(NORTHMOOR, library)
    for name in ("area", "framework", "sections", "criteria", "overall", "claims"):
        assert read[name] == text[name], name


@pytest.mark.parametrize("name", ["report.txt", "report", "report.md"])
def test_text_whatever_its_name_and_encoding(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes("A caf\xe9 \x96 75%\r\nnext".encode("latin-1"))
    assert read_lines(path) == ["A café – 75%", "next"]
    path.write_bytes("A café".encode("utf-16"))
    assert read_lines(path) == ["A café"]


def empty(path: Path) -> None:
    path.write_bytes(b"")


def binary(path: Path) -> None:
    path.write_bytes(bytes(range(256)) * 40)


def control(path: Path) -> None:
    path.write_bytes(bytes([1, 2, 3, 4, 5, 6]) * 400)


def huge(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(200_000_000)


def blank(path: Path) -> None:
    path.write_text("\n \n\n")


def scan(path: Path) -> None:
    pdf = FPDF()
    pdf.add_page()
    pdf.rect(20, 20, 100, 100, style="F")
    pdf.output(str(path))


def broken(path: Path) -> None:
    path.write_bytes(b"%PDF-1.7 and then nothing")


def not_word(path: Path) -> None:
    path.write_bytes(b"PK\x03\x04 not a Word file")


@pytest.mark.parametrize(
    ("name", "make", "message"),
    [
        ("a.txt", empty, "the file is empty"),
        ("a.txt", binary, "this is not text"),
        ("a.txt", control, "this is not text"),
        ("a.txt", huge, "the file is 200 MB; the limit is 50 MB"),
        ("a.txt", blank, "the file has no text"),
        ("a.pdf", scan, "has no text. If the report was scanned, use text recognition first"),
        ("a.pdf", broken, "this PDF can't be opened"),
        ("a.docx", not_word, "this Word file can't be opened"),
        ("missing.txt", None, "there is no such file or folder"),
    ],
)
def test_bad_input_gives_one_clear_sentence(
    tmp_path: Path, name: str, make: Callable[[Path], None] | None, message: str
) -> None:
    path = tmp_path / name
    if make:
        make(path)
    with pytest.raises(UserError) as caught:
        read_lines(path)
    assert len(caught.value.faults) == 1
    assert message in str(caught.value)
    assert name in str(caught.value)


def test_a_folder_is_no_report(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="this is a folder"):
        read_lines(tmp_path)


def test_the_tables_of_a_markdown_file_are_tables(tmp_path: Path) -> None:
    path = tmp_path / "report.md"
    path.write_text(
        "Of 20 cases, 10 (50%) were early.\n\n"
        "| Case | Answer | Share |\n|---|:--:|---:|\n| A\\|B | the the | 10 of 20 |\n| **C** | | 60% |\n\n"
        "One | two\nand a | more.\n"
    )
    assert read_lines(path) == [
        "Of 20 cases, 10 (50%) were early.", "", "Case\tAnswer\tShare", "", "A|B\tthe the\t10 of 20", "**C**\t\t60%", "",
        "One | two", "and a | more.", "",
    ]  # fmt: skip


def test_rows_of_a_markdown_table_are_no_sentences(tmp_path: Path, library: Library) -> None:
    """The rules for sentences would take a row for one: a word twice, or a share that isn't the fraction next to it."""
    path = tmp_path / "report.md"
    path.write_text("| Cases | Share |\n|---|---|\n| were were 5 of 20 | (50%) |\n")
    context = Context(read_file(path, library), library)
    assert context.find_prose() == []
    path.write_text("The cases were were early: 5 of 20 (50%).\n")
    assert [line for line, _ in Context(read_file(path, library), library).find_prose()] == [1]
