"""Reports of all three forms, in every format: whole, equal to the data, the same twice, and readable by everybody."""

from __future__ import annotations

import csv
import html
import json
import re
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from fractions import Fraction
from io import BytesIO
from itertools import product
from pathlib import Path

import docx
import polars as pl
import pypdfium2
import pytest

from scrutineer.errors import UserError
from scrutineer.frameworks.library import Library
from scrutineer.proof.reading.read_report import read_file
from scrutineer.report import formats
from scrutineer.report.document.blocks import Chart
from scrutineer.report.formats import FORMATS
from scrutineer.report.render import docx as word
from scrutineer.report.render import pdf
from scrutineer.report.render.html import report_html
from scrutineer.statistics.printed import round_half_up
from scrutineer.tasks.reporting import Ready, list_files, make, prepare, preview, prove_draft, read_back
from tests.browser import START, browser, list_violations, needs_browser
from tests.functional.test_cli import scrutineer

needs_pdf = pytest.mark.skipif(not pdf.is_available(), reason="WeasyPrint finds no Pango on this machine")
needs_word = pytest.mark.skipif(not word.is_available(), reason="the Word converter is not installed")
OFFICE = shutil.which("soffice") or shutil.which("libreoffice")
FORMS = ("esi", "follow-up", "omi")


@pytest.fixture(scope="module")
def ready(demo_folders: Path) -> dict[str, Ready]:
    return {name: prepare(demo_folders / name, None, 1) for name in FORMS}


@pytest.fixture(scope="module")
def pages(ready: dict[str, Ready]) -> dict[str, str]:
    return {name: report_html(prepared.document) for name, prepared in ready.items()}


@pytest.fixture(scope="module")
def printed(ready: dict[str, Ready]) -> dict[str, bytes]:
    return (
        {name: pdf.report_pdf(prepared.document) for name, prepared in ready.items()}
        if pdf.is_available()
        else {}
    )


@pytest.fixture(scope="module")
def written(ready: dict[str, Ready]) -> dict[str, bytes]:
    return (
        {name: word.report_docx(prepared.document) for name, prepared in ready.items()}
        if word.is_available()
        else {}
    )


def visible(page: str) -> str:
    body = re.sub(r"(?s)<(style|svg|head)\b.*?</\1>", " ", page)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())


def marked(page: str) -> list[tuple[str, str]]:
    """Every figure of a page: its key and its text."""
    return [
        (html.unescape(k), html.unescape(t))
        for k, t in re.findall(r'<span class="figure" data-figure="([^"]*)">([^<]*)</span>', page)
    ]


PARTS = {
    "esi": ("Summary of findings", "Scoring sheet", "Overview of the area", "Performance against targets", "Glossary",
            "Needs and progress", "Feedback from offenders", "Good practice example", "Quality ratings", "Recommendations",
            "Thematic element: Substance misusing offenders", "The role of the inspectorate", "Inspection arrangements"),
    "follow-up": ("Reasons for undertaking the follow-up", "Original inspection", "Follow-up inspection", "Conclusion:",
                  "Summary of scores", "Recommendations", "Glossary", "Inspection arrangements"),
    "omi": ("List of abbreviations", "priority line", "Risk of Harm thread", "Sharing good practice", "Conclusion:",
            "Service users' perspective", "General criterion", "Recommendations for improvement",
            "Appendix 1: Contextual information", "Appendix 3: Scoring approach", "Appendix 4: Role of the inspectorate"),
}  # fmt: skip
EVERY_FORM = ("Foreword", "Contents", "Acknowledgements", "Next steps", "Verification", "Scoring approach")


@pytest.mark.parametrize("form", FORMS)
def test_every_part_of_the_form_is_there(ready: dict[str, Ready], pages: dict[str, str], form: str) -> None:
    text = visible(pages[form])
    sections = ready[form].material.framework.sections
    headings = [
        f"{s.code}. {s.title}" if s.code.isdigit() else f"Section {s.code}: {s.title}" for s in sections
    ]
    criteria = ready[form].material.framework.criteria.values()
    for part in (*EVERY_FORM, *PARTS[form], *headings, *(c.title for c in criteria)):
        assert part in text, part


