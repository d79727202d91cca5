"""A backup's file taken apart: what is no whole backup is refused with a sentence, and nothing is written elsewhere; on every Python."""

from __future__ import annotations

import ast
import gzip
import io
import json
import os
import random
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from scrutineer.errors import UserError
from scrutineer_web.running import archive, backup
from tests.conftest import ROOT

CONTENT = b"SQLite format 3\x00" + bytes(range(256)) * 40


def a_backup(path: Path, **description: object) -> Path:
    """A file that `unpack` takes: of no room, but with everything in its place."""
    import hashlib

    from scrutineer_web.running import room_places

    details = {
        "format": 1, "kind": "room backup", "vendor": "sqlite", "version": "0", "schema": max(room_places.list_released()), "events": 3,
        "taken_at": "2026-11-28T12:00:00+00:00", "sha256": hashlib.sha256(CONTENT).hexdigest(), **description,
    }  # fmt: skip
    with path.open("wb") as file:
        archive.pack(
            file,
            {"backup.json": json.dumps(details).encode(), "room.sqlite3": CONTENT, "secret-key": b"x" * 50},
        )
    return path


def taken_apart(path: Path, folder: Path) -> dict[str, object]:
    folder.mkdir()
    return backup.unpack(path, folder)


def test_what_was_packed_comes_back(tmp_path: Path) -> None:
    description = taken_apart(a_backup(tmp_path / "room.tar"), tmp_path / "out")
    assert description["events"] == 3
    assert (tmp_path / "out" / "room.sqlite3").read_bytes() == CONTENT
    assert {p.stat().st_mode & 0o777 for p in (tmp_path / "out").iterdir()} == {0o600}


def member(
    name: str, kind: bytes = tarfile.REGTYPE, content: bytes = b"x", link: str = ""
) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.size = kind, link, len(content)
    return info, content


