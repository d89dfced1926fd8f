"""What PDFBox Preflight, which knows PDF/A-1b, says about files."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

JARS = ("preflight", "pdfbox2", "fontbox2", "xmpbox", "commons-logging", "javax.activation",
        "jaxb-api")  # fmt: skip
PROGRAM = "org.apache.pdfbox.preflight.Validator_A1b"

OTHER_PART = "7.11.2 : Error on MetaData, part must be 1"
"""What is said of PDF/A-2 and 3, and all that is said where the rest is as in part 1."""

_FILE = re.compile(r"The file (\S+) is (?:not )?a valid PDF/A-1b file")


def faults(folder: Path) -> Mapping[str, list[str]]:
    """Return what is wrong with each PDF of a folder, by its name; one Java looks at all."""
    path = os.pathsep.join(f"/usr/share/java/{name}.jar" for name in JARS)
    command = ["java", "-XX:TieredStopAtLevel=1", "-cp", path, PROGRAM, "batch", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    said = _FILE.split(done.stdout)[1:]
    assert said, done.stdout + done.stderr
    return {
        name: [line for line in lines.splitlines()[1:] if line]
        for name, lines in zip(said[::2], said[1::2], strict=True)
    }
