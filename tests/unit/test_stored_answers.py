"""Answers that stay in Parquet files: every engine gives what memory gives, to 1e-12, and refuses what memory refuses."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import narwhals as nw
import polars as pl
import pytest

from scrutineer.errors import UserError
from scrutineer.frameworks.model import Framework
from scrutineer.scoring.stored.engine import Engine, open_engine
from scrutineer.scoring.stored.score import StoredRequest, score_stored
from scrutineer.tasks import scoring
from scrutineer.tasks.inputs import list_elements_of
from scrutineer.tasks.scoring import ScoreRequest, ScoringFiles
from scrutineer.tasks.stored import score_stored_files
from tests.command import scrutineer as run
from tests.random_cases import SHIPPED, make_random_case

CASES = 90
ON_ONE_MACHINE = ("polars", "duckdb")
Rows = list[dict[str, Any]]


def make_rows(framework: Framework, seed: int = 3) -> tuple[Rows, Rows]:
    """Made-up cases, with weights, and their answers; the last ten have none."""
    random, cases, answers = Random(seed), Rows(), Rows()
    for n in range(CASES):
        facts, given = make_random_case(framework, random)
        attributes = {a.key: facts.get(a.key) for a in framework.attributes}
        cases.append({"case": f"C{n}", **attributes, "weight": 1 + random.random() * 3})
        asked = [q.key for q in framework.questions.values() if not q.derived]
        if n < CASES - 10:
            answers.append({"case": f"C{n}", **{key: given.get(key) for key in asked}})
    return cases, answers


def write(folder: Path, cases: Rows, answers: Rows) -> None:
    """Cases, and the answers as columns (in two parts) and as rows."""
    pl.DataFrame(cases, infer_schema_length=None, strict=False).write_parquet(folder / "cases.parquet")
    wide = pl.DataFrame(answers, infer_schema_length=None)
    (folder / "wide").mkdir()
    wide.head(30).write_parquet(folder / "wide" / "1.parquet")
    wide.slice(30).write_parquet(folder / "wide" / "2.parquet")
    long = wide.unpivot(index="case", variable_name="question", value_name="answer").drop_nulls()
    (folder / "long").mkdir()
    long.sample(fraction=1, shuffle=True, seed=1).write_parquet(folder / "long" / "1.parquet")


@pytest.fixture(scope="module", params=["case-note-review", "cfsr-4", "esi-2003"])
def stored(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    folder = tmp_path_factory.mktemp("stored")
    write(folder, *make_rows(SHIPPED.load_framework(request.param)))
    return request.param, folder


def list_values(content: Any, at: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(content, dict | list):
        pairs = content.items() if isinstance(content, dict) else enumerate(content)
        for key, inner in pairs:
            yield from list_values(inner, f"{at}/{key}")
    else:
        yield at, content


def assert_alike(one: dict[str, Any], other: dict[str, Any]) -> None:
    first, second = dict(list_values(one)), dict(list_values(other))
    assert first.keys() == second.keys()
    for at, value in first.items():
        if isinstance(value, float):
            assert second[at] == pytest.approx(value, rel=1e-12, abs=1e-12), at
        else:
            assert second[at] == value, at


def in_memory(name: str, folder: Path, request: ScoreRequest) -> dict[str, Any]:
    material = ScoringFiles(framework=name, cases=folder / "cases.parquet", answers=[folder / "wide"])
    return scoring.score(material, request).results.as_dict()


@pytest.mark.parametrize("suppress", [0, 6])
@pytest.mark.parametrize("shape", ["wide", "long"])
@pytest.mark.parametrize("engine", ON_ONE_MACHINE)
def test_an_engine_gives_what_memory_gives(
    stored: tuple[str, Path], engine: str, shape: str, suppress: int
) -> None:
    name, folder = stored
    request = ScoreRequest(suppress=suppress, complements=not suppress, label="Farfield")
    material = ScoringFiles(framework=name, cases=folder / "cases.parquet", answers=[folder / shape])
    results, missing = score_stored_files(material, request, engine)
    assert_alike(in_memory(name, folder, request), results.as_dict())
    assert missing > 0


@pytest.mark.parametrize("engine", ON_ONE_MACHINE)
def test_cases_and_answers_may_be_in_the_same_files(engine: str, tmp_path: Path) -> None:
    framework = SHIPPED.load_framework("case-note-review")
    cases, answers = make_rows(framework)
    write(tmp_path, cases, answers)
    both = pl.read_parquet(tmp_path / "cases.parquet").join(
        pl.DataFrame(answers, infer_schema_length=None), on="case", how="left"
    )
    both.write_parquet(tmp_path / "both.parquet")
    material = ScoringFiles(
        framework=framework.id, cases=tmp_path / "both.parquet", answers=[tmp_path / "both.parquet"]
    )
    results, _ = score_stored_files(material, ScoreRequest(), engine)
    assert_alike(in_memory(framework.id, tmp_path, ScoreRequest()), results.as_dict())


@pytest.mark.parametrize("engine", ON_ONE_MACHINE)
def test_answers_may_be_written_as_people_write_them(engine: str, tmp_path: Path) -> None:
    """Labels, other words and blanks around them: what the reader of tables in memory takes, too."""
    framework = SHIPPED.load_framework("case-note-review")
    cases, answers = make_rows(framework)
    for row in answers[:40]:
        for key, value in row.items():
            if key != "case" and value in {"not_applicable", "not_enough_evidence"}:
                row[key] = " N/A " if value == "not_applicable" else "No evidence"
    write(tmp_path, cases, answers)
    for shape in ("wide", "long"):
        material = ScoringFiles(
            framework=framework.id, cases=tmp_path / "cases.parquet", answers=[tmp_path / shape]
        )
        results, _ = score_stored_files(material, ScoreRequest(), engine)
        assert_alike(in_memory(framework.id, tmp_path, ScoreRequest()), results.as_dict())


def test_only_first_assessments_count_and_adjudicated_answers_take_their_place(tmp_path: Path) -> None:
    framework = SHIPPED.load_framework("esi-2003")
    key = next(iter(framework.questions))
    rows = [("C1", key, "yes", "1"), ("C1", key, "no", "2"), ("C2", key, "yes", ""), ("C2", key, "no", "3")]
    scale = framework.scale_of[key]
    codes = {"yes": scale.options[0].code, "no": scale.options[-1].code}
    table = [{"case": c, "question": q, "answer": codes[a], "reading": r or None} for c, q, a, r in rows]
    pl.DataFrame(table).write_parquet(tmp_path / "long.parquet")
    pl.DataFrame({"case": ["C1", "C2"]}).write_parquet(tmp_path / "cases.parquet")
    material = ScoringFiles(
        framework=framework.id, cases=tmp_path / "cases.parquet", answers=[tmp_path / "long.parquet"]
    )
    memory = scoring.score(material, ScoreRequest()).results.as_dict()
    options = memory["groups"]["all"]["questions"][key]["options"]
    assert (options[codes["yes"]], options[codes["no"]]) == (1, 1)
    for engine in ON_ONE_MACHINE:
        assert_alike(memory, score_stored_files(material, ScoreRequest(), engine)[0].as_dict())


@pytest.mark.parametrize("engine", ["memory", *ON_ONE_MACHINE])
def test_numbers_and_dates_of_questions_that_do_not_apply_count_nowhere(engine: str, tmp_path: Path) -> None:
    from tests.unit.test_question_tables import HEAD, LAST, TABLE

    shelf = tmp_path / "frameworks" / "needs"
    shelf.mkdir(parents=True)
    (shelf / "framework.yaml").write_text(HEAD + TABLE + LAST, encoding="utf-8")
    rows = [("C1", "drugs_need", "yes"), ("C1", "drugs_met_on", "2026-03-01"), ("C2", "drugs_need", "no")]
    rows += [
        ("C2", "drugs_met_on", "2026-03-02"),
        ("C3", "drugs_need", "yes"),
        ("C3", "drugs_met_on", "2026-03-05"),
    ]
    pl.DataFrame(rows, schema=["case", "question", "answer"], orient="row").write_parquet(
        tmp_path / "long.parquet"
    )
    pl.DataFrame({"case": ["C1", "C2", "C3"]}).write_parquet(tmp_path / "cases.parquet")
    material = ScoringFiles(
        framework="needs",
        cases=tmp_path / "cases.parquet",
        answers=[tmp_path / "long.parquet"],
        folder=shelf.parent,
    )
    if engine == "memory":
        results = scoring.score(material, ScoreRequest()).results
    else:
        results, _ = score_stored_files(material, ScoreRequest(), engine)
    recorded = results.as_dict()["groups"]["all"]["recorded"]["drugs_met_on"]
    assert (recorded["n"], recorded["lowest"], recorded["highest"]) == (2, "2026-03-01", "2026-03-05")


FAULTS: dict[str, tuple[str, ...]] = {
    "an unknown case": ("the cases don't have 'C999'",),
    "a case twice": ("several rows have the reference 'C1'",),
    "an unknown question": ("column 'n_spring' is not a question in the framework",),
    "an answer off the scale": ("'splendid' (in 1 of the cases) is not an answer", "Enter one of"),
    "a wrong attribute": ("'specialty' is 'alchemy'",),
    "a wrong number": ("'lots'",),
}


def break_rows(framework: Framework, how: str, cases: Rows, answers: Rows) -> None:
    coded = next(
        q.key
        for q in framework.questions.values()
        if framework.scale_of[q.key].kind == "choice" and not q.derived
    )
    number = next(q.key for q in framework.questions.values() if framework.scale_of[q.key].kind == "number")
    choice = next(a.key for a in framework.attributes if a.kind == "choice")
    match how:
        case "an unknown case":
            answers[0]["case"] = "C999"
        case "a case twice":
            answers.append(answers[1])
        case "an unknown question":
            answers[0]["n_spring"] = "yes"
        case "an answer off the scale":
            answers[0][coded] = "splendid"
        case "a wrong attribute":
            cases[0][choice] = "alchemy"
        case "a wrong number":
            answers[0][number] = "lots"


@pytest.mark.parametrize("how", FAULTS)
@pytest.mark.parametrize("engine", ON_ONE_MACHINE)
def test_what_memory_refuses_is_refused(engine: str, how: str, tmp_path: Path) -> None:
    framework = SHIPPED.load_framework("case-note-review")
    cases, answers = make_rows(framework)
    break_rows(framework, how, cases, answers)
    write(tmp_path, cases, answers)
    material = ScoringFiles(
        framework=framework.id, cases=tmp_path / "cases.parquet", answers=[tmp_path / "wide"]
    )
    if how != "a case twice":  # which memory reads where both rows say the same
        with pytest.raises(UserError):
            scoring.score(material, ScoreRequest())
    with pytest.raises(UserError) as refused:
        score_stored_files(material, ScoreRequest(), engine)
    said = str(refused.value)
    choice = next(a.key for a in framework.attributes if a.kind == "choice")
    for words in FAULTS[how]:
        assert words.replace("specialty", choice) in said


@pytest.mark.parametrize("engine", ON_ONE_MACHINE)
def test_answers_that_contradict_are_refused(engine: str, tmp_path: Path) -> None:
    """A derived answer that isn't what follows; two rows that answer one question differently."""
    framework = SHIPPED.load_framework("cfsr-4")
    cases, answers = make_rows(framework)
    write(tmp_path, cases, answers)
    derived = next(q for q in framework.questions.values() if q.derived)
    scale = framework.scale_of[derived.key]
    wide = pl.read_parquet(tmp_path / "wide" / "1.parquet")
    every = [pl.Series(derived.key, [option.code] * wide.height) for option in scale.options]
    said = []
    for column in every:
        wide.with_columns(column).write_parquet(tmp_path / "wide" / "1.parquet")
        material = ScoringFiles(
            framework=framework.id, cases=tmp_path / "cases.parquet", answers=[tmp_path / "wide"]
        )
        with pytest.raises(UserError) as refused:
            score_stored_files(material, ScoreRequest(), engine)
        said.append(str(refused.value))
    assert all("aren't what follows by the framework's rules" in text for text in said)
    long = pl.read_parquet(tmp_path / "long" / "1.parquet")
    row = long.filter(pl.col("answer") == "yes").head(1)
    pl.concat([long, row.with_columns(answer=pl.lit("no"))]).write_parquet(tmp_path / "long" / "1.parquet")
    material = ScoringFiles(
        framework=framework.id, cases=tmp_path / "cases.parquet", answers=[tmp_path / "long"]
    )
    with pytest.raises(UserError, match="another answer to a question than an earlier row"):
        score_stored_files(material, ScoreRequest(), engine)


