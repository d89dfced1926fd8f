"""Who may talk to us: one check a room, and the door."""
