"""The room's commands, which the command line finds by its extension point: serve, room, audit."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import django
import typer

from scrutineer.commands.shared import out, say, steps
from scrutineer.errors import Fault, UserError
from scrutineer_web import backup as backups
from scrutineer_web import checks, server

room = typer.Typer(help="The inspection room's own records.", no_args_is_help=True)
audit = typer.Typer(help="The record of what happened.", no_args_is_help=True)
Data = Annotated[Path, typer.Option("--data", help="Where the room keeps its database and its secret.")]
PLACE = Path("room")


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(serve)
    app.add_typer(room, name="room")
    app.add_typer(audit, name="audit")


def _open(data: Path) -> None:
    """Set Django up on a room's folder, with its tables as they should be."""
    import warnings

    from django.core.management import call_command
    from django.db import DatabaseError, connection

    _set_up(data)
    try:
        connection.ensure_connection()
    except DatabaseError as error:
        lines = str(error).strip().splitlines() or ["it cannot be reached"]
        what, do = lines[0], "Check SCRUTINEER_DATABASE, and that the database runs and lets this user in"
        raise UserError(Fault("the database", what, do)) from None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        call_command("migrate", verbosity=0, interactive=False)
        call_command("createcachetable", verbosity=0)
    from scrutineer_web.actions import frameworks, results

    frameworks.hold_offered()
    results.hold_missing()


def _set_up(data: Path) -> None:
    """Set Django up; nothing is opened yet.

    Raises:
        UserError: a setting cannot be.
    """
    place = Path(os.environ.get("SCRUTINEER_DATA", data))
    found = checks.wrong(os.environ, place)
    if found:
        raise UserError(found)
    data.mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("SCRUTINEER_DATA", str(data.resolve()))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "scrutineer_web.settings")
    django.setup()


def serve(
    data: Data = PLACE,
    port: Annotated[int, typer.Option(help="On which port.", min=1, max=65535)] = 8000,
    host: Annotated[
        str, typer.Option(help="On which address; this machine alone, if left out.")
    ] = "127.0.0.1",
    workers: Annotated[int, typer.Option(help="How many processes answer.", min=1, max=64)] = server.WORKERS,
    demo: Annotated[
        bool, typer.Option("--demo", help="With made-up inspections and a person for every role.")
    ] = False,
    programme: Annotated[
        bool,
        typer.Option(
            "--programme", help="With --demo: a made-up programme of 42 areas, too; takes a minute or two."
        ),
    ] = False,
) -> None:
    """Start the inspection room: people, cases, fieldwork, moderation and scores in the browser."""
    if programme and not demo:
        raise UserError(Fault("--programme", "it is made up", "Give --demo with it"))
    taken = server.take(host, port)
    if demo:
        os.environ["SCRUTINEER_DEMO"] = "1"
        os.environ.setdefault("SCRUTINEER_SECOND_FACTOR", "0")
    _open(data)
    from scrutineer_web import demonstration, fictional
    from scrutineer_web.records.user import User

    if demo and not User.objects.exists():
        with steps("Demonstration", demonstration.STEPS) as step:
            demonstration.load(step)
    if demo and programme and not fictional.there():
        people = {one.username: one for one in User.objects.all()}
        with steps("Programme", fictional.STEPS) as step:
            fictional.load(people, step)
    if not demo:
        for hint in checks.hints(os.environ):
            say(f"Hint: {hint}")
    if not User.objects.exists():
        say(
            "Nobody has an account yet. Make the first one with: scrutineer room account NAME --administrator"
        )
    if demo:
        say("Synthetic data: fictional areas. Nobody was inspected.")
        say(f"Sign in as one of these, with the password {demonstration.PASSWORD}:")
        for name, who in demonstration.who_is_who():
            out.print(f"  {name:<14} {who}", highlight=False)
    say(f"The room is at http://{host}:{port} (stop it with Ctrl+C)")
    server.run(taken, host, port, workers)


@room.command()
def account(
    name: Annotated[str, typer.Argument(help="The sign-in name.")],
    full_name: Annotated[str, typer.Option("--name", help="The person's name.")] = "",
    administrator: Annotated[
        bool, typer.Option("--administrator", help="May make accounts and give roles.")
    ] = False,
    password: Annotated[
        str,
        typer.Option(
            prompt=True,
            hide_input=True,
            confirmation_prompt=True,
            envvar="SCRUTINEER_PASSWORD",
            help="Asked for, if left out.",
        ),
    ] = "",
    data: Data = PLACE,
) -> None:
    """Make an account at the machine itself: the first one, or one where no administrator is left."""
    _open(data)
    from scrutineer_web.actions import accounts

    made = accounts.create(username=name, name=full_name or name, password=password, by=None)
    if administrator:
        accounts.appoint(user=made, role="administrator", by=None)
    say(f"{made.username} can sign in{' and make accounts' if administrator else ''}.")