def test_the_command_gives_the_same_whatever_reads(tmp_path: Path) -> None:
    write(tmp_path, *make_rows(SHIPPED.load_framework("case-note-review")))
    command = ["score", "--framework", "case-note-review", "--cases", str(tmp_path / "cases.parquet")]
    command += ["--answers", str(tmp_path / "wide"), "--format", "json"]
    memory = run(*command)
    assert memory.returncode == 0, memory.stderr
    for engine in ON_ONE_MACHINE:
        done = run(*command, "--engine", engine)
        assert done.returncode == 0, done.stderr
        assert "are not answered yet" in done.stderr
        assert_alike(json.loads(memory.stdout), json.loads(done.stdout))
    refused = run(*command, "--engine", "polars", "--weighted", "--by", "nowhere")
    assert refused.returncode != 0
    assert "only answers in memory can be weighted" in refused.stderr
    missing = run(*command, "--engine", "polars", "--by", "nowhere")
    assert "there is no column 'nowhere'" in missing.stderr


def test_files_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    (tmp_path / "cases.csv").write_text("case\nC1\n")
    (tmp_path / "broken.parquet").write_text("no")
    (tmp_path / "empty").mkdir()
    material = ScoringFiles(
        framework="esi-2003",
        cases=tmp_path / "cases.csv",
        answers=[tmp_path / "broken.parquet", tmp_path / "empty"],
    )
    with pytest.raises(UserError) as refused:
        score_stored_files(material, ScoreRequest(), "polars")
    assert "the folder has no Parquet files" in str(refused.value)
    assert "this isn't a Parquet file" in str(refused.value)
    assert "this Parquet file can't be read" in str(refused.value)


