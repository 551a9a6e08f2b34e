"""JSON is well formed, the languages of the dashboard have the same messages, and no file is large."""

import json
import re
from pathlib import Path

from common import Finding, line_of

LARGEST = 1 << 20
MESSAGES = "Web/messages/"
GAP = re.compile(r"\{\s*(\w+)")


def unique(pairs):
    keys = [key for key, _ in pairs]
    if twice := {key for key in keys if keys.count(key) > 1}:
        raise ValueError(f"key {min(twice)} stands twice in one object")
    return dict(pairs)


def flatten(value, prefix=""):
    """The messages of nested objects by dotted key."""
    if not isinstance(value, dict):
        return {prefix: value}
    return {k: v for key, inner in value.items() for k, v in flatten(inner, f"{prefix}.{key}" if prefix else key).items()}


def check_json(root, files):
    """Findings for files that are not JSON, and the parsed message files."""
    findings, messages = [], {}
    for file in (f for f in files if f.endswith(".json") or f == ".swift-format"):
        text = (Path(root) / file).read_text(encoding="utf-8")
        try:
            value = json.loads(text, object_pairs_hook=unique)
        except json.JSONDecodeError as error:
            findings.append(Finding(file, error.lineno, f"not JSON: {error.msg}"))
            continue
        except ValueError as error:
            findings.append(Finding(file, 1, str(error)))
            continue
        if file.startswith(MESSAGES):
            messages[file] = (text, flatten(value))
    return findings, messages


def check_messages(messages):
    """Findings for messages that one language has and another lacks, or that have other gaps to fill.

    Each folder has its own: some pages load theirs late. A key stands in one of them only.
    """
    findings, folders = [], {}
    for file, entry in messages.items():
        folders.setdefault(str(Path(file).parent), {})[file] = entry
    for same in folders.values():
        findings += compare_languages(same)
    seen = {}
    for file, (text, entries) in sorted(messages.items(), key=lambda pair: (pair[0].count("/"), pair[0])):
        for key in sorted(entries):
            first = seen.setdefault((Path(file).name, key), file)
            if first != file:
                line = line_of(text, f'"{key.rpartition(".")[2]}"')
                findings.append(Finding(file, line, f"message {key} stands in {first} as well"))
    return findings


def compare_languages(messages):
    """Findings for the files of one folder, a file for each language."""
    findings = []
    everywhere = {key: file for file, (_, entries) in messages.items() for key in entries}
    for file, (text, entries) in messages.items():
        findings += [Finding(file, 1, f"no message {key}, which {other} has")
                     for key, other in sorted(everywhere.items()) if key not in entries]
        for key, value in entries.items():
            if not isinstance(value, str) or not value.strip():
                line = line_of(text, f'"{key.rpartition(".")[2]}"')
                findings.append(Finding(file, line, f"message {key} is empty or is not a string"))
    for key in sorted(everywhere):
        gaps = {f: sorted(set(GAP.findall(e[key]))) for f, (_, e) in messages.items() if isinstance(e.get(key), str)}
        if len({tuple(g) for g in gaps.values()}) > 1:
            file = next(iter(gaps))
            told = "; ".join(f"{Path(f).name}: {', '.join(g) or 'none'}" for f, g in gaps.items())
            line = line_of(messages[file][0], f'"{key.rpartition(".")[2]}"')
            findings.append(Finding(file, line, f"message {key} has other gaps than its translations ({told})"))
    return findings


def check_sizes(root, files):
    sizes = {file: (Path(root) / file).stat().st_size for file in files}
    return [Finding(file, 1, f"{size / LARGEST:.1f} MiB; files above 1 MiB are fetched, not committed")
            for file, size in sizes.items() if size > LARGEST]


def check(root, files):
    """All findings about the content of files."""
    findings, messages = check_json(root, files)
    return findings + check_messages(messages) + check_sizes(root, files)
