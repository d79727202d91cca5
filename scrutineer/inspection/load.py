"""From a folder to an inspection, with every fault of every file at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from scrutineer.errors import Fault, UserError, shorten_path
from scrutineer.fieldwork.cases.caseload import read_cases
from scrutineer.fieldwork.sampling.record import SampleRecord, read_record
from scrutineer.fieldwork.sampling.substitute import list_standing
from scrutineer.frameworks.fingerprint import hash_framework
from scrutineer.frameworks.library import Library
from scrutineer.frameworks.load import parse, parse_whole
from scrutineer.frameworks.model import Framework
from scrutineer.frameworks.parts import FrameworkPart
from scrutineer.frameworks.yaml_source import Place, YamlSource, read_yaml
from scrutineer.inspection import area as areas
from scrutineer.inspection import dates, evidence, surveys
from scrutineer.inspection.area import AreaProfile, Performance
from scrutineer.inspection.case_files import find_answer_files, list_answers
from scrutineer.inspection.dates import Dates
from scrutineer.inspection.evidence import Evidence
from scrutineer.inspection.fitting import find_framework_problems, list_element_problems
from scrutineer.inspection.manifest import Manifest, Pin
from scrutineer.inspection.needs import Need, read_needs
from scrutineer.inspection.people import People
from scrutineer.inspection.recommendations import Recommendations
from scrutineer.inspection.survey_table import read_survey_table
from scrutineer.inspection.surveys import Survey, Surveys
from scrutineer.inspection.target_table import read_target_table
from scrutineer.inspection.texts import Text, read_texts
from scrutineer.inspection.whole import Cases, Element, Inspection
from scrutineer.scoring.comparison.mapped import find_comparable
from scrutineer.scoring.comparison.read_results import ResultsFile, read_results
from scrutineer.tables.limits import GENERAL, Limits
from scrutineer.tables.table_file import find_table

MANIFEST = "inspection.yaml"
Model = TypeVar("Model", bound=FrameworkPart)
Value = TypeVar("Value")
Step = Callable[[Path], None]


def read_manifest(folder: Path) -> Manifest:
    """The manifest of an inspection's folder.

    Raises:
        UserError: there is none, or it has faults.
    """
    path = folder / MANIFEST
    if not path.is_file():
        what = f"it has no {MANIFEST}, so it is not an inspection's folder"
        raise UserError(Fault(shorten_path(folder), what, "Create an inspection with scrutineer new"))
    return parse(Manifest, read_yaml(path))


def load(folder: Path, library: Library, step: Step = lambda _: None, limits: Limits = GENERAL) -> Inspection:
    """Read and check a whole inspection.

    Args:
        folder: holds `inspection.yaml`.
        library: gives the frameworks that it pins.
        step: called with each file before it is read.
        limits: the most that is read of each table.

    Raises:
        UserError: with every fault of every file.
    """
    manifest = read_manifest(folder)
    return _Loader(folder, library, manifest, step, limits).load()


@dataclass(frozen=True)
class FolderFiles:
    """What only files hold, if the rest of an inspection comes from elsewhere.

    Attributes:
        issues: of `issues.csv`, or of a table of another kind in its place.
        original: the results of the inspection that is followed up.
        cases: of elements with a sample of their own, by the element's id.
    """

    needs: tuple[Need, ...]
    original: ResultsFile | None
    cases: dict[str, Cases]


def load_beside(folder: Path, library: Library, manifest: Manifest, cases: Cases | None) -> FolderFiles:
    """Read what only files hold of an inspection whose other parts are known.

    Args:
        folder: has a table of issues, `original/` and `elements/`, as far as there are any.
        library: gives the frameworks.
        manifest: what the inspection is.
        cases: its cases.

    Raises:
        UserError: with every fault of every file.
    """
    loader = _Loader(folder, library, manifest, lambda _: None, GENERAL)
    beside = FolderFiles(
        loader.read_needs(library.load_house(manifest.framework.id).issues, cases),
        loader.read_original(),
        loader.read_own_cases([library.load_framework(pin.id) for pin in manifest.elements]),
    )
    if loader.faults:
        raise UserError(loader.faults)
    return beside


class _Loader:
    def __init__(self, folder: Path, library: Library, manifest: Manifest, step: Step, limits: Limits):
        self.folder, self.library, self.manifest, self.step = folder, library, manifest, step
        self.limits = limits
        self.faults: list[Fault] = []
        self.notes: list[str] = []

    def load(self) -> Inspection:
        manifest, folder = self.manifest, self.folder
        framework = self._find_pinned(manifest.framework, ("framework", "hash"))
        elements = [
            self._find_pinned(pin, ("elements", n, "hash")) for n, pin in enumerate(manifest.elements)
        ]
        if framework is None:
            raise UserError(self.faults)
        self._check_fitting(framework, elements)
        house = self.library.load_house(framework.id)
        area = self._with_targets(
            self._read_yaml("area.yaml", AreaProfile, lambda a: areas.list_faults(framework, a)), framework
        )
        people = self._read_yaml("people.yaml", People)
        days = self._read_yaml("calendar.yaml", Dates, lambda d: dates.find_faults(framework, d))
        proofs = self._read_yaml("evidence.yaml", Evidence, lambda e: evidence.find_faults(framework, e))
        asked = self._with_surveys(self._read_yaml("surveys.yaml", Surveys, surveys.find_faults))
        recommendations = self._read_yaml(
            "recommendations.yaml", Recommendations, lambda r: _list_unknown_criteria(framework, r)
        )
        cases = self._read_cases(folder, framework)
        record = self._record(framework, cases)
        inspection = Inspection(
            shorten_path(folder),
            manifest,
            framework,
            house,
            area,
            people,
            days,
            proofs,
            asked,
            recommendations,
            self.read_needs(house.issues, cases),
            self._read_texts(folder, framework, house.parts),
            tuple(self._load_element(e) for e in elements if e is not None),
            cases,
            record,
            self.read_original(),
            tuple(self.notes),
        )
        if self.faults:
            raise UserError(self.faults)
        return inspection

    def _has_file(self, path: Path) -> bool:
        """Whether a file exists; a fault if there is a folder in its place."""
        if path.exists() and not path.is_file():
            self.faults.append(
                Fault(shorten_path(path), "this is not a file", f"Replace it with the file {path.name}")
            )
        return path.is_file()

    def _try(self, work: Callable[[], Value], otherwise: Value) -> Value:
        try:
            return work()
        except UserError as error:
            self.faults += error.faults
            return otherwise

    def _read_yaml(
        self,
        name: str,
        model: type[Model],
        problems: Callable[[Model], Iterable[tuple[Place, str, str]]] = lambda _: (),
    ) -> Model:
        path = self.folder / name
        if not self._has_file(path):
            return model()
        self.step(path)
        return self._try(lambda: self._read(path, model, problems), model())

    def _read(
        self, path: Path, model: type[Model], problems: Callable[[Model], Iterable[tuple[Place, str, str]]]
    ) -> Model:
        source = _find_source(path)
        if source is None:
            return model()
        parsed, faults = parse_whole(model, source, problems)
        self.faults += faults
        return parsed

    def _find_pinned(self, pin: Pin, place: Place) -> Framework | None:
        """The framework of a pin; a fault where the library's is another."""
        try:
            framework = self.library.load_framework(pin.id)
        except UserError as error:
            self.faults += [
                Fault(f"{shorten_path(self.folder)}/{MANIFEST}", f.what, f.do) for f in error.faults
            ]
            return None
        digest = hash_framework(framework)
        if pin.version != framework.version and digest == pin.hash:
            source = read_yaml(self.folder / MANIFEST)
            what = f"the version of framework '{pin.id}' is given as {pin.version}, but the hash is that of {framework.version}"
            self.faults.append(source.make_fault(place, what, f'Write version: "{framework.version}"'))
        if digest != pin.hash:
            source = read_yaml(self.folder / MANIFEST)
            what = (
                f"the inspection uses framework '{pin.id}' {pin.version} with the hash {pin.hash[:23]}…, but the hash of "
                f"the one in the folder of frameworks is {digest[:23]}…"
            )
            do = (
                "Use the folder of frameworks that the inspection was made with. Or compare the two frameworks with "
                "scrutineer framework diff, then enter the new hash"
            )
            self.faults.append(source.make_fault(place, what, do))
        return framework

    def _check_fitting(self, framework: Framework, elements: list[Framework | None]) -> None:
        """Whether framework and elements go together."""
        source = read_yaml(self.folder / MANIFEST)
        if not self.manifest.area.strip():
            self.faults.append(
                source.make_fault(("area",), "the area has no name", "Enter the name of the area")
            )
        for what, do in find_framework_problems(framework):
            self.faults.append(source.make_fault(("framework",), what, do))
        known = [element for element in elements if element is not None]
        for n, (what, do) in list_element_problems(framework, known):
            self.faults.append(source.make_fault(("elements", n), what, do))

    def _read_cases(self, folder: Path, framework: Framework) -> Cases | None:
        path = self._find_table(folder, "cases")
        answers = find_answer_files(folder, self._find_table(folder, "answers"))
        if path is None:
            if answers:
                what = "there are answers, but no cases.csv"
                self.faults.append(Fault(shorten_path(folder), what, "Add the sampled cases"))
            return None
        self.step(path)

        def read() -> Cases | None:
            caseload = read_cases(path, framework, limits=self.limits)
            loaded, known = list_answers(answers, framework, caseload, self.step, self.limits)
            return Cases(known, loaded)

        return self._try(read, None)

    def _record(self, framework: Framework, cases: Cases | None) -> SampleRecord | None:
        path = self.folder / "sample.json"
        if not self._has_file(path):
            return None
        record = self._try(lambda: read_record(path), None)
        if record is not None:
            self.faults += _record_faults(record, framework, self.manifest, cases, shorten_path(path))
        return record

    def read_needs(self, known: dict[str, str], cases: Cases | None) -> tuple[Need, ...]:
        path = self._find_table(self.folder, "issues")
        if path is None or (cases is None and self.faults):
            return ()  # without the cases every row would be a fault of its own
        ids = set(cases.caseload.ids) if cases else set()
        return self._read_noted(path, lambda: read_needs(path, known, ids, self.limits), ())

    def _with_surveys(self, asked: Surveys) -> Surveys:
        """Surveys from the file and from the table next to it."""
        path = self._find_table(self.folder, "surveys")
        if path is None:
            return asked
        self.step(path)
        more = self._read_noted(path, lambda: read_survey_table(path, self.limits), tuple[Survey, ...]())
        twice = [survey.key for survey in more if asked.survey(survey.key)]
        if twice:
            what = f"{', '.join(twice)} {'is' if len(twice) == 1 else 'are'} in surveys.yaml as well"
            self.faults.append(Fault(shorten_path(path), what, "Keep each survey in one place"))
        return asked.model_copy(update={"surveys": (*asked.surveys, *more)})

    def _with_targets(self, area: AreaProfile, framework: Framework) -> AreaProfile:
        """The area with the performance of the table next to its file."""
        path = self._find_table(self.folder, "targets")
        if path is None:
            return area
        self.step(path)
        more = self._read_noted(
            path, lambda: read_target_table(path, framework, self.limits), dict[str, Performance]()
        )
        twice = [key for key in more if key in area.performance]
        if twice:
            what = f"{', '.join(twice)} {'is' if len(twice) == 1 else 'are'} in area.yaml as well"
            self.faults.append(Fault(shorten_path(path), what, "Keep each measure in one place"))
        return area.model_copy(update={"performance": {**area.performance, **more}})

    def _find_table(self, folder: Path, stem: str) -> Path | None:
        """The table of a name, whatever its kind; a fault where there are two, or a folder in its place."""
        if (folder / f"{stem}.csv").is_dir():
            self._has_file(folder / f"{stem}.csv")
        return self._try(lambda: find_table(folder, stem), None)

    def _read_noted(
        self, path: Path, read: Callable[[], tuple[Value, tuple[str, ...]]], otherwise: Value
    ) -> Value:
        """What a table holds; what was ignored is kept, to be shown."""
        nothing: tuple[Value, tuple[str, ...]] = (otherwise, ())
        value, notes = self._try(read, nothing)
        self.notes += [f"{shorten_path(path)}: {note}" for note in notes]
        return value

    def read_own_cases(self, elements: Iterable[Framework]) -> dict[str, Cases]:
        """The cases of the elements that have a sample of their own."""
        cases_of = {
            e.id: self._read_cases(self.folder / "elements" / e.id, e)
            for e in elements
            if e.sample.part_of is None
        }
        return {name: cases for name, cases in cases_of.items() if cases is not None}

    def _load_element(self, framework: Framework) -> Element:
        folder = self.folder / "elements" / framework.id
        own = framework.sample.part_of is None
        path = folder / "evidence.yaml"
        judged = (
            self._try(
                lambda: self._read(path, Evidence, lambda e: evidence.find_faults(framework, e)), Evidence()
            )
            if path.is_file()
            else Evidence()
        )
        return Element(
            framework=framework,
            house=self.library.load_house(framework.id),
            evidence=judged,
            texts=self._read_texts(folder, framework, ("introduction", "assessment")),
            cases=self._read_cases(folder, framework) if own else None,
        )

    def _read_texts(self, folder: Path, framework: Framework, parts: Iterable[str]) -> dict[str, Text]:
        """The texts of a folder; one that no part of the report would print is a fault."""
        texts = self._try(lambda: read_texts(folder), dict[str, Text]())
        known = {
            "narrative": set(parts),
            "findings": set(framework.criteria),
            "practice": set(framework.criteria),
        }
        for name, text in texts.items():
            kind, _, rest = name.partition("/")
            stem = rest.rpartition("-")[0] if kind == "practice" else rest
            if stem not in known[kind]:
                what = "no part of the report has this name, so this would not be printed"
                form = (
                    f"{kind}/B1-1.md for the first example on B1"
                    if kind == "practice"
                    else f"one of {', '.join(sorted(known[kind]))}"
                )
                self.faults.append(Fault(text.where, what, f"Rename it to {form}"))
        return texts

    def read_original(self) -> ResultsFile | None:
        original = self.manifest.original
        if original is None:
            if (
                self.manifest.framework
                and self.library.load_framework(self.manifest.framework.id).kind == "follow_up"
            ):
                what = "the follow-up does not say which inspection it follows up"
                self.faults.append(
                    Fault(
                        f"{shorten_path(self.folder)}/{MANIFEST}",
                        what,
                        "Add `original:` with its title and results",
                    )
                )
            return None
        return self._try(lambda: self._read_results(original.results, original.group), None)

    def _read_results(self, name: str, group: str) -> ResultsFile:
        """The original's results: of a known and unchanged framework that has some questions in common."""
        results = read_results(self.folder / name)
        results.make_side(group)
        other = self.library.load_framework(results.framework)
        if results.content["framework"]["hash"] != hash_framework(other):
            what = f"the results were made with a different version of '{other.id}' from the library's"
            raise UserError(
                Fault(results.where, what, "Use the library that they were made with, or score again")
            )
        questions, scores = find_comparable(self.library.load_framework(self.manifest.framework.id), other)
        if not questions or not scores:
            what = f"'{other.id}' and '{self.manifest.framework.id}' have no questions in common, so nothing can be compared"
            raise UserError(Fault(results.where, what, "Use the results of the original inspection"))
        return results


