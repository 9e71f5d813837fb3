"""Feed a target with what atheris thinks of: ``python tests/fuzz/run.py query -max_total_time=60``."""

import sys
from pathlib import Path

import atheris

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1])]

with atheris.instrument_imports(
    include=["workbench.query", "workbench.playlist_files", "workbench.tags", "workbench.learned"]
):
    import targets


def main():
    """Run the target that the first word names; the rest is libFuzzer's."""
    name, *rest = sys.argv[1:]
    atheris.Setup([sys.argv[0], *rest], lambda data: targets.timed(targets.TARGETS[name], data))
    atheris.Fuzz()


if __name__ == "__main__":
    main()
