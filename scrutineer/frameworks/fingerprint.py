"""The content hash that an inspection pins: same rules, same hash, whatever the layout of the file."""

from __future__ import annotations

import hashlib
import json

from scrutineer.frameworks.model import Framework, Retention


def hash_framework(framework: Framework) -> str:
    """SHA-256 of the framework's content as canonical JSON: keys sorted, defaults written out.

    `extends`, comments, order of keys and layout leave no trace; every rule, word and weight does.
    """
    content = framework.model_dump(mode="json", by_alias=True)
    # Parts that came later: frameworks without them keep the hash that inspections pin.
    if framework.retention == Retention():
        del content["retention"]
    if not framework.sample.additional_in_scores:
        del content["sample"]["additional_in_scores"]
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return "sha256:" + hashlib.sha256(text.encode("utf-8")).hexdigest()
