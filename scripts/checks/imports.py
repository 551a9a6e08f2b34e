"""Modules import what their target declares, and only from the layers beneath them.

SwiftPM lets an undeclared import through when some other target has built the module, so the `import` lines are
compared with `swift package dump-package`. A target's layer is its folder: Sources/<layer>/<target>.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from common import Finding, line_of

# What a layer may import from. Within Base, Data and Decide targets may build on each other; those of Models and
# of Adapters may not. Apps are told apart by name, since only two of them wire adapters in.
LAYERS = {
    "Native": set(),
    "Base": {"Native", "Base"},
    "Data": {"Native", "Base", "Data"},
    "Models": {"Native", "Base", "Data"},
    "Decide": {"Native", "Base", "Data", "Models", "Decide"},
    "Adapters": {"Native", "Base"},
    "Application": {"Native", "Base", "Data", "Models", "Decide"},
    "Server": {"Native", "Base", "Data", "Models", "Decide", "Adapters", "Application"},
    "lode": {"Native", "Base", "Data", "Models", "Decide", "Adapters", "Application", "Server"},
}

# Modules that come with the toolchain and need no declaration.
TOOLCHAIN = set("""
    Swift Foundation FoundationEssentials FoundationInternationalization FoundationNetworking FoundationXML
    Glibc Musl Darwin Android Bionic WinSDK CRT Dispatch Testing XCTest Synchronization RegexBuilder Observation
    Distributed Cxx CxxStdlib Builtin PackageDescription PackagePlugin
""".split()) | {"_Concurrency", "_StringProcessing", "_Differentiation", "_Volatile"}

# Products whose modules bear other names.
PRODUCT_MODULES = {
    "NIO": {"NIO", "NIOCore", "NIOPosix", "NIOEmbedded"},
    "ServiceLifecycle": {"ServiceLifecycle"},
    "Numerics": {"Numerics", "RealModule", "ComplexModule"},
    "Collections": {"Collections", "BitCollections", "DequeModule", "HashTreeCollections", "HeapModule",
                    "OrderedCollections"},
    "GRDB-dynamic": {"GRDB"},
}

IMPORT = re.compile(
    r"^\s*(?P<attributes>(?:@\w+(?:\([^)]*\))?\s+)*)"
    r"(?:(?:public|package|internal|fileprivate|private)\s+)?"
    r"import\s+(?:(?:struct|class|enum|protocol|typealias|func|let|var|actor)\s+)?(?P<module>\w+)")


@dataclass
class Target:
    """What the manifest says of a target, and what its sources import: module → (file, line) of the first."""

    name: str
    kind: str
    path: str
    declared: list
    imports: dict
    has_swift: bool

    @property
    def layer(self):
        parts = Path(self.path).parts
        if len(parts) != 3 or parts[0] != "Sources":
            return None
        layer = parts[2] if parts[1] == "Apps" else parts[1]
        return layer if layer in LAYERS else None


def dependency_name(dependency):
    """The name in one entry of dump-package: {"byName": [name, …]}, {"product": [name, …]} or {"target": …}."""
    kind, values = next(iter(dependency.items()))
    return kind, values[0]


def swift_imports(text):
    """The imports of a Swift source as (line, attributes, module); comments and long strings do not count."""
    in_comment = in_string = False
    for number, line in enumerate(text.splitlines(), start=1):
        if in_comment:
            in_comment = "*/" not in line
            continue
        if line.count('"""') % 2 == 1:
            in_string = not in_string
            continue
        if in_string:
            continue
        if match := IMPORT.match(line):
            yield number, match["attributes"], match["module"]
        opening = line.rfind("/*")
        in_comment = opening >= 0 and "*/" not in line[opening:] and "//" not in line[:opening]


