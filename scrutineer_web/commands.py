"""The room's commands, which the command line finds by its extension point: serve, room, audit."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scrutineer.cli.late import load_late
from scrutineer.cli.shared import out, say, show_steps
from scrutineer.errors import Fault, UserError

if TYPE_CHECKING:
    import django

    from scrutineer_web.kit import private
    from scrutineer_web.records.user import User
    from scrutineer_web.running import backup as backups
    from scrutineer_web.running import reach, room_places, server, system_checks
    from scrutineer_web.running.room_places import RoomPlace
else:
    django = load_late("django")
    private = load_late("scrutineer_web.kit.private")
    backups = load_late("scrutineer_web.running.backup")
    reach, room_places, server, system_checks = (
        load_late(f"scrutineer_web.running.{name}")
        for name in ("reach", "room_places", "server", "system_checks")
    )

room = typer.Typer(
    help="Create, check, back up and restore a room: one installation of the web application, with its data.",
    no_args_is_help=True,
)
audit = typer.Typer(help="Check the audit log.", no_args_is_help=True)


def _read_env_file(path: Path | None) -> Path | None:
    """Set what a file of settings says, before any other option looks at the environment."""
    if path is not None:
        room_places.load_env_file(path)
    return path


Data = Annotated[
    Path | None,
    typer.Option("--data", help="The room's folder. By default, the one in SCRUTINEER_DATA, or else ./room."),
]
EnvFile = Annotated[
    Path | None,
    typer.Option(
        "--env-file",
        is_eager=True,
        callback=_read_env_file,
        help="A file of settings (NAME=value), such as the service's. It overrides the environment.",
    ),
]


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(serve)
    app.add_typer(room, name="room")
    app.add_typer(audit, name="audit")


# -- opening a room ----------------------------------------------------------------------


def _begin(data: Path | None, *, restoring: bool = False) -> RoomPlace:
    """Choose the room of a command and say which it is; what the command writes is its owner's alone.

    Raises:
        UserError: a setting can't be used.
    """
    private.keep()
    place = room_places.choose(data, restoring=restoring)
    say(str(place))
    faults = system_checks.find_wrong(os.environ, place.data)
    if faults:
        raise UserError(faults)
    return place


def _enter(data: Path | None, *, older: bool = False) -> RoomPlace:
    """Open a room that is there already, and change nothing of it.

    Args:
        data: its folder.
        older: whether tables of an earlier version will do.

    Raises:
        UserError: there is none, or its tables are of another version of the program.
    """
    place = _begin(data)
    applied = room_places.list_tables(place)
    fault = room_places.find_absent(place, applied) or room_places.find_newer(place, applied)
    if fault is not None:
        raise UserError(fault)
    _set_up()
    if not older and _has_pending():
        do = "Start the room once with this version, or run: scrutineer room upgrade"
        raise UserError(Fault(str(place.data), "its tables are of an earlier version of this program", do))
    if not _has_pending():
        from scrutineer_web.audit.begin import refuse_other_key

        refuse_other_key()
    return place


def _open(data: Path) -> None:
    """Open a room, making it where there is none, with its tables as they should be; nothing is said."""
    private.keep()
    place = room_places.choose(data)
    room_places.furnish(place, room_places.list_tables(place))
    _bring_up()


def _set_up() -> None:
    """Set Django up; the database isn't opened yet."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "scrutineer_web.settings")
    django.setup()


def _has_pending() -> bool:
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _bring_up() -> None:
    """Bring the tables up to date, and hold what the program offers."""
    import warnings

    from django.core.management import call_command

    _set_up()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        call_command("migrate", verbosity=0, interactive=False)
        call_command("createcachetable", verbosity=0)
    from scrutineer_web.actions.frameworks import frameworks
    from scrutineer_web.actions.moderation import results
    from scrutineer_web.actions.operations import generations
    from scrutineer_web.audit.begin import begin

    begin()
    generations.begin_first(by=None)
    frameworks.hold_offered()
    results.hold_missing()


