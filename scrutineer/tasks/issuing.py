"""Issues of a report: created under the folder's lock, each number once; verified, and created again exactly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Literal

from scrutineer.errors import Fault, UserError, make_fault, shorten_path
from scrutineer.inspection.issued import (
    FOLDER,
    IssuedVersion,
    find_next_version,
    list_differing,
    list_issued_versions,
)
from scrutineer.report.formats import FORMATS
from scrutineer.tasks.files import remove_tree, write_all
from scrutineer.tasks.locking import hold_lock
from scrutineer.tasks.notices import notify
from scrutineer.tasks.reporting import DraftProof, Made, Step, list_files, prepare, prove_draft

if TYPE_CHECKING:
    from scrutineer.tasks.reporting import Ready

Outcome = Literal["whole", "whole, from other data", "altered"]


@dataclass(frozen=True)
class VerifiedIssue:
    """One issued version, as it was found.

    Attributes:
        number: of the version.
        outcome: `whole` where its files are as issued and the folder still makes them byte for byte; `whole, from other
            data` where the files are as issued and the folder has moved on; `altered` where they are not as issued.
        faults: what is altered.
        notes: what else a person should know.
    """

    number: int
    outcome: Outcome
    faults: tuple[Fault, ...] = ()
    notes: tuple[str, ...] = ()


def issue(
    place: Path, folder: Path | None, formats: Sequence[str], step: Step = lambda _: None
) -> Made | DraftProof:
    """Issue the report under the next free number, or say what keeps it from being issued.

    The folder is locked from reading to writing, and the version's own folder appears whole or not at all: two issues
    begun at once are two versions.

    Returns:
        What was made; or the proof, where it has errors, and then nothing is written.

    Raises:
        UserError: with every fault of every file, or no room to write.
    """
    with hold_lock(place):
        notify(str(fault).rstrip(".") for version in list_issued_versions(place) for fault in version.faults)
        number = find_next_version(place)
        step("reading")
        ready = prepare(place, folder, number)
        step("proving")
        proof = prove_draft(ready)
        if proof.errors:
            return proof
        files, left_out = list_files(ready, formats, step)
        target = place / FOLDER / f"v{number}"
        _move_into_place(target, files)
        return Made(tuple(target / name for name in files), left_out, number)


def _move_into_place(target: Path, files: dict[str, str | bytes]) -> None:
    """Write a version to a temporary folder, then move it into place in one step."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        waiting = Path(mkdtemp(prefix=".issuing-", dir=target.parent))
    except OSError as error:
        raise UserError(make_fault(error)) from None
    try:
        write_all({waiting / name: content for name, content in files.items()})
        waiting.chmod(0o755)
        waiting.rename(target)
    except OSError as error:
        raise UserError(make_fault(error)) from None
    finally:
        remove_tree(waiting)


def make_again(
    place: Path,
    folder: Path | None,
    number: int,
    formats: Sequence[str],
    out: Path,
    step: Step = lambda _: None,
) -> Made:
    """Make an issued version again, byte for byte; what would differ from it is refused.

    Raises:
        UserError: it was never issued, it was altered, or the folder no longer makes what was issued; then nothing is
            written.
    """
    version = next((v for v in list_issued_versions(place) if v.number == number), None)
    if version is None:
        known = ", ".join(str(v.number) for v in list_issued_versions(place)) or "none"
        what = f"version {number} was never issued"
        raise UserError(Fault("--version", what, f"Issued versions: {known}"))
    if version.faults:
        raise UserError(version.faults)
    step("reading")
    ready = prepare(place, folder, number)
    files, left_out = list_files(ready, formats, step)
    other = [name for name in list_differing(version, files) if name in files]
    lost = [
        name
        for name in list_differing(version, files)
        if name not in files and any(FORMATS[key].has_file(name) for key in formats)
    ]
    if other or lost:
        raise UserError(_make_moved_on(place, version, [*other, *lost]))
    write_all({out / name: content for name, content in files.items()})
    return Made(tuple(out / name for name in files), left_out, number)


def _make_moved_on(place: Path, version: IssuedVersion, names: Sequence[str]) -> Fault:
    shown = ", ".join(names[:6]) + (f" and {len(names) - 6} more" if len(names) > 6 else "")
    what = f"the folder no longer gives version {version.number} as it was issued: {shown} would differ"
    return Fault(
        shorten_path(place),
        what,
        f"Read it in {shorten_path(version.folder)}; its data or texts have changed since",
    )


def verify(place: Path, folder: Path | None, step: Step = lambda _: None) -> list[VerifiedIssue]:
    """Check every issued version: its files against its hashes, and against what the folder makes today.

    Raises:
        UserError: the folder holds no inspection, or has faults.
    """
    differing = []
    for version in list_issued_versions(place):
        step(f"version {version.number}")
        if version.faults:
            differing.append(VerifiedIssue(version.number, "altered", version.faults))
            continue
        differing.append(_verify_against_data(place, folder, version))
    return differing


def _verify_against_data(place: Path, folder: Path | None, version: IssuedVersion) -> VerifiedIssue:
    ready = prepare(place, folder, version.number)
    changed = [name for name, value in version.made_from.items() if ready.document.stamp.get(name) != value]
    if changed:
        note = f"the folder's {', '.join(name.lower() for name in changed)} have changed since it was made"
        return VerifiedIssue(version.number, "whole, from other data", notes=(note,))
    files, left_out = _make_all_formats(ready, version)
    other = [name for name in list_differing(version, files) if name in files]
    notes = tuple(f"not created again here: {text}" for text in left_out)
    if other:
        note = f"the folder's texts have changed since: {', '.join(other[:6])} would differ"
        return VerifiedIssue(version.number, "whole, from other data", notes=(*notes, note))
    return VerifiedIssue(version.number, "whole", notes=notes)


def _make_all_formats(ready: Ready, version: IssuedVersion) -> tuple[dict[str, str | bytes], tuple[str, ...]]:
    """The files of the formats that were issued, as they are made today; a format that this machine lacks is left out."""
    formats = [key for key, each in FORMATS.items() if any(each.has_file(file) for file in version.hashes)]
    return list_files(ready, formats, lenient=True)
