"""`scrutineer new`, `check`, `draft`, `report` and `pack`; and `proof` of an inspection's draft."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scrutineer.commands.shared import (
    Format,
    Shelf,
    TextJsonOrHtml,
    TextOrJson,
    out,
    progress,
    say,
    show_json,
    steps,
    warn,
)
from scrutineer.errors import EXIT_FINDINGS, EXIT_PROVED, Fault, UserError, short
from scrutineer.main import inspecting as task

if TYPE_CHECKING:
    from scrutineer.main.reporting import DraftProof

Place = Annotated[Path, typer.Argument(help="The inspection's folder.")]
PlaceOrZip = Annotated[Path, typer.Argument(help="The inspection's folder, or a zip file of it.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands in the order in which they are listed."""
    for command in (new, check, draft, report, pack):
        app.command()(command)


def new(
    framework: Annotated[str, typer.Option("--framework", metavar="ID", help="The framework, by its id.")],
    area: Annotated[str, typer.Option(help="The inspected area.")],
    folder: Annotated[Path, typer.Option("--out", help="The folder to make.")],
    element: Annotated[
        list[str], typer.Option(metavar="ID", help="A thematic element, by its id; may be repeated.")
    ] = [],  # noqa: B006
    original: Annotated[
        Path | None, typer.Option(help="Of a follow-up: the original's results (score --format json).")
    ] = None,
    synthetic: Annotated[
        bool, typer.Option(help="The inspection is made up: every page will say so.")
    ] = False,
    frameworks: Shelf = None,
) -> None:
    """Make the folder of a new inspection: every file there is to fill in, with what belongs where."""
    wanted = task.NewInspection(framework, area, element, synthetic, original)
    files = task.new(wanted, folder, frameworks)
    say(
        f"{short(folder)}: {len(files)} files. Next: sample, answers, scrutineer draft; scrutineer check says what is open."
    )


def check(folder: PlaceOrZip, frameworks: Shelf = None, output: Format = TextOrJson.text) -> None:
    """Check a whole inspection: every file, every file against the others, and what is still open.

    Exits with 0 where nothing is open, 1 where something is, 2 where a file has faults.
    """
    with progress(None, "Checking") as step:
        found = task.check(folder, frameworks, step)
    if output is TextOrJson.json:
        show_json(
            {"kind": "check", "open": [{"where": f.where, "what": f.what, "do": f.do} for f in found.open]}
        )
    elif found.open:
        say(f"Without fault. Still open ({len(found.open)}):")
        for fault in found.open:
            warn(str(fault))
    else:
        say("Without fault, and nothing is open.")
    raise typer.Exit(EXIT_FINDINGS if found.open else EXIT_PROVED)


def draft(
    folder: Place,
    again: Annotated[
        list[str],
        typer.Option(metavar="NAME", help="Draft this anew over what is there: B1, summary, element-id:B1."),
    ] = [],  # noqa: B006
    refresh: Annotated[
        bool, typer.Option(help="Draft nothing; say of every bound figure that its sentence was read again.")
    ] = False,
    frameworks: Shelf = None,
) -> None:
    """Write the first draft of the findings from the scores; what a person has written stays."""
    if refresh:
        if again:
            raise UserError(
                Fault("--refresh", "it drafts nothing, so --again says nothing", "Give one of the two")
            )
        with progress(None, "Reading") as step:
            changed = task.refresh(folder, frameworks, step)
        for one in changed:
            before = f"was '{one.was}', " if one.was is not None else ""
            say(f"{short(one.path)} line {one.line}: {before}is '{one.now}'")
        say(f"{len(changed)} figures read again. Does each sentence still say what it should?")
        return
    with progress(None, "Drafting") as step:
        made = task.draft(folder, frameworks, again, step)
    say(f"{len(made.written)} files drafted; {len(made.kept)} left as people wrote them.")


