"""What genres are there, how do they hang together, and does the sound agree with them?

`tree` reads how genres are spelled and which belongs under which; `canonical` and `path` look one up; `count` shows the
files' own, and `naming` gives the tracks of one. `confusion` (of the frequent ones only: `condensed`) and `separated`
ask what the sound knows of them, `doubtful` lists tags that it contradicts, `suggest` gives untagged tracks a genre,
and `evaluate` says how far to believe it.

Conventions
-----------
Nothing here changes a tag: suggestions and doubts are lists to look through. A genre that the tree does not know stays,
as a root of its own; what names no genre (Other, Unknown) counts as none. ``level`` is ``"leaf"`` for genres as the
files name them, in one spelling, or ``"root"`` for the roots above them. A genre is judged by tracks of other artists
and other albums, since an album's tracks are alike by their recording too: Pampalk, Flexer and Widmer (2005),
"Improvements of audio-based music similarity and genre classification". A ``tree`` may be the path of a table too.
"""

from workbench.genres.counting import CONDENSED, CONFUSION, COUNT, condensed, confusion, count, naming
from workbench.genres.hierarchy import SHIPPED, AnyTree, Tree, canonical, path, tidied, tree
from workbench.genres.review import ACCURACY, DOUBTFUL, SEPARATED, SUGGESTED, doubtful, evaluate, separated, suggest

__all__ = [
    "ACCURACY",
    "CONDENSED",
    "CONFUSION",
    "COUNT",
    "DOUBTFUL",
    "SEPARATED",
    "SHIPPED",
    "SUGGESTED",
    "AnyTree",
    "Tree",
    "canonical",
    "condensed",
    "confusion",
    "count",
    "doubtful",
    "evaluate",
    "naming",
    "path",
    "separated",
    "suggest",
    "tidied",
    "tree",
]
