r"""Which tracks does a search find?

================================  ===========================================================================
text                              finds
================================  ===========================================================================
``miles davis``                   both words, each anywhere in title, artists, album, album artists, genres
                                  or comment
``"so what"``                     the words together
``genre:ambient``                 a part of a field; of several genres any one
``genre:=ambient``                the whole of it
``title:^the`` ``title:$live``     its start, its end
``title::^\d+$``                  a regular expression, in the syntax of Rust's regex crate, letters as typed
``genre:""``                      tracks that have none
``year:1990..1999`` ``bpm:..90``  from, to, both included; also ``bpm:>120`` ``>=`` ``<`` ``<=``
``bpm:120``                       120 after rounding; ``bpm:=120`` exactly
``~bpm:120`` ``~bpm:118..122``    half and double too; so with ``bpm_tag`` and ``bpm_alternative``
``~key:8A`` ``~key:Am``           keys that mix with it: 8A, 7A, 9A, 8B; ``~camelot:`` is the same, ``~key_tag:``
                                  asks the tag
``length:..4:30``                 minutes and seconds, or hours, in every column of seconds
``analyzed:true``                 true or false, yes or no
``added:2024-01..`` ``added:-3w`` days, months and years; 3 weeks ago (d, w, m = 30 d, y = 365 d)
``playlist:=Rain``                tracks in a playlist of that name; ``playlist:""`` in none
``-live`` ``^live``               not
``rock, pop``                     either; binds less than a space
``(rock, pop) year:1999``         brackets
``rock year- title+``             at the end: newest first, then by title
``rock random+ limit:50``         at the end: in an order that is drawn anew every UTC day, 50 at most
================================  ===========================================================================

Conventions
-----------
Case and accents count neither in the text nor in the tracks (NFKD, no combining marks, full case folding), regular
expressions excepted. Every column of the frame is a field, except one called limit, playlist or (to sort by) random:
those are words of the language; short names are `workbench.query.fields.ALIASES`. ``camelot+`` goes round the wheel, 1A
to 12B. A null matches no term, and so
matches its negation. Days are UTC days. The language is that of beets
(beets.readthedocs.io/en/stable/reference/query.html), with accents folded, brackets added and `..4:30` for durations.
A value that starts with `=`, `^` or `$`, or a colon, needs quotes: ``title:"$100"``.

A search is refused in well under half a second, or answered over 100,000 tracks in a few: what it may hold is said at
`parse`. Regular expressions do not backtrack; their syntax has no look-around and no references back.

`to_nsp` and `from_nsp` turn searches into smart playlists of Navidrome and back.
"""

from workbench.query.expressions import expression
from workbench.query.nsp import from_nsp, nsp_label, to_nsp
from workbench.query.parser import parse
from workbench.query.rows import search
from workbench.query.tree import And, How, Match, Node, Not, Or, Query, Sort, Word, to_text
from workbench.query.values import moment

__all__ = [
    "And",
    "How",
    "Match",
    "Node",
    "Not",
    "Or",
    "Query",
    "Sort",
    "Word",
    "expression",
    "from_nsp",
    "moment",
    "nsp_label",
    "parse",
    "search",
    "to_nsp",
    "to_text",
]
