"""How do many tracks become few without typing?

A facet is a field of which one picks values: `FACETS` lists them, `offered` says which of them a frame has, `entries`
counts what there is to pick, and `toggled`, `replaced`, `without` and `sorted_by` put what was picked into a search of
`workbench.query`. `artists` and `albums` list what lies above the tracks; `suggestions` completes what is being typed.

Conventions
-----------
A search says it all: nothing picked is kept anywhere else. The values picked of one facet are alternatives; facets
narrow each other. So the values of a facet are counted among the rows that the rest of the search finds (`rest`). What
a facet cannot say (``-genre:=Jazz``, two genres at once) stays in the search as it was typed. Genres stand in a tree:
one above others means all spellings below it that the collection uses.
"""

from workbench.facets.counting import Entry, Hierarchy, Spellings, entries, offered, spellings
from workbench.facets.editing import FACETS, Facet, chosen, replaced, rest, sorted_by, toggled, without
from workbench.facets.listing import ALBUMS, ARTISTS, albums, artists
from workbench.facets.typeahead import Suggestion, known_values, suggestions

__all__ = [
    "ALBUMS",
    "ARTISTS",
    "FACETS",
    "Entry",
    "Facet",
    "Hierarchy",
    "Spellings",
    "Suggestion",
    "albums",
    "artists",
    "chosen",
    "entries",
    "known_values",
    "offered",
    "replaced",
    "rest",
    "sorted_by",
    "spellings",
    "suggestions",
    "toggled",
    "without",
]
