"""Links in the documents lead somewhere, and ARCHITECTURE.md has a section for every target."""

import re
import unicodedata
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

from common import Finding

FENCE = re.compile(r"^\s{0,3}(`{3,}|~{3,})")
HEADING = re.compile(r"^\s{0,3}#{1,6}\s+(?P<text>.*?)\s*#*\s*$")
CODE = re.compile(r"(`+).+?\1")
LINKS = [
    re.compile(r"!?\[(?:[^\[\]]|\[[^\]]*\])*\]\(\s*<?(?P<to>[^)\s>]+)>?(?:\s+[\"'(][^)]*)?\)"),
    re.compile(r"^\s{0,3}\[[^\]]+\]:\s*<?(?P<to>[^\s>]+)>?"),
    re.compile(r"\b(?:href|src)\s*=\s*[\"'](?P<to>[^\"']+)[\"']"),
]
# An image that is a link holds a link in its text: [![text](image)](target).
NESTED = re.compile(r"\[!\[[^\]]*\]\([^)]*\)\]\(\s*(?P<to>[^)\s]+)\)")
ANCHOR = re.compile(r"<\w+[^>]*\b(?:id|name)\s*=\s*[\"'](?P<id>[^\"']+)[\"']")
SCHEME = re.compile(r"^(?:[a-zA-Z][a-zA-Z0-9+.-]*:|//)")


def prose(text):
    """The lines outside fenced code as (number, line)."""
    fence = None
    for number, line in enumerate(text.splitlines(), start=1):
        if match := FENCE.match(line):
            mark = match[1]
            if fence is None:
                fence = mark
            elif mark[0] == fence[0] and len(mark) >= len(fence):
                fence = None
        elif fence is None:
            yield number, line


def slug(heading):
    """The anchor that code hosts give a heading: lower case, blanks as hyphens, other punctuation dropped."""
    text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "")
    text = re.sub(r"<[^>]+>|[*]", "", text).strip().lower()
    kept = (c for c in text if c in " -_" or unicodedata.category(c)[0] in "LMN")
    return "".join(kept).replace(" ", "-")


def anchors(text):
    found, seen = set(), {}
    for _, line in prose(text):
        found.update(match["id"] for match in ANCHOR.finditer(line))
        if match := HEADING.match(line):
            name = slug(match["text"])
            count = seen.get(name, 0)
            seen[name] = count + 1
            found.add(f"{name}-{count}" if count else name)
    return found


def links(text):
    """The link targets as (line, target), those in code left out."""
    for number, line in prose(text):
        bare = CODE.sub("", line)
        targets = {match["to"]: None for pattern in [NESTED, *LINKS] for match in pattern.finditer(bare)}
        for to in targets:
            yield number, to


def resolve(document, to):
    """The path from the root that a link names, or None when it leaves the project."""
    base = PurePosixPath() if to.startswith("/") else PurePosixPath(document).parent
    parts = []
    for part in (base / to.lstrip("/")).parts:
        if part == "..":
            if not parts:
                return None
            parts.pop()
        else:
            parts.append(part)
    return "/".join(parts)


def check_links(root, files):
    """Findings for links of the Markdown files that lead nowhere."""
    present = set(files) | {str(parent) for f in files for parent in PurePosixPath(f).parents} | {""}
    texts = {f: (Path(root) / f).read_text(encoding="utf-8") for f in files if f.lower().endswith(".md")}
    findings = []
    for document, text in texts.items():
        for line, to in links(text):
            if SCHEME.match(to):
                continue
            path, _, anchor = unquote(to).partition("#")
            target = resolve(document, path.partition("?")[0]) if path else document
            if target is None or target not in present:
                findings.append(Finding(document, line, f"link to {to}: no such file in the project"))
            elif anchor and target in texts and anchor not in anchors(texts[target]):
                findings.append(Finding(document, line, f"link to {to}: {target} has no heading for #{anchor}"))
    return findings


def check_architecture(root, package, files):
    """Findings for targets of Sources that no heading of ARCHITECTURE.md names."""
    document = "ARCHITECTURE.md"
    names = [t["name"] for t in package["targets"] if (t.get("path") or "Sources/").startswith("Sources/")
             and t["type"] != "test"]
    if document not in files:
        return [Finding(document, 1, "missing; it has one section for every target")]
    lines = prose((Path(root) / document).read_text(encoding="utf-8"))
    headings = " ".join(match["text"] for _, line in lines if (match := HEADING.match(line)))
    words = set(re.findall(r"\w+", headings))
    return [Finding(document, 1, f"no section for target {name}") for name in names if name not in words]