def report(
    folder: PlaceOrZip,
    to: Annotated[
        str, typer.Option(help="Formats, with commas: html, pdf, docx, data.")
    ] = "html,pdf,docx,data",
    out_folder: Annotated[
        Path | None,
        typer.Option("--out", help="Where to; otherwise `report`, or `issued/v1`, in the folder."),
    ] = None,
    issue: Annotated[
        bool,
        typer.Option(help="Issue it: refused while an error or an unfilled part stands; stamps the version."),
    ] = False,
    version: Annotated[
        int | None,
        typer.Option(min=1, help="Make this version again, into --out, to hold it against the issued one."),
    ] = None,
    part: Annotated[
        str | None,
        typer.Option(help="Print one part as HTML instead: a criterion's code, or summary, scores …"),
    ] = None,
    frameworks: Shelf = None,
) -> None:
    """Make the report of an inspection in every format: a draft, or an issue.

    Exits with 0 where it was made, 1 where it may not be issued yet, 2 where a file has faults.
    """
    from scrutineer.inspection.folder import opened
    from scrutineer.main import reporting

    with opened(folder) as place:
        if part is not None:
            shown = reporting.preview(place, part, frameworks)
            sys.stdout.write(shown.html)
            for remark in shown.remarks:
                warn(f"{remark.severity} ({remark.rule}): {remark}")
            return
        formats = [name.strip() for name in to.split(",") if name.strip()]
        if not formats:
            raise UserError(
                Fault("--to", "no format is asked for", f"Give some of {', '.join(reporting.FORMATS)}")
            )
        if issue and (out_folder is not None or not folder.is_dir()):
            what = "an issue is kept in the inspection's folder, under its number"
            raise UserError(Fault("--issue", what, "Leave --out away, and unpack a zip file first"))
        if version is not None and (issue or out_folder is None):
            what = "a version is made again beside the issued one, never in its place"
            raise UserError(Fault("--version", what, "Give --out, and leave --issue away"))
        number = reporting.next_version(place) if issue else version
        with steps("Report", 2 + len(formats)) as step:
            step("reading")
            ready = reporting.prepare(place, frameworks, number)
            if issue:
                step("proving")
                proof = reporting.prove_draft(ready)
                if proof.errors:
                    show_draft_proof(proof)
                    warn(f"Not issued: {proof.errors} errors or unfilled parts stand.")
                    raise typer.Exit(EXIT_FINDINGS)
            made = reporting.make(ready, formats, _target(folder, out_folder, number), step)
    done = f"Version {number} {'issued' if issue else 'made again'}" if number else "Draft made"
    data = sum(path.parent.name == "data" for path in made.files)
    say(f"{done}: {len(made.files)} files" + (f", {data} of them data" if data else ""))
    for path in made.files:
        if path.suffix in {".html", ".pdf", ".docx"}:
            say(f"  {short(path)}")


def _target(folder: Path, out_folder: Path | None, version: int | None) -> Path:
    if out_folder is not None:
        return out_folder
    if not folder.is_dir():
        raise UserError(Fault("--out", "the report of a zip file needs a place to go to", "Give --out"))
    return folder / "issued" / f"v{version}" if version else folder / "report"


def pack(folder: Place, to: Annotated[Path, typer.Option("--out", help="The zip file to write.")]) -> None:
    """Put an inspection's folder into one zip file: the same folder gives the same bytes."""
    from scrutineer.inspection.folder import pack as packed
    from scrutineer.inspection.load import read_manifest
    from scrutineer.main.files import write_all

    read_manifest(folder)
    write_all({to: packed(folder)})
    say(f"{short(to)} written.")


def prove_inspection(folder: Path, frameworks: Path | None, output: TextJsonOrHtml) -> None:
    """Prove the draft of an inspection."""
    from scrutineer.inspection.folder import opened
    from scrutineer.main.reporting import prepare, prove_draft

    with opened(folder) as place, steps("Proof", 2) as step:
        step("reading")
        ready = prepare(place, frameworks)
        step("proving")
        proof = prove_draft(ready)
    if output is TextJsonOrHtml.json:
        show_json(proof.as_dict())
    elif output is TextJsonOrHtml.html:
        from scrutineer.reporting.pages import proof_page

        sys.stdout.write(proof_page([proof.proof]))
    else:
        show_draft_proof(proof)
    raise typer.Exit(EXIT_FINDINGS if proof.errors else EXIT_PROVED)


_STYLES = {"error": "red", "warning": "yellow", "note": "cyan"}


def show_draft_proof(proof: DraftProof) -> None:
    """Print what stands against issuing a report."""
    from scrutineer.reporting.terminal import proof_table

    for fault in proof.open:
        out.print(f"open: {fault}", markup=False, highlight=False, style="red")
    for remark in proof.remarks:
        text = f"{remark.severity} ({remark.rule}): {remark}"
        out.print(text, markup=False, highlight=False, style=_STYLES[remark.severity])
    for text in proof.unfaithful:
        out.print(f"error (read-back): {text}.", markup=False, highlight=False, style="red")
    if proof.proof.findings:
        out.print(proof_table(proof.proof))
    say(
        "Nothing stands against issuing it."
        if not proof.errors
        else f"{proof.errors} things stand against issuing it."
    )
