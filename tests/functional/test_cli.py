"""The command line as a person uses it: output, exit codes, and sentences for bad input."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from scrutineer import __version__
from tests.command import scrutineer
from tests.conftest import NORTHMOOR, ROOT


def read_output(done: subprocess.CompletedProcess[str]) -> str:
    assert "Traceback" not in done.stderr
    return " ".join(done.stderr.split())


def test_framework_list_and_show() -> None:
    listed = scrutineer("framework", "list").stdout
    assert [line.split()[0] for line in listed.splitlines()] == [
        "case-note-review", "cfsr-4", "cqc-local-authority-2023", "esi-2003", "esi-2005", "esi-accommodation", "esi-domestic-violence", "esi-follow-up",
        "esi-substance-misuse", "hmip-pdu-2023", "hmip-youth-2018", "omi-2006",
    ]  # fmt: skip
    shown = json.loads(scrutineer("framework", "show", "omi-2006", "--format", "json").stdout)
    assert shown["priority_line"] == 70
    assert "Managing attendance and enforcement" in scrutineer("framework", "show", "esi-2003").stdout


def test_framework_diff() -> None:
    data = json.loads(scrutineer("framework", "diff", "esi-2003", "esi-2005", "--format", "json").stdout)
    assert {(c["change"], c["name"]) for c in data["changes"] if not c["name"].startswith("targets.")} == {
        ("wording", "B3"), ("wording", "C2"), ("wording", "c2_motivation"), ("wording", "c2_cp_demanding"),
        ("wording", "words.manager"), ("wording", "words.manager_title"), ("wording", "words.unpaid_work"),
    }  # fmt: skip
    # The targets of 2003 and 2005 are others.
    assert ("method", "targets.measures.compliance") in {(c["change"], c["name"]) for c in data["changes"]}
    assert "changes" in scrutineer("framework", "diff", "esi-2003", "omi-2006").stdout


def test_framework_check_and_schema(tmp_path: Path) -> None:
    done = scrutineer("framework", "check", "frameworks/esi-2003/framework.yaml")
    assert done.returncode == 0
    assert "has no errors; 23 worked examples give the expected results" in done.stdout
    assert json.loads(scrutineer("framework", "schema").stdout)["title"] == "A Scrutineer framework file"
    bad = tmp_path / "framework.yaml"
    bad.write_text(
        (ROOT / "frameworks/esi-2003/framework.yaml")
        .read_text()
        .replace("scale: quality", "scale: qualty", 1)
    )
    done = scrutineer("framework", "check", bad)
    assert done.returncode == 2
    assert "uses an unknown scale, 'qualty'. Did you mean 'quality'?" in read_output(done)


def test_a_worked_example_that_does_not_come_out_is_named(tmp_path: Path) -> None:
    for name in ("framework.yaml", "examples.yaml"):
        text = (ROOT / "frameworks/esi-2003" / name).read_text()
        (tmp_path / name).write_text(text.replace("gives: 87}", "gives: 88}", 1))
    done = scrutineer("framework", "check", tmp_path / "framework.yaml")
    assert done.returncode == 2
    assert "example 'County Durham 2004 section B': the score is 87%, expected 88%" in read_output(done)


def test_read_json_has_the_form_that_was_asked_for() -> None:
    data = json.loads(scrutineer("read", NORTHMOOR, "--format", "json").stdout)
    assert {
        "area",
        "framework",
        "date",
        "sample",
        "sections",
        "criteria",
        "overall",
        "groups",
        "annexes",
        "claims",
    } <= set(data)
    assert data["sections"]["B"]["score"] == 73
    assert data["criteria"]["B1"]["score"] == 60
    assert data["criteria"]["A4"]["rating"] == "Partly met"
    assert data["overall"]["score"] == 73
    kinds = [f["kind"] for f in data["criteria"]["B1"]["findings"]]
    assert kinds == ["strength", "strength", "area_for_improvement", "area_for_improvement"]
    claim = next(c for c in data["claims"] if c["denominator"] == 24)
    keys = {
        "line",
        "quote",
        "kind",
        "value",
        "numerator",
        "denominator",
        "criterion",
        "question",
        "group",
        "polarity",
    }
    assert keys <= set(claim)
    assert (claim["numerator"], claim["denominator"], claim["question"], claim["polarity"]) == (
        9,
        24,
        "b1_incident_review",
        "below",
    )


def test_proof_exit_codes_and_json(tmp_path: Path) -> None:
    done = scrutineer("proof", NORTHMOOR, "--format", "json")
    assert (done.returncode, json.loads(done.stdout)["reports"][0]["findings"]) == (0, [])
    wrong = tmp_path / "wrong.md"
    wrong.write_text(NORTHMOOR.read_text().replace("(78 out of 100)", "(70 out of 100)"))
    done = scrutineer("proof", NORTHMOOR, wrong, "--format", "json")
    assert done.returncode == 1
    first, second = json.loads(done.stdout)["reports"]
    assert first["findings"] == []
    (finding,) = [f for f in second["findings"] if f["severity"] == "error"]
    assert {"rule", "severity", "line", "quote", "message", "published", "expected"} <= set(finding)
    assert (finding["rule"], finding["published"], finding["expected"]) == ("fraction-percent", "78%", "70%")
    assert second["framework"] == "esi-2005"


def test_warnings_alone_exit_with_0(tmp_path: Path) -> None:
    path = tmp_path / "report.md"
    path.write_text(NORTHMOOR.read_text().replace("sufficient standard in 64%", "sufficient standard in 60%"))
    done = scrutineer("proof", path)
    assert done.returncode == 0
    assert "same-figure-twice" in done.stdout


@pytest.mark.parametrize(
    ("content", "message"), [(b"", "the file is empty"), (b"\x00\x01\x02" * 500, "this is not text")]
)
def test_unreadable_input_exits_with_2_and_proves_nothing(
    tmp_path: Path, content: bytes, message: str
) -> None:
    bad = tmp_path / "bad.txt"
    bad.write_bytes(content)
    done = scrutineer("proof", NORTHMOOR, bad, tmp_path / "missing.txt")
    assert (done.returncode, done.stdout) == (2, "")
    assert message in read_output(done)
    assert "missing.txt: there is no such file or folder" in read_output(done)


def test_unknown_framework_is_said_so(tmp_path: Path) -> None:
    path = tmp_path / "other.txt"
    path.write_text("A report on something else.\n\nIn 85% of cases (39 out of 40) it was so.\n")
    done = scrutineer("proof", path)
    assert done.returncode == 1
    assert "This report does not match any known framework" in done.stdout
    assert "There is no framework 'nonsense'" in read_output(scrutineer("framework", "show", "nonsense"))
    for command in ("figures", "rederive"):
        done = scrutineer(command, path)
        assert (done.returncode, done.stdout) == (2, "")
        assert "this report does not match any known framework" in read_output(done)


def test_figures_can_be_re_derived(tmp_path: Path) -> None:
    path = tmp_path / "northmoor.yaml"
    path.write_text(scrutineer("figures", NORTHMOOR).stdout)
    data = json.loads(scrutineer("rederive", path, "--format", "json").stdout)
    (main, element) = data["inspections"]
    assert {
        s["code"]: s["verdict"] for s in main["scores"] if s["level"] in {"section", "overall"}
    } == dict.fromkeys(["B", "C", "D", "overall"], "consistent")
    assert element["framework"] == "esi-substance-misuse"
    assert "<!doctype html>" in scrutineer("rederive", path, "--format", "html").stdout
    assert "Northmoor" in scrutineer("rederive", NORTHMOOR).stdout


def test_demo_needs_nothing_beside_the_checkout(tmp_path: Path) -> None:
    done = scrutineer("demo", "published", "--out", tmp_path / "demo", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "demo" / "published.html").read_text()
    assert "17 of 18 section scores" in " ".join(page.split())
    assert "C2 69% to 73%" in page
    assert not list((tmp_path / "demo").glob(".*"))


def test_proof_page_marks_the_quote_and_links_the_lines(tmp_path: Path) -> None:
    path = tmp_path / "wrong.md"
    path.write_text(
        NORTHMOOR.read_text()
        .replace("(78 out of 100)", "(70 out of 100)")
        .replace("Northmoor does", "<script>Northmoor does")
    )
    page = scrutineer("proof", path, "--format", "html").stdout
    assert "<mark>70 out of 100</mark>" in page
    assert "70 of 100 is 70%" in page
    assert "<script>" not in page


def test_version_and_help() -> None:
    assert scrutineer("--version").stdout.startswith("scrutineer ")
    for arguments in ((), ("framework",)):
        assert "Usage" in scrutineer(*arguments).stdout + scrutineer(*arguments).stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("proof", NORTHMOOR),
        ("proof", "changed.md"),
        ("framework", "show", "nothing"),
        ("--version",),
        ("nothing",),
    ],
)
def test_a_process_of_its_own_ends_and_prints_as_the_tests_run_it(
    tmp_path: Path, arguments: tuple[object, ...]
) -> None:
    """Every other command is run in the process of the tests."""
    wrong = NORTHMOOR.read_text().replace("(78 out of 100)", "(70 out of 100)")
    (tmp_path / "changed.md").write_text(wrong)
    command = [sys.executable, "-m", "scrutineer", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, timeout=120)
    here = scrutineer(*arguments, folder=tmp_path)
    assert (done.returncode, done.stdout) == (here.returncode, here.stdout)
    assert done.stderr == here.stderr


def test_output_that_nobody_reads_ends_quietly() -> None:
    command = f"{sys.executable} -m scrutineer framework show esi-2003 | head -1"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, cwd=ROOT)  # noqa: S602
    assert "Traceback" not in done.stderr


def test_the_version_is_said_without_loading_what_reckons() -> None:
    asked = "import sys; sys.argv = ['scrutineer', '--version']; from scrutineer.__main__ import run; run()"
    done = subprocess.run(
        [sys.executable, "-c", f"{asked}; print({{'numpy', 'polars', 'typer'}} & set(sys.modules))"],
        capture_output=True, text=True, cwd=ROOT, timeout=120,
    )  # fmt: skip
    assert done.stdout.splitlines() == [f"scrutineer {__version__}", "set()"], done.stderr