@contextmanager
def _catch_faults() -> Iterator[None]:
    """A disk that is full, a folder that can't be written to, a database that is away, a person who may not: each is a sentence."""
    from django.core.exceptions import PermissionDenied
    from django.db import DatabaseError

    try:
        yield
    except PermissionDenied:
        what = "this person has no role in the room that allows it"
        raise UserError(Fault("--by", what, "Enter the username of someone who has one")) from None
    except OSError as error:
        raise UserError(private.make_fault(error)) from None
    except DatabaseError as error:
        raise UserError(private.make_database_fault(error)) from None


def _catch_faults_of(command: Callable[..., None]) -> Callable[..., None]:
    """A command whose environment's faults are sentences."""

    @wraps(command)
    def run_command(*args: Any, **kwargs: Any) -> None:
        with _catch_faults():
            command(*args, **kwargs)

    return run_command


# -- the commands ------------------------------------------------------------------------


@_catch_faults_of
def serve(
    data: Data = None,
    env_file: EnvFile = None,
    port: Annotated[int, typer.Option(help="The port to listen on.", min=1, max=65535)] = 8000,
    host: Annotated[
        str, typer.Option(help="The address to listen on. By default, only this machine can connect.")
    ] = "127.0.0.1",
    workers: Annotated[
        int, typer.Option(help="How many processes answer requests.", min=1, max=64)
    ] = server.WORKERS,
    demo: Annotated[
        bool, typer.Option("--demo", help="Add fictional inspections and an account for every role.")
    ] = False,
    programme: Annotated[
        bool,
        typer.Option(
            "--programme",
            help="With --demo, also add a fictional programme of 42 areas. This takes a minute or two.",
        ),
    ] = False,
) -> None:
    """Start the web application, so that people can use it in the browser."""
    del env_file
    if programme and not demo:
        raise UserError(Fault("--programme", "the programme is fictional", "Give --demo with it"))
    taken = server.take(host, port)
    if demo:
        os.environ["SCRUTINEER_DEMO"] = "1"
        os.environ.setdefault("SCRUTINEER_SECOND_FACTOR", "0")
    place = _begin(data)
    room_places.furnish(place, room_places.list_tables(place))
    _bring_up()
    if demo:
        _load_demonstration(programme)
    else:
        for hint in system_checks.find_hints(os.environ):
            say(f"Hint: {hint}")
    _say_who_can_sign_in(demo)
    say("Scrutineer is starting. Its address appears here when it is ready.")
    server.run(taken, host, port, workers)


def _load_demonstration(programme: bool) -> None:
    """Make what is made up, as far as it isn't there."""
    from scrutineer_web import demonstration, fictional
    from scrutineer_web.records.user import User

    if not User.objects.exists():
        with show_steps("Demonstration", demonstration.STEPS) as step:
            demonstration.load(step)
    if programme and not fictional.is_there():
        people = {user.username: user for user in User.objects.all()}
        with show_steps("Programme", fictional.STEPS) as step:
            fictional.load(people, step)


def _say_who_can_sign_in(demo: bool) -> None:
    from scrutineer_web import demonstration
    from scrutineer_web.kit import made_up_people
    from scrutineer_web.records.user import User

    if not User.objects.exists():
        say(
            "No one has an account yet. Create the first one with: scrutineer room account NAME --administrator"
        )
    if demo:
        say("Synthetic data: fictional areas. Nobody was inspected.")
        say(f"Sign in as one of these, with the password {demonstration.PASSWORD}:")
        for name, who in made_up_people.list_people():
            out.print(f"  {name:<14} {who}", highlight=False)


