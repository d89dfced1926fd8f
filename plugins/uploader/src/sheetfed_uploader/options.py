"""Settings that protocols share."""

from __future__ import annotations

from sheetfed.api.model import Choice, Option

URL = Option(name="url", title="Address", kind="text", default="")
USER = Option(name="user", title="User", kind="text", default="")
PASSWORD = Option(name="password", title="Password", kind="secret")
CA = Option(
    name="ca",
    title="Authority",
    kind="text",
    default="",
    description="A PEM file of the authority that signed the server's certificate.",
)
INTERNAL = Option(
    name="internal",
    title="Inside",
    kind="bool",
    default=False,
    description="The target is this computer or in its own network.",
)
PLAIN = Option(
    name="plain",
    title="Without TLS",
    kind="bool",
    default=False,
    description="The connection may be read on its way; for internal targets only.",
)
TIMEOUT = Option(
    name="timeout",
    title="Patience",
    kind="int",
    default=120,
    minimum=1,
    maximum=500,
    unit="s",
    description="How long the server may think once it has everything.",
)
COLLISION = Option(
    name="collision",
    title="Where the name is taken",
    kind="choice",
    default="number",
    choices=(
        Choice(value="number", title="Take the next free number"),
        Choice(value="fail", title="Refuse"),
        Choice(value="overwrite", title="Replace what is there"),
    ),
)
COMPARE = Option(
    name="compare",
    title="What is compared",
    kind="choice",
    default="size",
    choices=(
        Choice(value="size", title="The size"),
        Choice(value="content", title="Every byte; the file is read back"),
    ),
)
NETWORK = (URL, USER, PASSWORD, CA, INTERNAL, PLAIN, TIMEOUT)


def lines(value: object) -> list[str]:
    """Return the lines of a setting that was written as a list or a table."""
    return [line.strip() for line in str(value or "").splitlines() if line.strip()]