@pytest.mark.parametrize("form", FORMS)
def test_the_draft_proves_itself(ready: dict[str, Ready], form: str) -> None:
    proof = prove_draft(ready[form])
    assert proof.errors == 0, proof.as_dict()
    assert not proof.unfaithful


def test_the_sheet_is_the_mean_of_what_the_files_give(demo_folders: Path, ready: dict[str, Ready]) -> None:
    """A criterion and a section reckoned from the CSV files by plain fractions."""
    framework = ready["esi"].material.framework
    with (demo_folders / "esi" / "answers.csv").open(encoding="utf-8-sig") as file:
        rows = [r for r in csv.DictReader(file) if r["reading"] == "1" and r["answer"] != "not_applicable"]
    scores: dict[str, Fraction] = {}
    for criterion in next(s for s in framework.sections if s.code == "B").criteria:
        shares = []
        for question in criterion.scored_questions:
            own = [r["answer"] in {"excellent", "sufficient"} for r in rows if r["question"] == question.key]
            if own:
                shares.append(Fraction(sum(own), len(own)))
        scores[criterion.code] = sum(shares) / len(shares)
    weights = {"B1": 2, "B2": 2, "B3": 2, "B4": 1}
    section = sum(scores[c] * w for c, w in weights.items()) / 7
    sheet = next(t for t in ready["esi"].document.list_tables() if t.key == "scoring-sheet")
    printed = {row.head: row.cells[0].text for row in sheet.rows}
    for code, score in scores.items():
        assert printed[f"{code}: {framework.criteria[code].title}"] == f"{round_half_up(100 * score)}%"
    assert printed["Score for section B"] == f"{round_half_up(100 * section)}%"


@pytest.mark.repeats
@needs_pdf
@pytest.mark.parametrize("form", FORMS)
def test_pdf_and_html_read_back_give_the_same_scores(
    ready: dict[str, Ready],
    pages: dict[str, str],
    printed: dict[str, bytes],
    form: str,
    tmp_path: Path,
    library: Library,
) -> None:
    (tmp_path / "report.html").write_text(pages[form], encoding="utf-8")
    (tmp_path / "report.pdf").write_bytes(printed[form])
    for name in ("report.html", "report.pdf"):
        report = read_file(tmp_path / name, library)
        assert report.framework == ready[form].material.framework.id
        assert report.area == ready[form].material.inspection.manifest.area
        assert not list(read_back(ready[form], report)), name


@pytest.mark.repeats
@needs_pdf
@pytest.mark.parametrize("form", FORMS)
def test_claims_read_from_the_pdf_are_the_datas_figures(
    ready: dict[str, Ready], printed: dict[str, bytes], form: str, tmp_path: Path, library: Library
) -> None:
    """Every share that the reader takes from the printed report for a question of all cases is that question's."""
    (tmp_path / "report.pdf").write_bytes(printed[form])
    figures = ready[form].material.figures
    report = read_file(tmp_path / "report.pdf", library)
    reading = library.load_reading(figures.scored.framework.id)
    base = reading.base_group if reading else "all"
    claims = [c for c in report.claims if c.question and c.group == base and c.kind == "percentage" and c.zone == "body"
            and c.framework == figures.scored.framework.id and c.exact]  # fmt: skip
    assert len(claims) > 20
    wrong = [
        (c.question, c.quote, c.line)
        for c in claims
        if c.question
        and c.quote.strip()
        not in {
            figures.cases(c.question).text.split()[0],
            figures.cases(c.question, below=True).text.split()[0],
        }
    ]
    assert len(wrong) <= len(claims) // 20, wrong


@needs_pdf
@needs_word
def test_every_format_comes_out_the_same_twice(demo_folders: Path, tmp_path: Path) -> None:
    first = make(prepare(demo_folders / "follow-up", None, 1), tuple(FORMATS), tmp_path / "one")
    second = make(prepare(demo_folders / "follow-up", None, 1), tuple(FORMATS), tmp_path / "two")
    assert len(first.files) == len(second.files) > 30
    for first_file, two in zip(first.files, second.files, strict=True):
        assert first_file.read_bytes() == two.read_bytes(), first_file.name
    issue = json.loads((tmp_path / "one" / "issue.json").read_text())
    assert issue["version"] == 1
    assert set(issue["files"]) == {
        str(p.relative_to(tmp_path / "one")) for p in first.files if p.name != "issue.json"
    }


