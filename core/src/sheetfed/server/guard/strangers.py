"""Keeps other accounts from using up our connections."""

from __future__ import annotations

import socket
from collections.abc import Collection
from typing import Any
from weakref import WeakSet

from sheetfed.server.guard import peers

MOST = 16
"""So many connections other accounts may have at once; each hears that it is refused."""

PATIENCE = 1.0
"""Seconds that such a connection may take to ask."""


class Entrance(socket.socket):
    """A socket that listens; of other accounts it takes a few connections only, before TLS too."""

    def __init__(self, *words: Any, **options: Any) -> None:
        super().__init__(*words, **options)
        self.others: Collection[int] = ()
        self._strangers: WeakSet[socket.socket] = WeakSet()

    def accept(self) -> tuple[socket.socket, Any]:
        """Return the next connection. Raises ConnectionAbortedError for one too many."""
        connection, address = super().accept()
        if peers.is_ours(connection, self.others):
            return connection, address
        if sum(other.fileno() != -1 for other in self._strangers) >= MOST:
            connection.close()
            raise ConnectionAbortedError("another account has enough connections")
        self._strangers.add(connection)
        return connection, address
