"""`scrutineer new`, `check`, `draft`, `report` and `pack`; and `proof` of an inspection's draft."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scrutineer.cli.shared import (
    Format,
    Shelf,
    TextJsonOrHtml,
    TextOrJson,
    out,
    say,
    show_json,
    show_progress,
    show_steps,
    warn,
)
from scrutineer.errors import EXIT_FINDINGS, EXIT_PROVED, Fault, UserError, shorten_path
from scrutineer.report.formats import FORMATS, is_read

if TYPE_CHECKING:
    from scrutineer.tasks.reporting import DraftProof, Made

Place = Annotated[Path, typer.Argument(help="The inspection's folder.")]
PlaceOrZip = Annotated[Path, typer.Argument(help="The inspection's folder, or a zip file of it.")]

ToOption = Annotated[str, typer.Option(help=f"The formats, separated by commas: {', '.join(FORMATS)}.")]
_EVERY_FORMAT = ",".join(FORMATS)
OutFolderOption = Annotated[
    Path | None,
    typer.Option(
        "--out",
        help="The folder to write to, instead of `report`, or `issued/v1`, in the inspection's folder.",
    ),
]
IssueOption = Annotated[
    bool,
    typer.Option(
        help="Issue the report with its version number. You must fix every error and unfinished part first."
    ),
]
VersionOption = Annotated[
    int | None,
    typer.Option(min=1, help="Create this version again in --out, to compare it with the issued one."),
]
PartOption = Annotated[
    str | None,
    typer.Option(help="Print one part as HTML instead: a criterion's code, or summary, scores …"),
]


def add_to(app: typer.Typer) -> None:
    """Add the commands in the order in which they are listed."""
    commands: dict[str, Callable[..., None]] = {
        "new": create_inspection,
        "check": check,
        "draft": draft,
        "report": report,
        "verify": verify,
        "pack": pack,
    }
    for name, command in commands.items():
        app.command(name)(command)


def create_inspection(
    framework: Annotated[str, typer.Option("--framework", metavar="ID", help="The framework's id.")],
    area: Annotated[str, typer.Option(help="The name of the area.")],
    folder: Annotated[Path, typer.Option("--out", help="The folder to create.")],
    element: Annotated[
        list[str], typer.Option(metavar="ID", help="A thematic element's id; may be repeated.")
    ] = [],  # noqa: B006
    original: Annotated[
        Path | None, typer.Option(help="For a follow-up, the original's results (score --format json).")
    ] = None,
    synthetic: Annotated[bool, typer.Option(help="Mark the inspection as fictional on every page.")] = False,
    frameworks: Shelf = None,
) -> None:
    """Create the folder of a new inspection: every file to fill in, with notes on what belongs where."""
    from scrutineer.tasks import inspecting as task

    request = task.NewInspection(
        framework=framework, area=area, elements=element, synthetic=synthetic, original=original
    )
    files = task.create_inspection(request, folder, frameworks)
    say(
        f"{shorten_path(folder)}: {len(files)} files. Add the sample and the answers, then run scrutineer draft. "
        "scrutineer check lists what is left to do."
    )


def check(folder: PlaceOrZip, frameworks: Shelf = None, output: Format = TextOrJson.text) -> None:
    """Check a whole inspection: each file, how the files fit together, and what is left to do.

    Exits with 0 if nothing is left to do, 1 if something is, 2 if a file has errors.
    """
    from scrutineer.tasks import inspecting as task

    with show_progress(None, "Checking") as step:
        checked = task.check(folder, frameworks, step)
    if output is TextOrJson.json:
        show_json(
            {"kind": "check", "open": [{"where": f.where, "what": f.what, "do": f.do} for f in checked.open]}
        )
    elif checked.open:
        say(f"No errors. Left to do ({len(checked.open)}):")
        for fault in checked.open:
            warn(str(fault))
    else:
        say("No errors, and nothing left to do.")
    raise typer.Exit(EXIT_FINDINGS if checked.open else EXIT_PROVED)


def draft(
    folder: Place,
    again: Annotated[
        list[str],
        typer.Option(
            metavar="NAME", help="Draft this part again and replace its text: B1, summary, element-id:B1."
        ),
    ] = [],  # noqa: B006
    refresh: Annotated[
        bool,
        typer.Option(
            help="Don't draft anything. Confirm that someone has read the sentence of every bound figure again."
        ),
    ] = False,
    frameworks: Shelf = None,
) -> None:
    """Draft the findings from the scores. Text that a person has written stays as it is."""
    from scrutineer.tasks import inspecting as task

    if refresh:
        if again:
            raise UserError(
                Fault(
                    "--refresh",
                    "it can't be used with --again, because it drafts nothing",
                    "Use only one of the two",
                )
            )
        with show_progress(None, "Reading") as step:
            changed = task.refresh(folder, frameworks, step)
        for refreshed in changed:
            before = f"was '{refreshed.was}', " if refreshed.was is not None else ""
            say(f"{shorten_path(refreshed.path)} line {refreshed.line}: {before}is '{refreshed.now}'")
        many = f"{len(changed)} figure{'' if len(changed) == 1 else 's'} updated"
        say(
            f"{many}. Check that each sentence still says what it should."
            if changed
            else "No figure has changed."
        )
        return
    with show_progress(None, "Drafting") as step:
        drafted = task.draft(folder, frameworks, again, step)
    say(
        f"{len(drafted.written)} files drafted. {len(drafted.unchanged)} not changed, because a person has written them."
    )


def report(
    folder: PlaceOrZip,
    to: ToOption = _EVERY_FORMAT,
    out_folder: OutFolderOption = None,
    issue: IssueOption = False,
    version: VersionOption = None,
    part: PartOption = None,
    frameworks: Shelf = None,
) -> None:
    """Create the report of an inspection in every format: a draft, or an issue.

    Exits with 0 if it was created, 1 if it can't be issued yet, 2 if a file has errors.
    """
    from scrutineer.inspection.folder import open_folder
    from scrutineer.tasks import issuing, reporting

    with open_folder(folder) as place:
        if part is not None:
            shown = reporting.preview(place, part, frameworks)
            sys.stdout.write(shown.html)
            for remark in shown.remarks:
                warn(f"{remark.severity} ({remark.rule}): {remark}")
            return
        formats = [name.strip() for name in to.split(",") if name.strip()]
        _refuse_mixed(folder, formats, out_folder, issue, version)
        with show_steps("Report", 2 + len(formats)) as step:
            if issue:
                outcome = issuing.issue(place, frameworks, formats, step)
                if isinstance(outcome, reporting.DraftProof):
                    show_draft_proof(outcome)
                    warn("Not issued.")
                    raise typer.Exit(EXIT_FINDINGS)
                remade = outcome
            elif version is not None and out_folder is not None:
                remade = issuing.make_again(place, frameworks, version, formats, out_folder, step)
            else:
                remade = _draft_report(place, folder, out_folder, formats, frameworks, step)
    done = (
        f"Version {remade.version} {'issued' if issue else 'made again'}"
        if remade.version
        else "Draft created"
    )
    data = sum(path.parent.name == "data" for path in remade.files)
    files = "1 file" if len(remade.files) == 1 else f"{len(remade.files)} files"
    say(f"{done}: {files}" + (f", {data} of them data" if data else ""))
    for path in remade.files:
        if is_read(path.name):
            say(f"  {shorten_path(path)}")


def _refuse_mixed(
    folder: Path, formats: list[str], out_folder: Path | None, issue: bool, version: int | None
) -> None:
    """Refuse options of `report` that can't be used together.

    Raises:
        UserError: with every one of them.
    """
    faults = []
    if not formats:
        faults.append(Fault("--to", "no format was chosen", f"Choose one or more of {', '.join(FORMATS)}"))
    if issue and (out_folder is not None or not folder.is_dir()):
        what = "an issued version is always saved in the inspection's folder, under its number"
        faults.append(Fault("--issue", what, "Remove --out, and unpack a zip file first"))
    if version is not None and (issue or out_folder is None):
        what = "a version made again can't replace the issued one"
        faults.append(Fault("--version", what, "Add --out, and remove --issue"))
    if faults:
        raise UserError(faults)


def _draft_report(
    place: Path,
    folder: Path,
    out_folder: Path | None,
    formats: list[str],
    frameworks: Path | None,
    step: Callable[[str], None],
) -> Made:
    from scrutineer.tasks import reporting
    from scrutineer.tasks.locking import hold_lock

    if out_folder is None and not folder.is_dir():
        raise UserError(Fault("--out", "there is no folder for the report of a zip file", "Add --out"))
    with hold_lock(folder) if out_folder is None else nullcontext():
        step("reading")
        return reporting.make(
            reporting.prepare(place, frameworks), formats, out_folder or folder / "report", step
        )


def verify(folder: PlaceOrZip, frameworks: Shelf = None, output: Format = TextOrJson.text) -> None:
    """Verify every issued version: its files against their hashes, and against the report that the folder's data give today.

    Exits with 0 if every version is as it was issued, 1 if one was altered, 2 if a file has errors.
    """
    from scrutineer.inspection.folder import open_folder
    from scrutineer.tasks import issuing

    with open_folder(folder) as place, show_steps("Verifying", 10) as step:
        versions = issuing.verify(place, frameworks, step)
    altered = [v for v in versions if v.outcome == "altered"]
    if output is TextOrJson.json:
        rows = [
            {"version": v.number, "outcome": v.outcome, "faults": list(map(str, v.faults)), "notes": v.notes}
            for v in versions
        ]
        show_json({"kind": "verification", "versions": rows})
    else:
        for version in versions:
            say(f"Version {version.number}: {_OUTCOMES[version.outcome]}")
            for fault in version.faults:
                warn(f"  {fault}")
            for note in version.notes:
                say(f"  Note: {note}.")
        if not versions:
            say("No version has been issued yet.")
    raise typer.Exit(EXIT_FINDINGS if altered else EXIT_PROVED)


_OUTCOMES = {
    "whole": "as it was issued, and the folder still gives it byte for byte.",
    "whole, from other data": "as it was issued; the folder has changed since.",
    "altered": "NOT as it was issued.",
}


def pack(folder: Place, to: Annotated[Path, typer.Option("--out", help="The zip file to write.")]) -> None:
    """Pack an inspection's folder into one zip file: the same folder gives the same bytes."""
    from scrutineer.inspection.folder import pack as packed
    from scrutineer.inspection.load import read_manifest
    from scrutineer.tasks.files import write_all

    read_manifest(folder)
    write_all({to: packed(folder)})
    say(f"{shorten_path(to)} written.")