@pytest.mark.repeats
def test_one_answer_changed_changes_what_rests_on_it_and_nothing_else(
    demo_folders: Path, tmp_path: Path
) -> None:
    place = shutil.copytree(demo_folders / "esi", tmp_path / "esi")
    question = "b1_fit"
    before = prepare(place, None)
    lines = (place / "answers.csv").read_text(encoding="utf-8-sig").splitlines()
    n = next(
        i for i, row in enumerate(lines) if f",{question},poor," in row or f",{question},insufficient," in row
    )
    lines[n] = lines[n].replace(",poor,", ",excellent,").replace(",insufficient,", ",excellent,")
    (place / "answers.csv").write_text("\n".join(lines) + "\n")
    after = prepare(place, None)
    html, two = report_html(before.document), report_html(after.document)
    old, new = marked(html), marked(two)
    assert [key for key, _ in old] == [key for key, _ in new]
    changed = {key for (key, a), (_, b) in zip(old, new, strict=True) if a != b}
    resting = re.compile(rf"(^|:)({question}|B1|B|overall|risk_of_harm)(:|$)")
    assert all(resting.search(key) or ":compared:" in f":{key}" for key in changed), changed
    above = before.material.figures.scored.full.groups["all"].questions[question].counts.above
    assert after.material.figures.scored.full.groups["all"].questions[question].counts.above == above + 1
    assert f"cases:{question}" in changed
    # What is left, once the figures, the intervals of what rests on the answer, its charts and the hash are taken out.
    assert _rest(html.replace("<wbr>", ""), before) == _rest(two.replace("<wbr>", ""), after)
    data = [json.loads(_data(r)["figures.json"])["figures"] for r in (before, after)]
    assert {k for k in data[0] if data[0][k] != data[1][k]} == changed


def _data(ready: Ready) -> dict[str, bytes]:
    from scrutineer.report.render.data import report_data

    return report_data(ready.document, {"": ready.material.bound.scored.shown})


def _rest(page: str, ready: Ready) -> list[str]:
    page = page.replace(ready.material.hash, "")
    page = re.sub(r'<span class="figure" data-figure="[^"]*">[^<]*</span>', "#", page)
    page = re.sub(r'(?s)<svg.*?</svg>|aria-label="[^"]*"', "", page)
    page = re.sub(r"\d+ to \d+", "interval", page)
    return [
        line
        for line in page.split("\n")
        if "b1_fit" not in line and "match the level of risk of harm" not in line
    ]


@pytest.mark.repeats
@needs_pdf
@needs_word
def test_the_same_figures_stand_in_every_format(
    ready: dict[str, Ready], pages: dict[str, str], printed: dict[str, bytes], written: dict[str, bytes]
) -> None:
    """Each sentence of the findings with its figures, in HTML, PDF and Word alike."""
    for form in FORMS:
        sentences = [
            " ".join("".join(run.text for run in item).split())
            for block in ready[form].document.list_blocks()
            if type(block).__name__ == "Bullets"
            for item in block.items  # type: ignore[union-attr]
        ]
        assert len(sentences) > 30
        document = pypdfium2.PdfDocument(printed[form])
        printed_text = "".join(page.get_textpage().get_text_bounded() for page in document)
        word_file = " ".join(p.text for p in docx.Document(BytesIO(written[form])).paragraphs)
        for name, text in (("html", visible(pages[form])), ("pdf", printed_text), ("docx", word_file)):
            bare = re.sub(r"[\s\u00ad￾-]+", "", text)
            missing = [s for s in sentences if re.sub(r"[\s-]+", "", s) not in bare]
            assert not missing, (form, name, missing[:3])


@needs_pdf
@needs_word
def test_a_format_names_the_files_that_people_read(ready: dict[str, Ready]) -> None:
    for each in FORMATS.values():
        files, _ = list_files(ready["follow-up"], (each.key,))
        assert {path for path in files if path != "issue.json" and not formats.is_data(path)} == set(
            each.files
        )
        assert set(each.for_area) <= set(each.files)


