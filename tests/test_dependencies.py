"""What the workbench stands on: all of it is declared, bounded from below, and listed with its licence."""

import ast
import importlib.metadata
import re
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
README = (ROOT / "README.md").read_text(encoding="utf-8")
SECTION = README.split("## What it is built on")[1].split("\n## ")[0]
LICENCES = {
    "MIT": r"MIT(?!-CMU)",
    "MIT-CMU": "MIT-CMU",
    "BSD": "BSD",
    "ISC": "ISC",
    "Apache-2.0": "Apache",
    "PSF": "Python Software Foundation",
    "MPL-2.0": "MPL",
    "LGPL": "LGPL",
    "GPL-2.0-or-later": "(?<![AL])GPL",
}
"""How a package may say it, for each line of the README's table."""
BINDING = ("MPL-2.0", "LGPL", "GPL-2.0-or-later")
"""What obliges who passes the package on, whatever else it says."""

PEERS = {"atheris", "bliss_audio", "essentia", "tensorflow"}
"""What scripts compare with, and a test uses, where somebody has installed it."""


def normal(name):
    """A package's name as an index compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def required(*extras):
    """Requirements of the workbench, by the package's name."""
    lines = [*PROJECT["dependencies"], *(line for extra in extras for line in PROJECT["optional-dependencies"][extra])]
    return {normal(re.match(r"[\w.-]+", line)[0]): line for line in lines}


ALL = required(*PROJECT["optional-dependencies"])


def listed():
    """The licence of each package in the README's table."""
    rows = re.findall(r"^\| ([\w.-]+) \| (.+) \|$", SECTION, re.MULTILINE)
    pairs = [(normal(name), licence) for licence, names in rows if licence != "licence" for name in names.split(", ")]
    assert len(pairs) == len(dict(pairs)), "a package stands twice"
    return dict(pairs)


def stated(package):
    """What a package says of its licence: the expression, else classifiers and a short text; not a text of pages."""
    metadata = importlib.metadata.metadata(package)
    if expression := metadata.get("License-Expression"):
        return expression
    text = metadata.get("License") or ""
    kinds = [kind for kind in metadata.get_all("Classifier", []) if kind.startswith("License ::")]
    return "; ".join([*kinds, text if len(text) < 100 else ""])


def imported(folder):
    """Packages that a folder's code imports, by the names that are imported."""
    names = set()
    for file in (ROOT / folder).rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names |= {name.name.split(".")[0] for name in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level:
                names.add(node.module.split(".")[0])
    own = {file.stem for file in (ROOT / "tests").rglob("*.py")} | {"workbench", *sys.stdlib_module_names}
    return names - own


def test_every_package_is_in_the_list_of_licences():
    assert listed().keys() == ALL.keys()


@pytest.mark.parametrize("package", sorted(ALL))
def test_a_package_has_the_licence_that_is_listed(package):
    says, licence = stated(package), listed()[package]
    assert re.search(LICENCES[licence], says), f"{package} is listed as {licence} and says {says}"
    others = [name for name in BINDING if name != licence and re.search(LICENCES[name], says)]
    assert not others, f"{package} is listed as {licence} and also says {others}"


@pytest.mark.parametrize(("folder", "extras"), [("workbench", ()), ("tests", ("test",))])
def test_what_is_imported_is_declared(folder, extras):
    """Not only brought along by another package, which may drop it."""
    homes = importlib.metadata.packages_distributions()
    strangers = {
        name
        for name in imported(folder) - PEERS
        if not {normal(home) for home in homes.get(name, [])} & required(*extras).keys()
    }
    assert strangers == set()


def test_every_package_is_bounded_from_below_only():
    """A lowest version can be tried; a highest one would keep users from mended packages."""
    assert {line for line in ALL.values() if not re.fullmatch(r"[\w.-]+>=[\d.]+", line)} == set()
