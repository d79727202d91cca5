"""The JSON Schema of a framework file, made from the model."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from scrutineer.frameworks.model import Framework
from scrutineer.frameworks.tailoring import Extension


def make_file_schema(model: type[BaseModel], name: str) -> dict[str, Any]:
    """JSON Schema (2020-12) of another file of a framework's folder."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **model.model_json_schema(by_alias=True),
        "title": f"A Scrutineer {name}.yaml file",
    }


def make_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) that accepts a whole framework or one that extends another."""
    whole = Framework.model_json_schema(by_alias=True)
    extension = Extension.model_json_schema(by_alias=True)
    definitions = {**whole.pop("$defs"), **extension.pop("$defs"), "Framework": whole, "Extension": extension}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A Scrutineer framework file",
        "if": {"required": ["extends"]},
        "then": {"$ref": "#/$defs/Extension"},
        "else": {"$ref": "#/$defs/Framework"},
        "$defs": definitions,
    }