@room.command("account")
@_catch_faults_of
def create_account(
    name: Annotated[str, typer.Argument(help="The username.")],
    full_name: Annotated[str, typer.Option("--name", help="The person's name.")] = "",
    administrator: Annotated[
        bool, typer.Option("--administrator", help="Let this person create accounts and give people roles.")
    ] = False,
    password: Annotated[
        str,
        typer.Option(
            prompt=True,
            hide_input=True,
            confirmation_prompt=True,
            envvar="SCRUTINEER_PASSWORD",
            help="The password. If you leave it out, the command asks for it.",
        ),
    ] = "",
    data: Data = None,
    env_file: EnvFile = None,
) -> None:
    """Create an account from the command line: the first one, or one for a new administrator if none is left."""
    del env_file
    _enter(data)
    from scrutineer_web.actions.operations import accounts

    user = accounts.create(username=name, name=full_name or name, password=password, by=None)
    if administrator:
        accounts.appoint(user=user, role="administrator", by=None)
    say(f"{user.username} can sign in{' and create accounts' if administrator else ''}.")


@room.command(name="import")
@_catch_faults_of
def import_(
    folder: Annotated[Path, typer.Argument(help="An inspection's folder or zip file.")],
    by: Annotated[str, typer.Option("--by", help="The username of the person importing it.")],
    data: Data = None,
    env_file: EnvFile = None,
) -> None:
    """Import an inspection into the room."""
    del env_file
    _enter(data)
    from scrutineer.inspection.folder import open_folder
    from scrutineer_web.actions.frameworks import frameworks
    from scrutineer_web.actions.importing import folders

    frameworks.hold_offered()
    with open_folder(folder) as place:
        inspection = folders.import_folder(folder=place, by=_find_person(by))
    say(
        f"{inspection.area} has been imported as inspection {inspection.pk}, with {inspection.cases.count()} cases."
    )


@room.command()
@_catch_faults_of
def export(
    inspection: Annotated[int, typer.Argument(help="The inspection's number.")],
    folder: Annotated[Path, typer.Option("--out", help="The folder to write to.")],
    data: Data = None,
    env_file: EnvFile = None,
) -> None:
    """Export an inspection as a folder."""
    del env_file
    _enter(data)
    from scrutineer_web.exchange.export import make_folder
    from scrutineer_web.records.inspection import Inspection

    chosen = Inspection.objects.filter(pk=inspection).first()
    if chosen is None:
        listed = ", ".join(f"{pk} ({area})" for pk, area in Inspection.objects.values_list("pk", "area"))
        raise UserError(
            Fault("the room", f"there is no inspection {inspection}", f"Choose from: {listed or 'none'}")
        )
    files = make_folder(chosen)
    private.write_folder(folder, files)
    say(f"{len(files)} files of {chosen.area} are in {folder}.")


@room.command()
@_catch_faults_of
def create(data: Data = None, env_file: EnvFile = None) -> None:
    """Create an empty room, with its folder, secret and tables. Stops if there is a room already."""
    del env_file
    place = _begin(data)
    applied = room_places.list_tables(place)
    if applied and room_places.find_absent(place, applied) is None:
        do = "Name another folder, or open it: scrutineer serve"
        raise UserError(Fault(str(place.data), "there is already a room here", do))
    room_places.furnish(place, applied)
    _bring_up()
    say(
        "The room has been created. Create the first account with: scrutineer room account NAME --administrator"
    )


@room.command()
@_catch_faults_of
def upgrade(data: Data = None, env_file: EnvFile = None) -> None:
    """Bring a room's tables up to date with this version of the program. Starting the room does the same."""
    del env_file
    _enter(data, older=True)
    _bring_up()
    say("The room's tables are up to date.")


@room.command()
@_catch_faults_of
def check(data: Data = None, env_file: EnvFile = None) -> None:
    """Check the settings, the room, its database, the mail server and the sign-in provider, without changing anything.

    Exits with 0 if the room can start, 1 if it can't.
    """
    del env_file
    place = room_places.choose(data)
    say(str(place))
    faults = system_checks.find_wrong(os.environ, place.data) or reach.find_unusable(os.environ, place)
    for fault in faults:
        say(f"Problem: {fault}")
    for hint in (*system_checks.find_hints(os.environ), *(() if faults else reach.find_older(place))):
        say(f"Hint: {hint}")
    if faults:
        raise typer.Exit(1)
    say("The room can start.")