@pytest.mark.repeats
@needs_pdf
@needs_word
@pytest.mark.parametrize(("form", "version"), [("follow-up", None), ("esi", 2)])
def test_every_format_says_what_a_reader_must_know(
    ready: dict[str, Ready], form: str, version: int | None
) -> None:
    """A draft or made-up data must never pass for a published report, in whatever format it is read."""
    document = replace(ready[form].document, version=version)
    notices = [notice.text for notice in document.notices()]
    assert notices == [
        "Draft: not for publication" if version is None else "Version 2",
        f"Synthetic data. {document.cover.area} is a fictional area; nobody was inspected.",
    ]
    for each in FORMATS.values():
        for name, content in each.make(formats.Printable(document)).items():
            if name in each.files:
                text = re.sub(r"\W+", "", read_text(name, content))
                assert all(re.sub(r"\W+", "", notice) in text for notice in notices), name


def read_text(name: str, content: str | bytes) -> str:
    """What a person reads in a file of a report; a format whose text needs a reader of its own has it here."""
    if isinstance(content, str):
        return visible(content) if name.endswith(".html") else content
    if name.endswith(".docx"):
        return " ".join(p.text for p in docx.Document(BytesIO(content)).paragraphs)
    if name.endswith(".pdf"):
        return " ".join(page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(content))
    return content.decode()