@room.command(name="import")
def import_(
    folder: Annotated[Path, typer.Argument(help="An inspection's folder or zip file.")],
    by: Annotated[str, typer.Option("--by", help="The sign-in name of who imports it.")],
    data: Data = PLACE,
) -> None:
    """Take an inspection into the room."""
    _open(data)
    from scrutineer.inspection.folder import opened
    from scrutineer_web.actions import folders

    with opened(folder) as place:
        made = folders.import_folder(folder=place, by=_person(by))
    say(f"{made.area} is in the room as inspection {made.pk}, with {made.cases.count()} cases.")


@room.command()
def export(
    inspection: Annotated[int, typer.Argument(help="The inspection's number.")],
    folder: Annotated[Path, typer.Option("--out", help="The folder that is written.")],
    data: Data = PLACE,
) -> None:
    """Write an inspection as its folder."""
    _open(data)
    from scrutineer.main.files import write_all
    from scrutineer_web.exchange.export import folder_of
    from scrutineer_web.records.inspection import Inspection

    found = Inspection.objects.filter(pk=inspection).first()
    if found is None:
        listed = ", ".join(f"{pk} ({area})" for pk, area in Inspection.objects.values_list("pk", "area"))
        raise UserError(
            Fault("the room", f"there is no inspection {inspection}", f"There are: {listed or 'none'}")
        )
    files = folder_of(found)
    write_all({folder / path: content for path, content in files.items()})
    say(f"{len(files)} files of {found.area} are in {folder}.")


@room.command()
def check(data: Data = PLACE) -> None:
    """Look at the settings: what cannot be, and what had better be otherwise. Exit 0: the room can start, 1: not."""
    place = Path(os.environ.get("SCRUTINEER_DATA", data))
    found = checks.wrong(os.environ, place)
    for fault in found:
        say(f"Wrong: {fault}")
    for hint in checks.hints(os.environ):
        say(f"Hint: {hint}")
    if found:
        raise typer.Exit(1)
    _open(data)
    say("The room can start.")


@room.command()
def backup(
    file: Annotated[Path, typer.Argument(help="The file that is written.")],
    data: Data = PLACE,
) -> None:
    """Take a backup of the whole room while people work: everything that any screen called saved is in it."""
    from datetime import UTC, datetime

    _open(data)
    from django.conf import settings

    secret = None if os.environ.get("SCRUTINEER_SECRET") else settings.DATA / "secret-key"
    with steps("Backup", 2) as step:
        taken = backups.take(file, secret, datetime.now(UTC), step)
    say(
        f"{file}: {taken.events} events, schema {taken.schema}, {taken.size / 1e6:.1f} MB. Keep it as the room itself:"
        " it holds everything."
    )


@room.command()
def restore(
    file: Annotated[Path, typer.Argument(help="A backup.")],
    data: Data = PLACE,
) -> None:
    """Make a room of a backup, in an empty folder and database; then every chain of events is checked."""
    import tempfile

    with tempfile.TemporaryDirectory(prefix="scrutineer-") as place:
        folder = Path(place)
        told = backups.unpack(file, folder)
        database = os.environ.get("SCRUTINEER_DATABASE", "")
        if database.startswith("postgres"):
            _set_up_for_restore(data, folder)
        backups.put_back(folder, told, Path(os.environ.get("SCRUTINEER_DATA", data)), database)
    _open(data)
    from scrutineer_web.actions import accounts
    from scrutineer_web.audit.verify import broken
    from scrutineer_web.records.event import Event

    accounts.end_all_sessions(why="restored")
    number, found = Event.objects.count(), list(broken())
    for text in found:
        say(text)
    if number < told["events"]:
        say(f"The backup had {told['events']} events, and {number} are there.")
    if found or number < told["events"]:
        raise typer.Exit(1)
    say(
        f"The room is back in {data}, as it was on {told['taken_at'][:16]}: {number} events, and every chain holds."
    )


def _set_up_for_restore(data: Path, folder: Path) -> None:
    """Set up with the backup's own secret in its place, before a new one would be made."""
    import shutil

    place = Path(os.environ.get("SCRUTINEER_DATA", data))
    place.mkdir(parents=True, exist_ok=True)
    if (folder / "secret-key").exists() and not (place / "secret-key").exists():
        shutil.copy(folder / "secret-key", place / "secret-key")
        (place / "secret-key").chmod(0o600)
    _set_up(data)


@audit.command()
def verify(data: Data = PLACE) -> None:
    """Check every chain of events: nothing altered, taken out, put in or cut off. Exit 0: all hold, 1: not."""
    _open(data)
    from scrutineer_web.audit.verify import broken
    from scrutineer_web.records.event import Event

    found = list(broken())
    for text in found:
        say(text)
    number = Event.objects.count()
    if found:
        raise typer.Exit(1)
    say(f"{number} event{'' if number == 1 else 's'}: every chain holds.")


def _person(name: str) -> object:
    from scrutineer_web.records.user import User

    found = User.objects.filter(username=name.lower()).first()
    if found is None:
        raise UserError(Fault("--by", f"nobody signs in as '{name}'", "Give the sign-in name of an account"))
    return found
