"""YAML that folders are saved as: any text comes back as it was, and no tool of YAML 1.1 reads another."""

from __future__ import annotations

import tempfile
from pathlib import Path

import yaml
from hypothesis import given
from hypothesis import strategies as st

from scrutineer.frameworks.yaml_source import read_yaml
from scrutineer_web.exchange.export import write_yaml

MISREAD = (
    "no",
    "Y",
    "on",
    "null",
    "~",
    "=",
    "<<",
    "12:30",
    "012",
    "0x1F",
    "0o14",
    "1_000",
    "1e5",
    ".5",
    ".inf",
    "2006-01-15",
    "",
)
TEXTS = st.sampled_from(MISREAD) | st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs", "Cc"), include_characters="\n\t"), max_size=200
)


@given(
    st.dictionaries(
        st.sampled_from(["title", "note", "n"]),
        TEXTS | st.lists(TEXTS, max_size=3) | st.integers() | st.none(),
        min_size=1,
    )
)
def test_what_is_written_is_read_again(content: dict[str, object]) -> None:
    written = write_yaml(content)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "written.yaml"
        path.write_bytes(written)
        assert read_yaml(path).value == content
    assert yaml.safe_load(written) == content


def test_a_list_that_is_named_twice_is_written_twice() -> None:
    people = ["Ada Fenwick"]
    assert write_yaml({"leads": people, "assessors": people}).decode().count("Ada Fenwick") == 2