def prove_inspection(folder: Path, frameworks: Path | None, output: TextJsonOrHtml) -> None:
    """Prove the draft of an inspection."""
    from scrutineer.inspection.folder import open_folder
    from scrutineer.inspection.issued import list_issued_versions
    from scrutineer.tasks.reporting import prepare, prove_draft

    with open_folder(folder) as place, show_steps("Proof", 2) as step:
        step("reading")
        altered = tuple(fault for version in list_issued_versions(place) for fault in version.faults)
        ready = prepare(place, frameworks)
        step("proving")
        proof = prove_draft(ready)
        proof = replace(proof, open=(*altered, *proof.open))
    if output is TextJsonOrHtml.json:
        show_json(proof.as_dict())
    elif output is TextJsonOrHtml.html:
        from scrutineer.report.pages.pages import write_proof_page

        sys.stdout.write(write_proof_page([proof.proof]))
    else:
        show_draft_proof(proof)
    raise typer.Exit(EXIT_FINDINGS if proof.errors else EXIT_PROVED)


_STYLES = {"error": "red", "warning": "yellow", "note": "cyan"}


def show_draft_proof(proof: DraftProof) -> None:
    """Print what must be fixed before a report is issued."""
    from scrutineer.report.pages.terminal import make_proof_table

    for fault in proof.open:
        out.print(f"to do: {fault}", markup=False, highlight=False, style="red")
    for remark in proof.remarks:
        text = f"{remark.severity} ({remark.rule}): {remark}"
        out.print(text, markup=False, highlight=False, style=_STYLES[remark.severity])
    if any(remark.rule in {"stale-figure", "unread-figure"} for remark in proof.remarks):
        say(
            "When you have read the sentence of every figure again, confirm it with scrutineer draft --refresh."
        )
    for text in proof.unfaithful:
        out.print(f"error (read-back): {text}.", markup=False, highlight=False, style="red")
    if proof.proof.findings:
        out.print(make_proof_table(proof.proof))
    say(
        "Nothing needs to be fixed before you issue it."
        if not proof.errors
        else f"Things to fix before you issue it: {proof.errors}."
    )
