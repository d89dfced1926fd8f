"""`sheetfed token`: what scripts and tests show the service."""

from __future__ import annotations

import click

from sheetfed.cli.open import running
from sheetfed.cli.root import Run


@click.command("token")
@click.option("--origin", metavar="ORIGIN", help="Act as this approved site, to try things.")
@click.pass_obj
def command(run: Run, *, origin: str | None) -> None:
    """Print a token for the running service; it is good for a quarter of an hour.

    Send it as `Authorization: Bearer TOKEN`. With --origin, send exactly that Origin as well.
    """
    made = running(run.config).post("/v1/local-tokens", {"origin": origin} if origin else {})
    print(made["token"])