def _find_source(path: Path) -> YamlSource | None:
    """The values of a YAML file; None if it contains only comments."""
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except UnicodeDecodeError:
        raise UserError(Fault(shorten_path(path), "the file is not UTF-8 text", "Save it as UTF-8")) from None
    said = any(line.strip() and not line.lstrip().startswith("#") for line in lines)
    return read_yaml(path) if said else None


def _list_unknown_criteria(
    framework: Framework, recommendations: Recommendations
) -> Iterable[tuple[Place, str, str]]:
    for n, recommendation in enumerate(recommendations.recommendations):
        for code in recommendation.criteria:
            if code not in framework.criteria:
                place = ("recommendations", n, "criteria")
                yield place, f"there is no criterion '{code}'", f"Choose from {', '.join(framework.criteria)}"


def _record_faults(
    record: SampleRecord, framework: Framework, manifest: Manifest, cases: Cases | None, where: str
) -> Iterable[Fault]:
    if record.framework.hash != (
        manifest.sampled_by.hash if manifest.sampled_by else hash_framework(framework)
    ):
        what = "the sample was drawn with a different framework from the one the inspection uses"
        yield Fault(
            where,
            what,
            "Draw it again, or enter the hash of the framework that it was drawn with under `sampled_by`",
        )
    if manifest.caseload is not None and manifest.caseload != record.caseload.hash:
        yield Fault(
            where,
            "the sample was drawn from a different caseload from the one the inspection uses",
            "Enter the hash of that caseload under `caseload`",
        )
    if cases is None:
        return
    drawn = {chosen.case for chosen in list_standing(record)}
    there = set(cases.caseload.ids)
    for name, strange in (
        ("is not in the sample", there - drawn),
        ("was drawn but is missing", drawn - there),
    ):
        if strange:
            listed = ", ".join(sorted(strange)[:8]) + (
                f" and {len(strange) - 8} more" if len(strange) > 8 else ""
            )
            yield Fault(
                cases.caseload.where,
                f"{len(strange)} case{'s' if len(strange) > 1 else ''} {name}: {listed}",
                "Inspect only the cases drawn; use a substitute for a case that can't be inspected",
            )
