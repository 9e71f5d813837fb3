"""What a page loads: one module out of several files, and every one of ours is sound."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

import workbench
from workbench.widgets.page import script, style

PACKAGE = Path(workbench.__file__).parent
WINDOW_STYLES = [path for path in sorted(PACKAGE.rglob("*.css")) if path.name != "look.css"]
DOORS = [path for path in sorted(PACKAGE.rglob("*.js")) if "export default" in path.read_text(encoding="utf-8")]


def test_what_is_imported_stands_before_it_once(tmp_path):
    (tmp_path / "one.js").write_text("export const ONE = 1;\n")
    (tmp_path / "two.js").write_text('import { ONE } from "./one.js";\nexport function two() { return ONE + ONE; }\n')
    (tmp_path / "glow.vert").write_text('void main() { /* "x" */ }')
    door = tmp_path / "door.js"
    door.write_text(
        'import { ONE } from "./one.js";\nimport {\n  two,\n} from "./two.js";\nimport GLOW from "./glow.vert";\n'
        "export default { render: () => [ONE, two(), GLOW] };\n"
    )
    assert script(door).splitlines() == [
        "const ONE = 1;",
        "function two() { return ONE + ONE; }",
        'const GLOW = "void main() { /* \\"x\\" */ }";',
        "export default { render: () => [ONE, two(), GLOW] };",
    ]


def test_a_file_that_is_not_there_is_an_error(tmp_path):
    (tmp_path / "door.js").write_text('import { x } from "./gone.js";\n')
    with pytest.raises(FileNotFoundError):
        script(tmp_path / "door.js")


@pytest.mark.parametrize("path", DOORS, ids=lambda path: path.name)
@pytest.mark.skipif(shutil.which("node") is None, reason="no node to read scripts with")
def test_every_script_is_a_module_whose_names_do_not_clash(path, tmp_path):
    """Joined files share one scope: a name that two of them use is an error of syntax."""
    joined = tmp_path / "joined.mjs"
    joined.write_text(script(path), encoding="utf-8")
    done = subprocess.run(["node", "--check", joined], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.js")), ids=lambda path: path.name)
def test_no_script_reads_text_as_html(path):
    text = path.read_text(encoding="utf-8")
    for word in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("):
        assert word not in text


def test_every_window_shares_the_look(tmp_path):
    (tmp_path / "own.css").write_text(".wb-own { color: red; }")
    assert style(tmp_path / "own.css").startswith("/* What all windows look like")
    assert style(tmp_path / "own.css").endswith(".wb-own { color: red; }")


@pytest.mark.parametrize("path", WINDOW_STYLES, ids=lambda path: path.stem)
def test_a_windows_look_reaches_no_other_window(path):
    """All styles of a page hold for the whole page: a class that two windows use would mix them up."""
    shared = classes(style())
    own = classes(path.read_text(encoding="utf-8")) - shared
    others = [other for other in WINDOW_STYLES if other.parent != path.parent]
    assert own, "nothing of its own"
    assert {name for other in others for name in own & classes(other.read_text(encoding="utf-8"))} == set()
    for selector in selectors(path.read_text(encoding="utf-8")):
        assert classes(selector) & own, f"{selector} changes every window"


def classes(text):
    return set(re.findall(r"\.(wb[\w-]*)", text))


def selectors(text):
    plain = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    plain = re.sub(r"@keyframes[^{]*\{(?:[^{}]*\{[^}]*\})*\s*\}", "", plain)
    heads = [head.strip() for head in re.findall(r"([^{}]+)\{", plain)]
    return [part.strip() for head in heads if not head.startswith("@") for part in head.split(",")]