def read_targets(root, package, files):
    """The targets of a dumped package, with the imports of their sources; adds findings for @testable."""
    findings, targets = [], {}
    for entry in package["targets"]:
        folder = "Tests" if entry["type"] == "test" else "Sources"
        path = (entry.get("path") or f"{folder}/{entry['name']}").rstrip("/")
        sources = [f for f in files if f.startswith(path + "/") and f.endswith(".swift")]
        imports = {}
        for source in sources:
            for line, attributes, module in swift_imports((Path(root) / source).read_text(encoding="utf-8")):
                if "@testable" in attributes:
                    findings.append(Finding(source, line, f"@testable import {module}: tests use the public API"))
                imports.setdefault(module, (source, line))
        declared = [dependency_name(d) for d in entry["dependencies"] if "plugin" not in d]
        targets[entry["name"]] = Target(entry["name"], entry["type"], path, declared, imports, bool(sources))
    return targets, findings


def modules_of(name):
    return PRODUCT_MODULES.get(name, {name})


def undeclared(target):
    known = TOOLCHAIN | {target.name}
    for _, name in target.declared:
        known |= modules_of(name)
    for module, (file, line) in target.imports.items():
        if module not in known:
            yield Finding(file, line, f"imports {module}, which target {target.name} does not declare")


def unused(target, targets, manifest_line):
    if not target.has_swift:  # what C sources include is not read here
        return
    for _, name in target.declared:
        other = targets.get(name)
        runs_it = other is not None and other.kind == "executable" and target.kind == "test"
        macro = other is not None and other.kind in ("macro", "plugin")
        if not (runs_it or macro or modules_of(name) & target.imports.keys()):
            yield Finding("Package.swift", manifest_line(target.name),
                          f"target {target.name} declares {name} but no source of it imports it")


def layering(target, targets, manifest_line):
    if target.kind == "test" or target.path.startswith("Tests/"):
        return
    if target.layer is None:
        yield Finding("Package.swift", manifest_line(target.name),
                      f"target {target.name} is in {target.path}; expected Sources/<layer>/{target.name} with a "
                      "layer of Native, Base, Data, Models, Decide, Adapters, Apps")
        return
    names = {name for _, name in target.declared} | target.imports.keys()
    for name in sorted(names & targets.keys() - {target.name}):
        other = targets[name]
        file, line = target.imports.get(name, ("Package.swift", manifest_line(target.name)))
        if other.path.startswith("Tests/"):
            yield Finding(file, line, f"{target.name} uses {name}, which is only for tests")
        elif other.layer is not None and other.layer not in LAYERS[target.layer]:
            yield Finding(file, line, f"{target.name} ({target.layer}) imports {name} ({other.layer}); "
                                      f"{target.layer} may use {allowed(target.layer)}")


def allowed(layer):
    return ", ".join(name for name in LAYERS if name in LAYERS[layer]) or "nothing of ours"


def undeclared_folders(targets, files):
    paths = {target.path for target in targets.values()}
    folders = {}
    for file in files:
        parts = Path(file).parts
        if len(parts) > 3 and parts[0] == "Sources" and file.endswith((".swift", ".modulemap", ".c", ".cpp")):
            folders.setdefault("/".join(parts[:3]), file)
    for folder, file in folders.items():
        if folder not in paths:
            yield Finding(file, 1, f"{folder} is no target of Package.swift")


def declaration_line(manifest, name):
    """The line of Package.swift that declares a target, through a helper such as module("Base", "Name") or itself."""
    bare = re.escape(name.removesuffix("Tests"))
    patterns = [rf'\w\(\s*"\w+",\s*"{re.escape(name)}"', rf'\btests\(\s*"{bare}"',
                rf'(?<!Package)\(\s*(?:name:\s*)?"{re.escape(name)}"']
    for pattern in patterns:
        if matches := list(re.finditer(pattern, manifest)):
            return manifest.count("\n", 0, matches[-1].start()) + 1
    return line_of(manifest, f'"{name}"')


def check(root, package, files):
    """All findings about imports of a dumped package."""
    targets, findings = read_targets(root, package, files)
    manifest = (Path(root) / "Package.swift").read_text(encoding="utf-8")

    def manifest_line(name):
        return declaration_line(manifest, name)

    for target in targets.values():
        findings += undeclared(target)
        findings += unused(target, targets, manifest_line)
        findings += layering(target, targets, manifest_line)
    findings += undeclared_folders(targets, files)
    return findings