def test_a_format_is_a_row_of_the_table(
    demo_folders: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outline = formats.Format(
        key="outline",
        title="Outline",
        phrase="the outline",
        make=lambda printable: {"outline.txt": printable.document.title},
        media_types={"txt": "text/plain"},
        files={"outline.txt": "The headings"},
        for_area=("outline.txt",),
    )
    monkeypatch.setattr(formats, "FORMATS", {**FORMATS, "outline": outline})
    done = scrutineer("report", demo_folders / "esi", "--to", "outline", "--out", tmp_path / "out")
    first, second = done.stdout.splitlines()[:2]
    assert first == "Draft created: 1 file"
    assert second.endswith("outline.txt")
    assert formats.is_for_area("outline.txt")


def test_tables_of_data_hold_what_the_report_prints(ready: dict[str, Ready]) -> None:
    files = _data(ready["esi"])
    sheet = next(t for t in ready["esi"].document.list_tables() if t.key == "scoring-sheet")
    frame = pl.read_parquet(BytesIO(files["scoring-sheet.parquet"]))
    assert frame.columns == ["criterion", "score", "interval", "synthetic"]
    assert frame["criterion"].to_list() == [row.head for row in sheet.rows]
    rows = list(csv.DictReader(files["scoring-sheet.csv"].decode("utf-8-sig").splitlines()))
    assert [r["criterion"] for r in rows] == frame["criterion"].to_list()
    tables = json.loads(files["tables.json"])
    assert {t["key"] for t in tables["tables"]} == {t.key for t in ready["esi"].document.list_tables()}
    assert tables["synthetic"] is True


def test_what_few_cases_stand_behind_is_in_no_format(ready: dict[str, Ready], pages: dict[str, str]) -> None:
    """No figure of a group rests on one or two cases, on the page or in the data."""
    for form in ("esi", "omi"):
        report = ready[form]
        full, shown = report.material.bound.scored.full, report.material.bound.scored.shown
        least = report.material.house.numbers.publish_from
        small = {
            (g, q)
            for g, group in full.groups.items()
            if g in shown.groups and g != "all"
            for q, result in group.questions.items()
            if 0 < result.counts.relevant < least
        }
        assert small
        assert all(shown.hides(g, q) for g, q in small)
        results = json.loads(_data(report)["results.json"])
        for group, question in small:
            printed = results["groups"][group]
            assert printed.get("suppressed") or printed["questions"][question] == {"suppressed": True}
            assert not [k for k, _ in marked(pages[form]) if k.split(":")[1:3] == [question, group]]
        assert not [g for g in results["groups"] if g.startswith("not:")]


@pytest.mark.parametrize("form", FORMS)
def test_every_chart_says_what_it_shows_and_has_its_table(
    ready: dict[str, Ready], pages: dict[str, str], form: str
) -> None:
    charts = [b for b in ready[form].document.list_blocks() if isinstance(b, Chart)]
    assert len(charts) >= 8
    assert len({c.key for c in charts}) == len(charts)
    for chart in charts:
        assert len(chart.alt) > 30
        assert chart.table.rows
        assert html.escape(chart.alt, quote=True) in pages[form].replace("&#39;", "&#x27;")


@pytest.mark.repeats
@needs_pdf
@pytest.mark.parametrize("form", FORMS)
def test_the_pdf_is_pdf_ua_and_says_synthetic_on_every_page(printed: dict[str, bytes], form: str) -> None:
    import page as checker

    report = checker.validate_pdf_bytes(printed[form], profile=checker.ValidationProfile.PDF_UA_1)
    assert report.is_compliant, list(report.failures)[:5]
    document = pypdfium2.PdfDocument(printed[form])
    assert len(document) > 15
    for sheet in document:
        assert "ynthetic data" in sheet.get_textpage().get_text_bounded()


@needs_pdf
@pytest.mark.parametrize("form", FORMS)
def test_the_short_forms_are_one_page(ready: dict[str, Ready], form: str) -> None:
    from scrutineer.report.parts.brief import make_brief
    from scrutineer.report.render.brief import write_brief_html

    short = make_brief(ready[form].material, ready[form].document.cover)
    for name in ("summary", "slide"):
        page_document = pdf.to_pdf(write_brief_html(short, name, "print", pdf.write_font_faces()))  # type: ignore[arg-type]
        document = pypdfium2.PdfDocument(page_document)
        assert len(document) == 1, name
        assert "Synthetic data" in document[0].get_textpage().get_text_bounded()


@needs_browser
@pytest.mark.unmeasured
def test_axe_finds_nothing_and_nothing_scrolls_sideways(demo_folders: Path, tmp_path: Path) -> None:
    files = [
        p
        for f in FORMS
        for p in make(prepare(demo_folders / f, None, 1), ["html"], tmp_path / f).files
        if p.suffix == ".html"
    ]
    assert len(files) == 9
    with browser() as kind:
        chromium = kind.launch(**START)
        for path, width in product(files, (1280, 360)):
            page = chromium.new_page(viewport={"width": width, "height": 900})
            messages: list[str] = []
            page.on("console", lambda message, messages=messages: messages.append(message.text))  # type: ignore[misc]
            page.goto(path.as_uri())
            # Nothing is hidden or moved where the page is narrow, so that it is looked through whole at one width.
            violations = list_violations(page) if width > 1000 else []
            assert not violations, (path.name, [(v["id"], v["nodes"][0]["html"][:200]) for v in violations])
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path.name
            assert not messages
            page.close()
        chromium.close()


@needs_word
@pytest.mark.skipif(OFFICE is None, reason="LibreOffice is not on this machine")
def test_the_word_file_opens_in_libreoffice(written: dict[str, bytes], tmp_path: Path) -> None:
    path = tmp_path / "report.docx"
    path.write_bytes(written["esi"])
    home = f"-env:UserInstallation=file://{tmp_path}/office"
    office = [str(OFFICE), home, "--headless", "--convert-to", "odt", "--outdir", str(tmp_path), str(path)]
    subprocess.run(office, check=True, capture_output=True, timeout=180)
    with zipfile.ZipFile(tmp_path / "report.odt") as file:
        content = file.read("content.xml").decode()
    headings = re.findall(r'<text:h [^>]*text:outline-level="(\d)"', content)
    assert headings.count("1") >= 15
    assert headings.count("2") >= 18
    tables = content.count("<table:table ")
    assert content.count("<table:table-header-rows>") >= tables - 2, (
        "the people and the glossary have no header row"
    )
    pictures = len(re.findall(r"<draw:image", content))
    described = len(re.findall(r"<svg:desc>[^<]{30,}</svg:desc>", content))
    assert pictures == described > 10


@needs_word
def test_the_word_file_says_synthetic_on_every_page(written: dict[str, bytes]) -> None:
    document = docx.Document(BytesIO(written["omi"]))
    assert all("Synthetic data" in section.header.paragraphs[0].text for section in document.sections)


def test_a_preview_is_the_part_as_it_stands_in_the_report(demo_folders: Path, pages: dict[str, str]) -> None:
    assert _squeezed(preview(demo_folders / "esi", "B1", None).html) in _squeezed(pages["esi"])
    with pytest.raises(UserError, match="no part 'B9'"):
        preview(demo_folders / "esi", "B9", None)


def _squeezed(text: str) -> str:
    return " ".join(text.split())


def changed(demo_folders: Path, tmp_path: Path, change: Callable[[Path], None]) -> tuple[int, str, Path]:
    """What issuing says after a change, and the folder."""
    place = shutil.copytree(demo_folders / "follow-up", tmp_path / "follow-up")
    change(place)
    done = scrutineer("report", place, "--issue", "--to", "html")
    assert "Traceback" not in done.stderr
    return done.returncode, " ".join((done.stdout + done.stderr).split()), place


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It was good in 52% of cases.", ["findings/B1.md line 1", "'52%' is typed by hand"]),
        ('In {{ share("b1_review16", was="3%") }} of cases.', ["findings/B1.md line 1", "this was '3%'", 'was="']),
        ('In {{ share("b1_revue16") }} of cases.', ["there is no 'b1_revue16'", "Did you mean b1_review16"]),
        ('In {{ share("b1_fit", group="women") }}.', ["findings/B1.md line 1", "no group 'women'", "Choose from all, high_risk"]),
        ("[to be written: x]", ["findings/B1.md line 1", "not written yet"]),
        ('Most cases were good: {{ share("b1_mgmt") }}; {{ share("b1_nothing") }}.', ["there is no 'b1_nothing'"]),
    ],
)  # fmt: skip
def test_issuing_is_refused_with_file_line_and_what_to_write(
    demo_folders: Path, tmp_path: Path, text: str, expected: list[str]
) -> None:
    code, output, place = changed(
        demo_folders, tmp_path, lambda p: (p / "findings" / "B1.md").write_text(text + "\n") and None
    )
    assert code == 1
    assert "Not issued" in output
    for part in expected:
        assert part in output, output
    assert not (place / "issued").exists()