@room.command("backup")
@_catch_faults_of
def take_backup(
    file: Annotated[Path, typer.Argument(help="The file to write to.")],
    data: Data = None,
    env_file: EnvFile = None,
) -> None:
    """Back up the whole room while people carry on working. The backup contains everything shown as saved."""
    from datetime import UTC, datetime

    del env_file
    place = _enter(data, older=True)
    with show_steps("Backup", 2) as step:
        taken = backups.take(file, place.secret, datetime.now(UTC), step)
    say(
        f"{file}: {taken.events} events, schema {taken.schema}, {taken.size / 1e6:.1f} MB. Keep it as safe"
        " as the room itself: it contains everything."
    )


@room.command()
@_catch_faults_of
def restore(
    file: Annotated[Path, typer.Argument(help="The backup to restore.")],
    data: Data = None,
    env_file: EnvFile = None,
) -> None:
    """Restore a backup to an empty folder and database, then check every chain of events."""
    del env_file
    place = _begin(data, restoring=True)
    backup_told = backups.restore(file, place)
    _bring_up()
    from datetime import datetime

    from scrutineer_web.actions.operations import accounts, generations
    from scrutineer_web.audit.anchors import list_from_backup
    from scrutineer_web.audit.verify import list_broken
    from scrutineer_web.records.event import Event

    accounts.end_all_sessions(why="restored")
    generations.begin_after_restore(backup_of=datetime.fromisoformat(backup_told["taken_at"]), by=None)
    number, breaks = Event.objects.count(), list(list_broken(list_from_backup(backup_told, say)))
    for text in breaks:
        say(text)
    if number < backup_told["events"]:
        say(f"The backup had {backup_told['events']} events, and {number} are there.")
    if breaks or number < backup_told["events"]:
        raise typer.Exit(1)
    say(
        f"The room is back in {place.data}, as it was on {backup_told['taken_at'][:16]}:"
        f" {number} events, and every chain of events is intact."
    )


@audit.command()
@_catch_faults_of
def verify(
    anchors: Annotated[
        list[Path] | None,
        typer.Option("--anchors", help="A file of anchors that you kept elsewhere; may be repeated."),
    ] = None,
    data: Data = None,
    env_file: EnvFile = None,
) -> None:
    """Check that no one has altered the audit log, and that the database matches it.

    Exits with 0 if both are intact, 1 if not.
    """
    del env_file
    _enter(data)
    from scrutineer_web.audit.anchors import read_file
    from scrutineer_web.audit.verify import list_broken
    from scrutineer_web.records.event import Event

    elsewhere = [anchor for file in anchors or () for anchor in read_file(file)]
    breaks = 0
    for text in list_broken(elsewhere):
        say(text)
        breaks += 1
    number = Event.objects.count()
    if breaks:
        raise typer.Exit(1)
    say(
        f"{number} event{'' if number == 1 else 's'}: every chain is intact, and the database matches the log."
    )


@audit.command(name="anchors")
@_catch_faults_of
def write_anchors(
    out: Annotated[
        Path | None,
        typer.Option("--out", help="The file to write to. By default, one next to the room's data."),
    ] = None,
    data: Data = None,
    env_file: EnvFile = None,
) -> None:
    """Save where every chain of events ends now. Keep the file elsewhere, to compare with `audit verify --anchors`."""
    del env_file
    _enter(data)
    from scrutineer_web.audit import anchors

    path, chains = anchors.write(out)
    say(
        f"{path}: the ends of {chains} chains. Keep a copy where no one who can write to the room's database can change it."
    )


def _find_person(name: str) -> User:
    from scrutineer_web.records.user import User

    person = User.objects.filter(username=name.lower()).first()
    if person is None:
        raise UserError(
            Fault("--by", f"nobody has the username '{name}'", "Enter the username of an account")
        )
    return person
