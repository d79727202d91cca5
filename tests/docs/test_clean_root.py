"""The production guide in a clean root: an empty Debian, the packages that the guide names, its blocks in order.

It takes several minutes and the network, and so runs where SCRUTINEER_CLEAN_ROOT=1 says so (as root, with debootstrap).
What can be held against the guide without that is in `test_production_guide.py`.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import ROOT

GUIDE = ROOT / "docs" / "how-to" / "run-in-production.md"
RELEASE = "bookworm"
PASSED_ON = ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_DEFAULT_TIMEOUT", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY",
             "http_proxy", "https_proxy", "no_proxy")  # fmt: skip
"""How this machine reaches its indexes: used while the test runs, written down nowhere."""


def blocks(text: str) -> list[str]:
    """The guide's blocks of commands, in order."""
    return re.findall(r"```console\n(.*?)```", text, re.DOTALL)


def mirror() -> str:
    """Where this machine gets Debian's packages from; empty where it doesn't."""
    files = [Path("/etc/apt/sources.list"), *sorted(Path("/etc/apt/sources.list.d").glob("*"))]
    for path in files:
        text = path.read_text(encoding="utf-8") if path.is_file() else ""
        for match in re.finditer(
            rf"^(?:deb |URIs: )\s*(?:\[[^\]]*\] )?(\S+)(?:\s+{RELEASE} |\s)", text, re.M
        ):
            if "security" not in match[1] and re.search(rf"\b{RELEASE}\b", text) and "/debian" in match[1]:
                return match[1]
    return ""


def why_not() -> str:
    if os.environ.get("SCRUTINEER_CLEAN_ROOT") != "1":
        return "it takes minutes and the network; set SCRUTINEER_CLEAN_ROOT=1"
    if os.geteuid() != 0:
        return "only root can make a root"
    lacking = [name for name in ("debootstrap", "unshare", "git") if shutil.which(name) is None]
    if lacking:
        return f"{lacking[0]} is not on this machine"
    return "" if mirror() else "this machine names no mirror of Debian"


PRELUDE = """
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 HOME=/root
printf '#!/bin/sh\\nexit 101\\n' > /usr/sbin/policy-rc.d; chmod 755 /usr/sbin/policy-rc.d
systemctl() { echo "systemctl $*"; }
began=$SECONDS
after() { echo "== $((SECONDS - began)) s: $*"; }
"""

# The machine's own service manager would start the server at once; it listens on its socket alone here.
START_POSTGRES = """
version=$(ls /etc/postgresql)
sed -i "s/^#\\?listen_addresses.*/listen_addresses = ''/; s/^port.*/port = 5432/" /etc/postgresql/$version/main/postgresql.conf
pg_ctlcluster $version main start
"""

# What systemd would do with the units that the guide copies.
SERVE = """
unit() { grep -h "^$2=" /etc/systemd/system/$1 | cut -d= -f2- | sed 's/%%/%/g; s/[$][$]/$/g'; }
as_unit() { runuser -u "$(unit $1 User)" -- /bin/bash -c "umask $(unit $1 UMask); set -a; . $(unit $1 EnvironmentFile); cd $(unit $1 WorkingDirectory); exec $(unit $1 ExecStart)"; }
sed -i 's/--port 8000/--port PORT/' /etc/systemd/system/scrutineer.service
as_unit scrutineer.service > /tmp/served 2>&1 &
for n in $(seq 240); do
    if python3 - <<'PYTHON'
import sys, urllib.request
asked = urllib.request.Request("http://127.0.0.1:PORT/health/", headers={"Host": "room.example.org", "X-Forwarded-Proto": "https"})
try:
    print(urllib.request.urlopen(asked, timeout=5).read().decode())
except OSError as error:
    sys.exit(str(error))
PYTHON
    then break; fi
    sleep 1
done
test $n -lt 240 || { cat /tmp/served; exit 1; }
as_unit scrutineer-backup.service
as_unit scrutineer-verify.service
ls -l /srv/scrutineer/backups /srv/scrutineer/data
test -z "$(find /srv/scrutineer/data /srv/scrutineer/backups -perm /077)"
"""


def script(text: str, repository: str, port: int) -> str:
    """The guide as one program: its blocks, and between them what a service manager would do."""
    parts = [PRELUDE]
    for block in blocks(text):
        if "git pull" in block:
            continue  # there is nothing newer to pull; what comes after the pull was run before
        commands = block.replace("REPOSITORY", repository)
        commands = re.sub(
            r"^(.*room account .*)$",
            r"printf 'a long pass phrase\\na long pass phrase\\n' | \1",
            commands,
            flags=re.M,
        )
        parts += [f"set -x\n{commands}\n{{ set +x; }} 2> /dev/null", f"after {commands.split()[0]} done"]
        if "install -y" in block and "postgresql" in block:
            parts.append(START_POSTGRES)
        if "systemctl enable" in block:
            parts.append(SERVE.replace("PORT", str(port)))
    return "\n".join([*parts, "du -sh /srv/scrutineer/app/.venv", "echo THE GUIDE WORKS"])


@pytest.mark.skipif(bool(why_not()), reason=why_not() or "-")
def test_the_guide_works_in_a_clean_root(tmp_path: Path) -> None:
    from tests.web.served import free_port

    root = tmp_path / "root"
    try:
        done = subprocess.run(
            ["debootstrap", "--variant=minbase", RELEASE, str(root), mirror()], capture_output=True, text=True, check=False
        )  # fmt: skip
        assert done.returncode == 0, done.stdout[-2000:]
        repository = root / "srv" / "repository.git"
        subprocess.run(["git", "clone", "--quiet", "--bare", str(ROOT), str(repository)], check=True)
        shutil.copy("/etc/resolv.conf", root / "etc" / "resolv.conf")
        # Whom this machine trusts, where its indexes are not the public ones; before the guide's own list of authorities.
        certificates = os.environ.get("PIP_CERT", "")
        if certificates:
            shutil.copy(certificates, root / "etc" / "pip-authorities.pem")
        (root / "guide.sh").write_text(
            script(GUIDE.read_text(encoding="utf-8"), "/srv/repository.git", free_port())
        )
        env = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}
        env |= {name: os.environ[name] for name in PASSED_ON if name in os.environ}
        env |= {"PIP_CERT": "/etc/pip-authorities.pem"} if certificates else {}
        # With its own processes: when the program ends, the server and the room that it started end, too.
        command = [
            "unshare",
            "--mount",
            "--pid",
            "--fork",
            f"--mount-proc={root}/proc",
            "chroot",
            str(root),
            "bash",
            "/guide.sh",
        ]
        done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
        print(done.stdout, done.stderr)  # noqa: T201 shown where it fails, or with -s
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
        assert "THE GUIDE WORKS" in done.stdout
    finally:
        shutil.rmtree(root, ignore_errors=True)