def test_issuing_stamps_versions_one_after_another(demo_folders: Path, tmp_path: Path) -> None:
    code, output, place = changed(demo_folders, tmp_path, lambda p: None)
    assert code == 0
    assert "Version 1 issued" in output
    assert scrutineer("report", place, "--issue", "--to", "html").returncode == 0
    for number in (1, 2):
        page = visible((place / "issued" / f"v{number}" / "report.html").read_text())
        assert f"Version {number}" in page
        assert "Draft" not in page
    again = tmp_path / "again"
    assert scrutineer("report", place, "--version", "1", "--to", "html", "--out", again).returncode == 0
    assert (again / "report.html").read_bytes() == (place / "issued" / "v1" / "report.html").read_bytes()
    refused = scrutineer("report", place, "--version", "1")
    assert refused.returncode == 2
    assert "Add --out" in refused.stderr
    assert "Draft: not for publication" in visible(report_html(prepare(place, None).document))


def test_proof_and_check_of_a_folder_and_of_its_zip_file(demo_folders: Path, tmp_path: Path) -> None:
    packed = tmp_path / "omi.zip"
    assert scrutineer("pack", demo_folders / "omi", "--out", packed).returncode == 0
    for place in (demo_folders / "omi", packed):
        assert scrutineer("check", place).returncode == 0
        done = scrutineer("proof", place, "--format", "json")
        assert done.returncode == 0
        assert json.loads(done.stdout)["errors"] == 0


