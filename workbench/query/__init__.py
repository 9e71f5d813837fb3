r"""Which tracks does a search find?

================================  ===========================================================================
text                              finds
================================  ===========================================================================
``miles davis``                   both words, each anywhere in title, artists, album, album artists, genres
                                  or comment
``"so what"``                     the words together
``genre:ambient``                 a part of a field; of several genres any one
``genre:=ambient``                the whole of it
``title::^\d+$``                  a regular expression, in the syntax of Rust's regex crate, letters as typed
``genre:""``                      tracks that have none
``year:1990..1999`` ``bpm:..90``  from, to, both included; also ``bpm:>120`` ``>=`` ``<`` ``<=``
``bpm:120``                       120 after rounding; ``bpm:=120`` exactly
``length:..4:30``                 minutes and seconds, or hours, in every column of seconds
``analyzed:true``                 true or false, yes or no
``added:2024-01..`` ``added:-3w`` days, months and years; 3 weeks ago (d, w, m = 30 d, y = 365 d)
``-live`` ``^live``               not
``rock, pop``                     either; binds less than a space
``(rock, pop) year:1999``         brackets
``rock year- title+``             at the end: newest first, then by title
================================  ===========================================================================

Conventions
-----------
Case and accents count neither in the text nor in the tracks (NFKD, no combining marks, full case folding), regular
expressions excepted. Every column of the frame is a field. A null matches no term, and so matches its negation.
Days are UTC days. The language is that of beets (beets.readthedocs.io/en/stable/reference/query.html), with accents
folded, brackets added and `..4:30` for durations.
"""

from workbench.query.expressions import expression
from workbench.query.parser import parse
from workbench.query.rows import search
from workbench.query.tree import And, How, Match, Node, Not, Or, Query, Sort, Word, to_text

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
    "parse",
    "search",
    "to_text",
]
