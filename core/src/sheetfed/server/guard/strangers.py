"""Keeps other accounts from using up our connections."""

from __future__ import annotations

import socket
from collections.abc import Collection
from typing import Any
from weakref import WeakSet, WeakValueDictionary

from sheetfed.server.guard import peers

MOST = 16
"""So many connections other accounts may have at once; each hears that it is refused."""

PATIENCE = 1.0
"""Seconds that such a connection may take to ask."""


class Entrance(socket.socket):
    """A socket that listens; of other accounts it takes a few connections only, before TLS too.

    Not on Windows, whose event loop accepts without asking it. There no process runs out of
    connections at a thousand; each is ended all the same, after its patience or TLS's.
    """

    def __init__(self, *words: Any, **options: Any) -> None:
        super().__init__(*words, **options)
        self.others: Collection[peers.Account] = ()
        self._strangers: WeakSet[socket.socket] = WeakSet()

    def accept(self) -> tuple[socket.socket, Any]:
        """Return the next connection. Raises ConnectionAbortedError for one too many."""
        connection, address = super().accept()
        if peers.is_ours(connection, self.others):
            _ours[connection.fileno()] = connection
            return connection, address
        if sum(other.fileno() != -1 for other in self._strangers) >= MOST:
            connection.close()
            raise ConnectionAbortedError("another account has enough connections")
        self._strangers.add(connection)
        return connection, address


_ours: WeakValueDictionary[int, socket.socket] = WeakValueDictionary()
"""Connections that an entrance found to be ours, by their descriptors."""


def was_ours(descriptor: int) -> bool:
    """Tell whether an entrance has found this connection to be ours: it is asked of once only.

    As long as that socket is open, nothing else has its descriptor.
    """
    known = _ours.get(descriptor)
    return known is not None and known.fileno() == descriptor