def test_an_element_with_a_sample_of_its_own_has_its_annex(tmp_path: Path) -> None:
    """Nine cases of their own: counts in words throughout, and no main sample beside them."""
    from scrutineer.tasks.inspecting import NewInspection, create_inspection, draft
    from scrutineer.tasks.simulating import Fiction, simulate

    place = tmp_path / "own"
    create_inspection(
        NewInspection("esi-2003", "Northmoor", ["esi-accommodation"], synthetic=True), place, None
    )
    simulate(Fiction("esi-2003", 1, cases=40), place, None)
    simulate(Fiction("esi-accommodation", 2, cases=9), place / "elements" / "esi-accommodation", None)
    draft(place, None)
    ready = prepare(place, None)
    annex = next(s for s in ready.document.sections if s.key == "annex-esi-accommodation")
    ratings = next(b for b in annex.blocks if getattr(b, "key", "") == "esi-accommodation-ratings")
    assert ratings.columns == ("Section", "Sample n=9")  # type: ignore[union-attr]
    finding = (place / "elements" / "esi-accommodation" / "findings" / "B1.md").read_text()
    assert re.search(
        r'was="(only )?(\w+ of the (nine|\w+)|all \w+|none of the \w+|both) relevant cases"', finding
    )
    assert "%" not in finding


@pytest.mark.repeats
@needs_word
def test_the_word_file_begins_with_the_cover(ready: dict[str, Ready]) -> None:
    document = docx.Document(BytesIO(word.report_docx(ready["esi"].document)))
    first = [p.text for p in document.paragraphs[:9]]
    for line in ("Report on:", "Northmoor", "February 2006", "Version 1"):
        assert line in first, first


LONG = "http://example.org/" + "very" * 60 + "long"


@needs_pdf
def test_a_long_word_stays_on_the_page() -> None:
    """In a paragraph, a list, a table and a quote: every letter lies within the page's margins."""
    from scrutineer.report.document.blocks import (
        Bullets,
        Cell,
        Cover,
        Paragraph,
        Quote,
        ReportDocument,
        ReportSection,
        Row,
        Table,
        make_words,
    )

    table = Table("t", LONG, ("A", LONG), ("a", "b"), (Row(LONG, (Cell(LONG),)),), note=LONG)
    paragraph = Paragraph(make_words(LONG))
    blocks = (paragraph, Bullets((make_words(LONG),), nested=((paragraph,),)), Quote((paragraph,)), table)
    document = ReportDocument(
        "T", Cover(("T",), "k", LONG, "d", "b"), (ReportSection("s", LONG, blocks),), synthetic=False
    )
    letters = list(_letters(pdf.report_pdf(document)))
    assert len(letters) > 8 * len(LONG)
    assert min(left for left, _, _ in letters) >= 20
    assert not [word for _, rest, word in letters if rest < 20]


def _letters(content: bytes) -> list[tuple[float, float, str]]:
    """How far each letter lies from the left and from the right edge of its page."""
    with closing(pypdfium2.PdfDocument(content)) as file:
        requests = []
        for page in file:
            text = page.get_textpage()
            for n in range(text.count_chars()):
                left, _, right, _ = text.get_charbox(n)
                requests.append((left, page.get_width() - right, text.get_text_range(max(0, n - 9), 10)))
            text.close()
            page.close()
    return requests


@pytest.mark.parametrize(
    "address", ["file:///etc/hostname", "FILE:///etc/hostname", "http://127.0.0.1:9/x", "/etc/hostname"]
)
def test_a_pdf_fetches_nothing_but_what_the_program_itself_made(address: str, tmp_path: Path) -> None:
    from scrutineer.report.render import pdf

    secret = tmp_path / "secret.svg"
    secret.write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><text>secret</text></svg>'
    )
    fetcher = pdf._make_fetcher(pdf._import_engine())
    for address_wanted in (address, secret.as_uri(), f"{secret.as_uri()}?x", "data:,x"):
        try:
            fetcher.fetch(address_wanted)
        except ValueError:
            assert not address_wanted.startswith("data:")
        else:
            assert address_wanted.startswith("data:")
    for typeface, *_ in pdf._list_typefaces():
        fetcher.fetch(typeface)


def test_a_word_file_takes_in_no_file_of_the_machine(tmp_path: Path) -> None:
    from io import BytesIO
    from zipfile import ZipFile

    from scrutineer.report.render import docx

    picture = tmp_path / "secret.png"
    picture.write_bytes(b"a secret of this machine")
    document = docx.to_docx(f'<p>Text<img src="{picture}"><img src="{picture.as_uri()}"></p>', "Title", {})
    with ZipFile(BytesIO(document)) as archive:
        assert not any(b"a secret of this machine" in archive.read(name) for name in archive.namelist())
