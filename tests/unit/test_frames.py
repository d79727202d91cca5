"""One tally for every frame: polars, pandas, pyarrow, duckdb, and PySpark where Java is present."""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
import pytest

from scrutineer.fieldwork.cases.answers import list_choice_questions
from scrutineer.fieldwork.cases.codes import MISSING, collect_answers, find_answer
from scrutineer.frameworks.library import Library
from scrutineer.scoring.frames import tally_long, tally_wide
from scrutineer.scoring.inspect import score_tally
from scrutineer.scoring.tally import Tally, tally


def material(library: Library) -> tuple[Any, pl.DataFrame, pl.DataFrame, Tally]:
    framework = library.load_framework("esi-2003")
    generator, keys = np.random.Generator(np.random.PCG64(7)), list_choice_questions(framework)
    kinds = np.array([*collect_answers(framework.scales[0]).values(), MISSING], dtype=np.uint8)
    codes = generator.choice(kinds, size=(120, len(keys)))
    groups = {"high_risk": generator.random(120) < 0.3, "licence": generator.random(120) < 0.5}
    answers = {
        k: [find_answer(framework.scale_of[k], int(b)) for b in codes[:, n]] for n, k in enumerate(keys)
    }
    ids = [f"C{n}" for n in range(120)]
    wide, cases = pl.DataFrame({"case": ids, **answers}), pl.DataFrame({"case": ids, **groups})
    return framework, wide, cases, tally(codes, {"all": np.ones(120, dtype=np.bool_), **groups}, keys)


def duck(frame: pl.DataFrame) -> Any:
    import duckdb

    return duckdb.from_arrow(frame.to_arrow())


ENGINES: dict[str, Callable[[pl.DataFrame], Any]] = {
    "polars": lambda f: f,
    "polars lazy": lambda f: f.lazy(),
    "pandas": lambda f: f.to_pandas(),
    "pyarrow": lambda f: f.to_arrow(),
    "duckdb": duck,
}


@pytest.mark.parametrize("engine", ENGINES)
def test_every_engine_counts_alike(library: Library, engine: str) -> None:
    framework, wide, cases, expected = material(library)
    make = ENGINES[engine]
    groups = ["high_risk", "licence"]
    got = tally_wide(framework, make(wide), make(cases), groups)
    assert got.groups == ("all", "high_risk", "licence")
    assert (got.counts == expected.counts).all()
    assert (got.cases == expected.cases).all()
    long = wide.unpivot(index="case", variable_name="question", value_name="answer")
    assert (tally_long(framework, make(long), make(cases), groups).counts == expected.counts).all()
    scored = score_tally(framework, got).groups["high_risk"]
    assert scored.levels.criteria["B2"].score == pytest.approx(
        np.mean([scored.questions[k].score for k in ("b2_assessed", "b2_score")])
    )
    assert scored.levels.criteria["B2"].low is None


no_java = shutil.which("java") is None
no_spark = importlib.util.find_spec("pyspark") is None


@pytest.mark.unmeasured
@pytest.mark.skipif(no_java, reason="there is no Java on this machine, which Spark needs")
@pytest.mark.skipif(no_spark, reason="PySpark is not installed (./run test does that where Java is present)")
@pytest.mark.filterwarnings(
    "ignore::FutureWarning", "ignore::DeprecationWarning", "ignore::UserWarning", "ignore::ResourceWarning"
)
def test_a_local_spark_counts_alike(library: Library) -> None:
    from pyspark.sql import SparkSession

    framework, wide, cases, expected = material(library)
    builder = SparkSession.builder.master("local[2]").appName("tally")
    for key, value in {
        "ui.enabled": "false",
        "sql.shuffle.partitions": "2",
        "driver.host": "127.0.0.1",
        "driver.bindAddress": "127.0.0.1",
    }.items():
        builder = builder.config(f"spark.{key}", value)
    session = builder.getOrCreate()
    try:
        long = wide.unpivot(index="case", variable_name="question", value_name="answer")
        answers = session.createDataFrame(long.rows(), "case string, question string, answer string")
        people = session.createDataFrame(cases.rows(), "case string, high_risk boolean, licence boolean")
        got = tally_long(framework, answers, people, ["high_risk", "licence"])
    finally:
        session.stop()
    assert (got.counts == expected.counts).all()
    assert (got.cases == expected.cases).all()
