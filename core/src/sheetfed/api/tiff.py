"""Numbers that TIFF has for tags, packings and colours."""

from __future__ import annotations

from collections.abc import Mapping

WIDTH, HEIGHT, BITS, PACKING, LIGHT, FILL = 256, 257, 258, 259, 262, 266
STRIPS, SAMPLES, ROWS, STRIP_SIZES, PLANES, PREDICTOR = 273, 277, 278, 279, 284, 317
TABLES, SHARE = 347, 530
COLOURS, TILE_WIDTH, TILE_HEIGHT, TILES, TILE_SIZES = 320, 322, 323, 324, 325
EXTRA, FORMAT, LEAST, GREATEST, ORIENTATION = 338, 339, 340, 341, 274
WHITE_IS_ZERO, BLACK_IS_ZERO, RGB, PALETTE, MASK, CMYK, YCBCR, LAB, ICC_LAB = (
    0, 1, 2, 3, 4, 5, 6, 8, 9,
)  # fmt: skip
COUNTS: Mapping[int, int] = {
    WHITE_IS_ZERO: 1, BLACK_IS_ZERO: 1, RGB: 3, PALETTE: 1, MASK: 1, CMYK: 4, YCBCR: 3,
    LAB: 3, ICC_LAB: 3,
}  # fmt: skip
"""How many samples a colour has, by what they mean."""

UNSIGNED, SIGNED, FLOAT, UNTOLD = 1, 2, 3, 4
ASSOCIATED, COVERS = 1, frozenset({1, 2, 999})
UNPACKED = 1
ZSTD = 50000
OF_BYTES = frozenset({UNPACKED, 5, 8, 32773, 32946, 34925, ZSTD})
"""Ways to pack bytes, whatever these mean."""

FAX_OF_WORDS = 32771
JBIGS, LERC = frozenset({9, 34661}), 34887
LERC_WRAP = 50674
"""The tag that says how LERC is packed once more."""

OLD_JPEG, JPEG, WEBP, DEEP_JPEG = 6, 7, 50001, 12
OF_PICTURES: Mapping[int, str] = {
    33003: "JPEG2000", 33005: "JPEG2000", 34712: "JPEG2000", WEBP: "WEBP",
}  # fmt: skip
"""Ways in which each piece is a picture file of its own."""

NAMES: Mapping[int, str] = {
    2: "fax", 3: "fax", 4: "fax", OLD_JPEG: "JPEG of the old style", JPEG: "JPEG", 9: "JBIG",
    32766: "NeXT", FAX_OF_WORDS: "fax", 32809: "ThunderScan", 32909: "PixarLog",
    33003: "JPEG 2000", 33005: "JPEG 2000", 34661: "JBIG", 34676: "SGILog", 34677: "SGILog",
    34712: "JPEG 2000", LERC: "LERC", WEBP: "WebP",
}  # fmt: skip
