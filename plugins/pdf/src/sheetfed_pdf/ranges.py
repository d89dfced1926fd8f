"""Page ranges as people write them: 1-3,7,10-."""

from __future__ import annotations

import re

from sheetfed.api.errors import BadSettings

_PART = re.compile(r"\s*(\d{1,7})?\s*(-)?\s*(\d{1,7})?\s*")


def pages_of(text: str, count: int) -> tuple[int, ...]:
    """Return the indices of pages that a range names, in its order. Raises BadSettings.

    `5-3` counts down, `-3` begins with the first page and `10-` ends with the last.
    """
    if not text.strip():
        return tuple(range(count))
    found: list[int] = []
    for part in text.split(","):
        match = _PART.fullmatch(part)
        if match is None or not any(match.groups()[::2]):
            raise BadSettings(f"pages cannot be {text!r}; write it as 1-3,7,10-", option="pages")
        first = int(match[1] or 1)
        last = int(match[3] or (count if match[2] else first))
        for number in (first, last):
            if not 1 <= number <= count:
                raise BadSettings(
                    f"there is no page {number}; the file has {count}", option="pages"
                )
        step = 1 if first <= last else -1
        found += range(first - 1, last - 1 + step, step)
        if len(found) > 10 * count + 1000:
            raise BadSettings("pages names the same pages too often", option="pages")
    return tuple(found)
