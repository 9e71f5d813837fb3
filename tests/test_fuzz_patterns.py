"""No regular expression of ours takes longer than in proportion to the text, whoever wrote the text."""

import importlib
import pkgutil
import re
import time
from pathlib import Path

import pytest

import workbench

SOURCES = Path(workbench.__file__).parent
METHODS = "match|search|fullmatch|sub|split|finditer|findall"
SCREENED, SLOWEST = 500, 3
LENGTH = 100_000
MOST_S = 1.0
"""A text of 100 kB costs 0.1 s at most; where time grows with its square, it costs 10 s and more."""

STARTS = ("", '"', "#EXTINF:1a", "<td>&quot;")
TOOLS = ("workbench.widgets.page.scripts", "workbench.store.migrations.env")
"""Modules that read nothing but our own files."""


def modules():
    found = pkgutil.walk_packages(workbench.__path__, "workbench.")
    return [each.name for each in found if each.name not in TOOLS and not each.name.endswith("__main__")]


def used_patterns():
    """Each pattern of a module with the ways in which some module uses it."""
    text = "\n".join(path.read_text(encoding="utf-8") for path in SOURCES.rglob("*.py"))
    found = {}
    for module in modules():
        for name, value in vars(importlib.import_module(module)).items():
            if isinstance(value, re.Pattern):
                ways = set(re.findall(rf"\b{name}\.({METHODS})\b", text))
                found.setdefault(value, (f"{module.removeprefix('workbench.')}.{name}", ways))
    return {name: (pattern, ways) for pattern, (name, ways) in found.items()}


PATTERNS = used_patterns()


def units(pattern):
    """What a text may be made of to be almost, but never quite, what the pattern wants."""
    text = pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode("latin-1")
    words = {word for word in re.findall(r"[A-Za-z]+", text) if 1 < len(word) < 10}
    signs = set(re.sub(r"[\w\s]", "", text))
    plain = [
        " ",
        "\n",
        "\r",
        "a",
        "0",
        "é",
        "\\",
        '\\"',
        '"a',
        " n",
        "n ",
        "1/",
        "()",
        "- ",
        " -",
        "/*",
        "''",
        "& ",
        "# ",
    ]
    return dict.fromkeys([*plain, *signs, *(f"{sign} " for sign in signs), *words, *(f" {word}" for word in words)])


def seconds(pattern, way, text):
    begun = time.process_time()
    found = getattr(pattern, way)(*((text[:0], text) if way == "sub" else (text,)))
    if way == "finditer":
        list(found)
    return time.process_time() - begun


def texts(pattern, ways):
    """Ways to use a pattern, each with a start and a unit of a text."""
    return [(way, start, unit) for way in sorted(ways) for start in STARTS for unit in units(pattern)]


def taken(pattern, case, length):
    """Seconds for a text of a length."""
    way, start, unit = case
    text = start + unit * (length // len(unit)) + "\x01"
    return seconds(pattern, way, text if isinstance(pattern.pattern, str) else text.encode())


@pytest.mark.parametrize("name", PATTERNS)
def test_a_regular_expression_is_linear(name):
    pattern, ways = PATTERNS[name]
    assert ways, f"{name} is used in no way that this test sees"
    worst = sorted(texts(pattern, ways), key=lambda case: taken(pattern, case, SCREENED), reverse=True)[:SLOWEST]
    for length in (20 * SCREENED, LENGTH):
        took, case = max((min(taken(pattern, case, length) for _ in range(3)), case) for case in worst)
        assert took < MOST_S * length / LENGTH, f"{name}: {took:.2f} s for {length:,} characters, {case}"
    print(f"{name}: {took:.3f} s of CPU at most for {LENGTH:,} characters, {case}")
