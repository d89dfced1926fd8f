"""The texts of systemd's units."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

NAME = "sheetfed"
SERVICE = f"{NAME}.service"
SOCKET = f"{NAME}.socket"
TRUST = f"{NAME}-trust.service"

HOSTS = ("127.0.0.1", "[::1]")

MARK = "# Made by `sheetfed service install`; `sheetfed service remove` takes it away."
PACKAGED = "# Part of the package sheetfed; it goes with it."

GROUPS = ("scanner", "lp", "video")
"""Groups of the computer whose members may use scanners and cameras, on Debian and elsewhere."""

_EVERYWHERE = """
NoNewPrivileges=yes
LockPersonality=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
SystemCallArchitectures=native
LimitCORE=0
"""

_CALLS = """
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
SystemCallFilter=prlimit64 setrlimit sched_setaffinity setpriority
SystemCallFilter=seccomp landlock_create_ruleset landlock_add_rule landlock_restrict_self
SystemCallErrorNumber=EPERM
"""
"""A driver or a codec lowers its own limits and closes its own box, so it may do that much."""

_MACHINE = """
DynamicUser=yes
SupplementaryGroups={groups}
StateDirectory=sheetfed
StateDirectoryMode=0700
Environment=SHEETFED_HOME=/var/lib/sheetfed
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
PrivateMounts=yes
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectControlGroups=yes
ProtectClock=yes
ProtectHostname=yes
ProtectProc=invisible
ProcSubset=pid
RemoveIPC=yes
UMask=0077
RestrictNamespaces=yes
CapabilityBoundingSet=
AmbientCapabilities=
DevicePolicy=closed
DeviceAllow=char-usb_device rw
DeviceAllow=char-video4linux rw
MemoryDenyWriteExecute=yes
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What the units are to start, and where it listens.

    `local` is the socket for tools as systemd reads a path; `groups` are those of the machine's
    groups that may use scanners, as far as there are any; `mark` says who made the units.
    """

    command: Sequence[str]
    ports: Sequence[int]
    hosts: Sequence[str] = HOSTS
    local: str = ""
    groups: Sequence[str] = ()
    mark: str = MARK


def for_account(wanted: Wanted) -> dict[str, str]:
    """Return the units of one account by file name: sockets that start the service at need."""
    return {SERVICE: _service(wanted, _EVERYWHERE + _CALLS), SOCKET: _socket(wanted)}


def for_machine(wanted: Wanted) -> dict[str, str]:
    """Return the units of a computer without a person at it, as closed as drivers bear it."""
    closed = _MACHINE.format(groups=" ".join(wanted.groups))
    return {SERVICE: _service(wanted, _EVERYWHERE + _CALLS + closed), SOCKET: _socket(wanted)}


def for_trust(command: Sequence[str], *, mark: str = MARK) -> str:
    """Return the unit that tells an account's browsers of its certificate, at each logon."""
    return f"""{mark}
[Unit]
Description=This account's browsers know sheetfed's certificate

[Service]
Type=oneshot
ExecStart={" ".join(quoted(word) for word in (*command, "--quiet", "trust", "install"))}
StandardOutput=null
SuccessExitStatus=1
Nice=19
IOSchedulingClass=idle

[Install]
WantedBy=default.target
"""


def quoted(word: str) -> str:
    """Return one word of a command as systemd reads it (systemd.service(5), Command lines)."""
    for sign, written in (("\\", "\\\\"), ('"', '\\"'), ("%", "%%"), ("$", "$$"), ("\n", "\\n")):
        word = word.replace(sign, written)
    return f'"{word}"'


def of_path(path: Path) -> str:
    """Return a path as systemd reads it, where a `%` is a specifier."""
    return str(path).replace("%", "%%")


def _service(wanted: Wanted, closed: str) -> str:
    command = " ".join(quoted(word) for word in wanted.command)
    return f"""{wanted.mark}
[Unit]
Description=sheetfed: scanners for web pages
StartLimitIntervalSec=600
StartLimitBurst=5

[Service]
Type=notify
ExecStart={command}
WatchdogSec=20
TimeoutStartSec=60
TimeoutStopSec=30
KillMode=mixed
Restart=on-failure
RestartSec=100ms
{closed.strip().replace(chr(10) * 2, chr(10))}
"""


def _socket(wanted: Wanted) -> str:
    return f"""{wanted.mark}
[Unit]
Description=sheetfed's ports
# Where another program has a port, the service starts at once and takes the next ones.
OnFailure={SERVICE}

[Socket]
{chr(10).join(_streams(wanted))}
BindIPv6Only=ipv6-only
Backlog=128
SocketMode=0600
DirectoryMode=0700
RemoveOnStop=yes

[Install]
WantedBy=sockets.target
"""


def _streams(wanted: Wanted) -> Iterator[str]:
    for port in wanted.ports:
        for host in wanted.hosts:
            yield f"ListenStream={host}:{port}"
    if wanted.local:
        yield f"ListenStream={wanted.local}"
