"""The JSON Schema of a framework file, made from the model."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from scrutineer.frameworks.model import Framework
from scrutineer.frameworks.question_tables import QuestionTable
from scrutineer.frameworks.tailoring import Extension


def make_file_schema(model: type[BaseModel], name: str) -> dict[str, Any]:
    """JSON Schema (2020-12) of another file of a framework's folder."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **model.model_json_schema(by_alias=True),
        "title": f"A Scrutineer {name}.yaml file",
    }


def _allow_tables(criterion: dict[str, Any]) -> None:
    """A table of questions may stand in the place of a question: loading replaces it, so the model doesn't know it."""
    table = {
        "type": "object",
        "properties": {"table": {"$ref": "#/$defs/QuestionTable"}},
        "required": ["table"],
        "additionalProperties": False,
    }
    questions = criterion["properties"]["questions"]
    questions["items"] = {"anyOf": [questions["items"], table]}


def make_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) that accepts a whole framework or one that extends another."""
    whole = Framework.model_json_schema(by_alias=True)
    extension = Extension.model_json_schema(by_alias=True)
    table = QuestionTable.model_json_schema(by_alias=True)
    definitions = {**table.pop("$defs"), **whole.pop("$defs"), **extension.pop("$defs")}
    definitions |= {"Framework": whole, "Extension": extension, "QuestionTable": table}
    _allow_tables(definitions["Criterion"])
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A Scrutineer framework file",
        "if": {"required": ["extends"]},
        "then": {"$ref": "#/$defs/Extension"},
        "else": {"$ref": "#/$defs/Framework"},
        "$defs": definitions,
    }