OUTSIDE = "/tmp/scrutineer-outside"  # noqa: S108 it must not be made
HOSTILE = {
    "beside the folder": member("../outside"), "from the root": member(OUTSIDE), "below": member("a/room.sqlite3"),
    "another name": member("extra"), "a link": member("secret-key", tarfile.SYMTYPE, b"", "/etc/passwd"),
    "a hard link": member("secret-key", tarfile.LNKTYPE, b"", "backup.json"), "a device": member("secret-key", tarfile.CHRTYPE, b""),
    "a pipe": member("secret-key", tarfile.FIFOTYPE, b""), "a folder": member("secret-key", tarfile.DIRTYPE, b""),
    "twice": member("backup.json"), "too large": member("secret-key", content=bytes(archive.SMALL + 1)),
    "with holes": member("secret-key", tarfile.GNUTYPE_SPARSE, b""),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_any_other_member_is_refused_and_written_nowhere(tmp_path: Path, name: str) -> None:
    path, outside = a_backup(tmp_path / "room.tar"), Path(OUTSIDE)
    with tarfile.open(path) as whole:
        held = [(m, whole.extractfile(m).read()) for m in whole.getmembers()]  # type: ignore[union-attr]
    extra, content = HOSTILE[name]
    with tarfile.open(path, "w") as changed:
        for info, text in [(m, t) for m, t in held if m.name != "secret-key"] + [(extra, content)]:
            changed.addfile(info, io.BytesIO(text))
    with pytest.raises(UserError, match="this isn't a backup of a room, or it is damaged"):
        taken_apart(path, tmp_path / "deep")
    assert not outside.exists()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["deep", "room.tar"]
    assert not any(p.is_symlink() for p in (tmp_path / "deep").iterdir())


def test_a_size_that_is_only_claimed_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "room.tar"
    info = tarfile.TarInfo("room.sqlite3")
    info.size = 10**13
    path.write_bytes(info.tobuf() + bytes(2048))
    with pytest.raises(UserError, match="damaged"):
        taken_apart(path, tmp_path / "out")
    assert not any((tmp_path / "out").iterdir())


def test_a_compressed_one_is_not_unpacked_without_bound(tmp_path: Path) -> None:
    path = tmp_path / "room.tar.gz"
    path.write_bytes(gzip.compress(a_backup(tmp_path / "room.tar").read_bytes()))
    with pytest.raises(UserError, match=r"it is compressed \(gzip\)"):
        taken_apart(path, tmp_path / "out")


def test_wherever_a_backup_is_cut_or_altered_it_is_a_sentence(tmp_path: Path) -> None:
    whole = a_backup(tmp_path / "room.tar").read_bytes()
    draw = random.Random(41)
    cuts = [
        whole[:n] for n in (0, 1, 2, 511, 512, 513, 1024, *(draw.randrange(len(whole)) for _ in range(40)))
    ]
    altered = []
    for _ in range(300):
        content = bytearray(whole)
        at = (
            draw.randrange(0, 5) * 512 + draw.randrange(512)
            if draw.random() < 0.8
            else draw.randrange(len(whole))
        )
        content[at % len(content)] ^= 1 << draw.randrange(8)
        altered.append(bytes(content))
    refused = 0
    for n, content in enumerate([*cuts, *altered]):
        path = tmp_path / f"{n}.tar"
        path.write_bytes(content)
        try:
            taken_apart(path, tmp_path / f"out{n}")
        except UserError:
            refused += 1
        else:  # a changed date or padding of the archive: the database is what was written
            assert (tmp_path / f"out{n}" / "room.sqlite3").read_bytes() == CONTENT
        shutil.rmtree(tmp_path / f"out{n}")
    assert refused > 200


@pytest.mark.parametrize("description", [
    {"kind": "letter"}, {"vendor": "oracle"}, {"vendor": "postgresql"}, {"sha256": 7}, {"events": "3"}, {"schema": None}, {"format": "1"},
])  # fmt: skip
def test_a_backup_that_says_nonsense_of_itself_is_refused(
    tmp_path: Path, description: dict[str, object]
) -> None:
    with pytest.raises(UserError, match="isn't a backup of a room"):
        taken_apart(a_backup(tmp_path / "room.tar", **description), tmp_path / "out")


@pytest.mark.parametrize("description", [{"format": 2}, {"schema": "9999_later"}])
def test_a_newer_backup_is_said_to_be_one(tmp_path: Path, description: dict[str, object]) -> None:
    with pytest.raises(UserError, match="by a newer version"):
        taken_apart(a_backup(tmp_path / "room.tar", **description), tmp_path / "out")


def test_an_error_of_the_program_is_never_called_a_damaged_backup(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On Python 3.11.2 one was: every restore there failed with a sentence that was false."""

    def broken(*_: object) -> None:
        raise TypeError("this Python has no such argument")

    path = a_backup(tmp_path / "room.tar")
    for target, name in ((archive, "_write"), (backup, "_hash_file"), (tarfile.TarFile, "extractfile")):
        with monkeypatch.context() as patch:
            patch.setattr(target, name, broken)
            with pytest.raises(TypeError):
                taken_apart(path, tmp_path / name)


# -- every Python that is here -----------------------------------------------------------


def pythons() -> list[str]:
    """Every other Python of 3.11 or later on this machine: by version, the first of each."""
    room_places = [
        Path("/usr/bin"),
        Path("/usr/local/bin"),
        Path("/opt/python/bin"),
        *map(Path, os.environ.get("PATH", "").split(":")),
    ]
    room_places += [p / "bin" for p in sorted((Path.home() / ".pyenv" / "versions").glob("3.*"))]
    seen: dict[str, str] = {}
    for place in room_places:
        for path in sorted(place.glob("python3.1[1-9]")):
            asked = [str(path), "-c", "import sys; print(sys.version.split()[0], sys.implementation.name)"]
            done = subprocess.run(asked, capture_output=True, text=True, check=False)
            version, _, kind = done.stdout.strip().partition(" ")
            if done.returncode == 0 and kind == "cpython" and version != sys.version.split()[0]:
                seen.setdefault(version, str(path))
    return [path for _, path in sorted(seen.items(), key=lambda item: [int(n) for n in item[0].split(".")])]


PROGRAM = """
import sys, tempfile, warnings
from pathlib import Path
warnings.simplefilter("error")
root = Path(sys.argv[1])
sys.path.insert(0, str(root))
for folder in ("scrutineer", "scrutineer_web"):
    for path in (root / folder).rglob("*.py"):
        compile(path.read_text(encoding="utf-8"), str(path), "exec")
from scrutineer.errors import UserError
from scrutineer_web.running import archive
from scrutineer_web.running.env_file import read_env_file
from scrutineer_web.kit import private
with tempfile.TemporaryDirectory() as place:
    there = Path(place)
    (there / "database").write_bytes(bytes(range(256)) * 999)
    with private.write_whole(there / "room.tar") as file:
        archive.pack(file, {"said": b"{}", "database": there / "database"})
    (there / "out").mkdir()
    assert archive.unpack(there / "room.tar", there / "out", {"said": 10, "database": None}) == {"said", "database"}
    assert (there / "out" / "database").read_bytes() == bytes(range(256)) * 999
    assert (there / "out" / "database").stat().st_mode & 0o777 == 0o600
    (there / "again").mkdir()
    try:
        archive.unpack(there / "room.tar", there / "again", {"said": 10})
    except UserError as error:
        assert "damaged" in str(error)
    else:
        raise AssertionError
    (there / "settings").write_text('A="x y"')
    assert read_env_file(there / "settings") == {"A": "x y"}
print("well")
"""


def test_the_lowest_and_the_newest_python_here_compile_everything_and_restore() -> None:
    """What differs between versions and needs no library; the clean root runs all of it on its system's own Python."""
    versions = pythons()
    if not versions:
        pytest.skip("no other Python of 3.11 or later is on this machine")
    for python in {versions[0], versions[-1]}:
        done = subprocess.run(
            [python, "-I", "-c", PROGRAM, str(ROOT)], capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stdout.strip()) == (0, "well"), f"{python}: {done.stderr[-2000:]}"


def test_nothing_is_unpacked_by_what_only_some_pythons_have() -> None:
    """`extractall(filter=)` is missing before 3.11.4, and without it an archive writes where it likes."""
    for folder in ("scrutineer", "scrutineer_web"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                called = (
                    node.func.attr
                    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
                    else ""
                )
                assert called not in ("extractall", "unpack_archive"), (
                    f"{path} line {getattr(node, 'lineno', 0)}"
                )
