"""What holds for every test."""

from __future__ import annotations

import signal

# A run in the background is started with Ctrl-C ignored, and so would be every program that a test
# starts and then stops.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
