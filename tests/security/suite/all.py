"""Every attack, by its id."""

from __future__ import annotations

from suite import crossing, deliveries, hosts, machine, origins, parsing, sockets, tokens
from suite.attack import Attacks

ROOMS = (hosts, origins, crossing, tokens, sockets, parsing, deliveries, machine)

ATTACKS: Attacks = {name: each for room in ROOMS for name, each in room.ATTACKS.items()}
