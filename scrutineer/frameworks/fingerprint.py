"""The content hash that an inspection pins: same rules, same hash, whatever the layout of the file."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from pydantic import BaseModel

from scrutineer.frameworks.model import Framework
from scrutineer.frameworks.parts import Later
from scrutineer.frameworks.subject import SUBJECT_WORDS


def hash_framework(framework: Framework) -> str:
    """SHA-256 of the framework's content as canonical JSON: keys sorted, defaults written out.

    `extends`, comments, order of keys and layout leave no trace; every rule, word and weight does. A field that is
    marked `Later` leaves none at its default: frameworks without it keep the hash that inspections pin. Nor do the words
    for the subject: where a question uses one, it's part of the question's text.
    """
    content = framework.model_dump(mode="json", by_alias=True)
    _drop_later(framework, content)
    content["words"] = {word: text for word, text in content["words"].items() if word not in SUBJECT_WORDS}
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return "sha256:" + hashlib.sha256(text.encode("utf-8")).hexdigest()


def _drop_later(value: object, content: Any) -> None:
    """Drop the later fields of a part and of all parts within it, where they are at their default."""
    if isinstance(value, BaseModel):
        for name, field in type(value).model_fields.items():
            key, own = field.alias or name, getattr(value, name)
            if Later in field.metadata and own == field.get_default(call_default_factory=True):
                del content[key]
            else:
                _drop_later(own, content[key])
        for name, own in (value.__pydantic_extra__ or {}).items():
            _drop_later(own, content[name])
    elif isinstance(value, dict):
        for key, own in value.items():
            _drop_later(own, content[key])
    elif isinstance(value, tuple):
        for own, part in zip(value, content, strict=True):
            _drop_later(own, part)
