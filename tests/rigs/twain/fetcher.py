"""A program of Windows that asks a service: an address and a token a line.

It says its number first, then for each line the status and the body in base64. It is asked again
where it was refused as a program of nobody: Wine knows whose a connection is once it has sent
something, which the service may be quicker than.
"""

from __future__ import annotations

import base64
import os
import sys
import urllib.error
import urllib.request

TRIES = 20
REFUSED = 403


def ask(address: str, token: str) -> tuple[int, bytes]:
    """Return status and body."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    try:
        with urllib.request.urlopen(urllib.request.Request(address, headers=headers)) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


print(os.getpid(), flush=True)
for line in sys.stdin:
    address, _, token = line.strip().partition(" ")
    for _ in range(TRIES):
        status, body = ask(address, token)
        if status != REFUSED:
            break
    print(status, base64.b64encode(body).decode(), flush=True)
