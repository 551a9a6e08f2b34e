"""What the checks share: a finding, and the files that belong to the project."""

import os
import subprocess
from pathlib import Path
from typing import NamedTuple


class Finding(NamedTuple):
    """One thing to mend."""

    file: str
    line: int
    message: str

    def __str__(self):
        return f"{self.file}:{self.line}: {self.message}"


def project_files(root):
    """The paths, relative to the root, that git tracks or would track, sorted."""
    listing = subprocess.run(
        ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        capture_output=True, check=True).stdout
    names = {os.fsdecode(name) for name in listing.split(b"\0") if name}
    return sorted(name for name in names if (Path(root) / name).is_file())


def line_of(text, needle):
    """The number of the first line that holds the needle, or 1."""
    position = text.find(needle)
    return 1 if position < 0 else text.count("\n", 0, position) + 1
