"""The numbers of TWAIN 2.x that are used here, by name."""
# SPDX-License-Identifier: GPL-2.0-only

from __future__ import annotations

from enum import IntEnum

CONTROL = 1
IMAGE = 2
"""Data groups."""


class Data(IntEnum):
    """What a call is about (DAT)."""

    CAPABILITY = 0x0001
    EVENT = 0x0002
    IDENTITY = 0x0003
    PENDING = 0x0005
    SETUP_MEMORY = 0x0006
    SETUP_FILE = 0x0007
    STATUS = 0x0008
    INTERFACE = 0x0009
    CUSTOM = 0x000C
    INFO = 0x0101
    LAYOUT = 0x0102
    MEMORY = 0x0103
    NATIVE = 0x0104
    FILE = 0x0105


class Message(IntEnum):
    """What a call asks for, and what a source tells (MSG)."""

    NULL = 0
    GET = 1
    FIRST = 4
    NEXT = 5
    SET = 6
    RESET = 7
    QUERY_SUPPORT = 8
    READY = 0x0101
    CLOSE = 0x0102
    CLOSE_OK = 0x0103
    DISABLE = 0x0501
    ENABLE = 0x0502
    PROCESS_EVENT = 0x0601
    END_TRANSFER = 0x0701


class Answer(IntEnum):
    """What a call returns (TWRC)."""

    SUCCESS = 0
    FAILURE = 1
    CHECK_STATUS = 2
    CANCEL = 3
    DS_EVENT = 4
    NOT_DS_EVENT = 5
    TRANSFER_DONE = 6
    END_OF_LIST = 7
    BUSY = 10
    LOCKED = 11


class Cap(IntEnum):
    """The capabilities that have a meaning of ours."""

    TRANSFER_COUNT = 0x0001
    COMPRESSION = 0x0100
    PIXEL_TYPE = 0x0101
    UNITS = 0x0102
    TRANSFER = 0x0103
    FEEDER_ENABLED = 0x1002
    FEEDER_LOADED = 0x1003
    SUPPORTED = 0x1005
    AUTO_FEED = 0x1007
    INDICATORS = 0x100B
    PAPER_DETECTABLE = 0x100D
    DUPLEX = 0x1012
    DUPLEX_ENABLED = 0x1013
    CUSTOM_DATA = 0x1015
    BRIGHTNESS = 0x1101
    CONTRAST = 0x1103
    FILE_FORMAT = 0x110C
    ORIENTATION = 0x1110
    WIDTH = 0x1111
    HEIGHT = 0x1112
    RESOLUTION = 0x1118
    RESOLUTION_DOWN = 0x1119
    FLAVOR = 0x111F
    PLANAR = 0x1120
    THRESHOLD = 0x1123
    DEPTH = 0x112B
    DISCARD_BLANK = 0x1134
    BORDER = 0x1150
    DESKEW = 0x1151
    ROTATE = 0x1152


class Way(IntEnum):
    """How an image crosses (TWSX)."""

    NATIVE = 0
    FILE = 1
    MEMORY = 2


BITMAP_FILE = 2
"""TWFF_BMP."""
