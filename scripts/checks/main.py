"""Runs the checks that need no compiler: imports, documents, content. Prints one line per finding."""

import argparse
import json
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import content
import documents
import imports
from common import project_files


def dump_package(root, scratch):
    """What the manifest declares; its own scratch folder, so that it does not wait for a running build."""
    command = ["swift", "package", "--package-path", str(root), "--scratch-path", str(scratch), "dump-package"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        sys.exit(f"Package.swift:1: cannot be read: {result.stderr.strip()}")
    return json.loads(result.stdout)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("root", type=Path)
    parser.add_argument("--scratch", type=Path, required=True, help="a folder for the package manager")
    options = parser.parse_args()
    files = project_files(options.root)
    findings = content.check(options.root, files) + documents.check_links(options.root, files)
    if "Package.swift" in files:
        package = dump_package(options.root, options.scratch)
        findings += imports.check(options.root, package, files)
        findings += documents.check_architecture(options.root, package, files)
    for finding in sorted(set(findings)):
        print(finding)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
