"""Methods of rating as rows: a row for each method, its bands, rules, limits, the tests of both, and acceptance numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from scrutineer.authoring.cells import Cell, read_list, read_number, write_cell, write_list
from scrutineer.authoring.layout import Row
from scrutineer.frameworks.model import Framework
from scrutineer.frameworks.rating_methods import PartsTest, RatingMethod

METHODS, BANDS, STEPS, LIMITS, TESTS, ACCEPTANCE = (
    "Rating methods",
    "Rating bands",
    "Rating rules",
    "Rating limits",
    "Rating tests",
    "Acceptance numbers",
)

SHEETS: Mapping[str, tuple[str, ...]] = {
    METHODS: (
        "rated",
        "scale",
        "value",
        "of",
        "rounded",
        "missing",
        "fewest cases",
        "discretion by",
        "discretion within",
        "accepted",
        "rejected",
    ),
    BANDS: ("rated", "rating", "at least"),
    STEPS: ("rated", "number", "rating"),
    LIMITS: ("rated", "number", "at most", "title"),
    TESTS: ("rated", "of", "number", "at least", "at most", "how many", "every", "parts"),
    ACCEPTANCE: ("rated", "examined", "at most"),
}
"""The headings of each sheet. `rated` is criteria, sections or overall, or `criterion B1` or `section 2` by itself."""

RULE, LIMIT = "rule", "limit"


def list_methods(framework: Framework) -> Iterator[tuple[str, RatingMethod]]:
    """Every method with the name of what it rates."""
    rated = framework.rated
    for name in ("criteria", "sections", "overall"):
        method = getattr(rated, name)
        if method is not None:
            yield name, method
    yield from ((f"criterion {c.code}", c.rated) for c in framework.criteria.values() if c.rated)
    yield from ((f"section {s.code}", s.rated) for s in framework.sections if s.rated)


def write_methods(framework: Framework) -> dict[str, list[dict[str, Cell]]]:
    """The rows of all methods, by sheet."""
    rows: dict[str, list[dict[str, Cell]]] = {name: [] for name in SHEETS}
    for rated, method in list_methods(framework):
        rows[METHODS].append(_write_method(rated, method))
        rows[BANDS] += [{"rated": rated, "rating": b.rating, "at least": b.at_least} for b in method.bands]
        for number, step in enumerate(method.rules, 1):
            rows[STEPS].append({"rated": rated, "number": number, "rating": step.rating})
            rows[TESTS] += [_write_test(rated, RULE, number, test) for test in step.where]
        for number, bound in enumerate(method.limits, 1):
            own: dict[str, Cell] = {
                "rated": rated,
                "number": number,
                "at most": bound.at_most,
                "title": bound.title,
            }
            rows[LIMITS].append(own)
            rows[TESTS] += [_write_test(rated, LIMIT, number, test) for test in bound.where]
        steps = method.acceptance.steps if method.acceptance else ()
        rows[ACCEPTANCE] += [{"rated": rated, "examined": s.examined, "at most": s.at_most} for s in steps]
    return rows


def _write_method(rated: str, method: RatingMethod) -> dict[str, Cell]:
    plain = RatingMethod(scale=method.scale, value=method.value)
    row: dict[str, Cell] = {"rated": rated, "scale": method.scale, "value": method.value}
    for name in ("of", "rounded", "missing", "fewest_cases"):
        value = getattr(method, name)
        row[name.replace("_", " ")] = write_cell(value) if value != getattr(plain, name) else None
    if method.discretion is not None:
        row |= {"discretion by": method.discretion.by, "discretion within": method.discretion.within}
    if method.acceptance is not None:
        row |= {"accepted": method.acceptance.accepted, "rejected": method.acceptance.rejected}
    return row


def _write_test(rated: str, of: str, number: int, test: PartsTest) -> dict[str, Cell]:
    return {
        "rated": rated,
        "of": of,
        "number": number,
        "at least": test.at_least,
        "at most": test.at_most,
        "how many": test.number if test.number != 1 else None,
        "every": write_cell(True) if test.every else None,
        "parts": write_list(test.parts),
    }


def read_methods(tables: Mapping[str, Sequence[Row]]) -> dict[str, dict[str, Any]]:
    """Every method as a file would hold it, by what it rates."""
    methods: dict[str, dict[str, Any]] = {}
    for row in tables.get(METHODS, ()):
        methods[_read_text(row, "rated")] = _read_method(row)

    def find(row: Row) -> dict[str, Any]:
        return methods.setdefault(_read_text(row, "rated"), {})

    for row in tables.get(BANDS, ()):
        band = {"rating": _read_text(row, "rating"), "at_least": read_number(row.get("at least"))}
        find(row).setdefault("bands", []).append(band)
    tests = list(tables.get(TESTS, ()))
    for row in tables.get(STEPS, ()):
        step: dict[str, Any] = {"rating": _read_text(row, "rating")}
        own = _list_tests(tests, row, RULE)
        find(row).setdefault("rules", []).append({**step, "where": own} if own else step)
    for row in tables.get(LIMITS, ()):
        bound = {"at_most": _read_text(row, "at most"), "title": _read_text(row, "title")}
        find(row).setdefault("limits", []).append({**bound, "where": _list_tests(tests, row, LIMIT)})
    for row in tables.get(ACCEPTANCE, ()):
        numbers = {"examined": read_number(row.get("examined")), "at_most": read_number(row.get("at most"))}
        find(row).setdefault("acceptance", {}).setdefault("steps", []).append(numbers)
    return methods


def _read_method(row: Row) -> dict[str, Any]:
    content: dict[str, Any] = {}
    for name in ("scale", "value", "of", "missing"):
        if row.get(name) is not None:
            content[name] = _read_text(row, name)
    if row.get("rounded") is not None:
        content["rounded"] = _read_text(row, "rounded").lower() == "yes"
    if row.get("fewest cases") is not None:
        content["fewest_cases"] = read_number(row["fewest cases"])
    if row.get("discretion by") is not None:
        content["discretion"] = {"by": _read_text(row, "discretion by")}
        if row.get("discretion within") is not None:
            content["discretion"]["within"] = read_number(row["discretion within"])
    if row.get("accepted") is not None or row.get("rejected") is not None:
        names = [name for name in ("accepted", "rejected") if row.get(name) is not None]
        content["acceptance"] = {name: _read_text(row, name) for name in names}
    return content


def _list_tests(tests: Sequence[Row], of: Row, kind: str) -> list[dict[str, Any]]:
    own = [
        row
        for row in tests
        if _read_text(row, "rated") == _read_text(of, "rated")
        and _read_text(row, "of").lower() == kind
        and read_number(row.get("number")) == read_number(of.get("number"))
    ]
    return [_read_parts_test(row) for row in own]


def _read_parts_test(row: Row) -> dict[str, Any]:
    content: dict[str, Any] = {}
    for heading in ("at least", "at most"):
        if row.get(heading) is not None:
            content[heading.replace(" ", "_")] = _read_text(row, heading)
    if row.get("how many") is not None:
        content["number"] = read_number(row["how many"])
    if _read_text(row, "every").lower() == "yes":
        content["every"] = True
    if row.get("parts") is not None:
        content["parts"] = read_list(_read_text(row, "parts"))
    return content


def _read_text(row: Row, heading: str) -> str:
    cell = row.get(heading)
    if cell is None:
        return ""
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell).strip()