no_java = shutil.which("java") is None
no_spark = importlib.util.find_spec("pyspark") is None


@pytest.mark.unmeasured
@pytest.mark.skipif(no_java, reason="there is no Java on this machine, which Spark needs")
@pytest.mark.skipif(no_spark, reason="PySpark is not installed (./run test does that where Java is present)")
@pytest.mark.filterwarnings(
    "ignore::FutureWarning", "ignore::DeprecationWarning", "ignore::UserWarning", "ignore::ResourceWarning"
)
def test_a_cluster_of_two_workers_gives_what_memory_gives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pyspark.sql import SparkSession

    from scrutineer.scoring.stored.spark_engine import SparkEngine

    framework = SHIPPED.load_framework("cfsr-4")
    write(tmp_path, *make_rows(framework))
    monkeypatch.setenv("PYSPARK_PYTHON", sys.executable)
    monkeypatch.setenv("SPARK_WORKER_DIR", str(tmp_path / "workers"))
    # What the workers read they import from here, as they would from the same installation.
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(Path.cwd()), os.environ.get("PYTHONPATH", "")]))
    builder = SparkSession.builder.master("local-cluster[2,1,1024]").appName("scrutineer")
    for key, value in {
        "ui.enabled": "false",
        "sql.shuffle.partitions": "2",
        "driver.host": "127.0.0.1",
        "driver.bindAddress": "127.0.0.1",
    }.items():
        builder = builder.config(f"spark.{key}", value)
    session = builder.getOrCreate()
    try:
        engine: Engine = SparkEngine(session)
        elements, got = list_elements_of(framework, SHIPPED), {}
        for shape, suppress in (("wide", 0), ("long", 6)):
            cases = engine.scan([tmp_path / "cases.parquet"])
            answers = engine.scan(sorted((tmp_path / shape).glob("*.parquet")))
            request = StoredRequest(suppress=suppress)
            got[suppress] = score_stored(engine, framework, elements, cases, answers, request)[0].as_dict()
    finally:
        session.stop()
    for suppress, results in got.items():
        assert_alike(in_memory(framework.id, tmp_path, ScoreRequest(suppress=suppress)), results)


def test_frames_that_a_program_holds_can_be_scored(tmp_path: Path) -> None:
    """As the how-to shows: what a query gives, not files."""
    import duckdb

    framework = SHIPPED.load_framework("case-note-review")
    cases, answers = make_rows(framework)
    write(tmp_path, cases, answers)
    database = duckdb.connect()
    people = nw.from_native(database.read_parquet(str(tmp_path / "cases.parquet")))
    given = nw.from_native(database.read_parquet(str(tmp_path / "wide" / "*.parquet")))
    from scrutineer.scoring.stored.duckdb_engine import DuckEngine

    results, _ = score_stored(DuckEngine(database), framework, [], people, given, StoredRequest())
    assert_alike(in_memory(framework.id, tmp_path, ScoreRequest()), results.as_dict())


def test_engines_have_names() -> None:
    assert [open_engine(name).name for name in ON_ONE_MACHINE] == list(ON_ONE_MACHINE)
