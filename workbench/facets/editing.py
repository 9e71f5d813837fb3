"""What does a search say once somebody has picked a value, or an order?

Conventions
-----------
A facet's term is the first of the terms that must all hold which is nothing but alternatives of its field, compared
the facet's way. All else in a search is left alone.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from workbench.query import And, How, Match, Node, Or, Query, Sort
from workbench.query.fields import ALIASES, fold

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["FACETS", "Facet", "chosen", "replaced", "rest", "sorted_by", "toggled", "without"]


@dataclass(frozen=True, slots=True)
class Facet:
    """A field of which one picks values.

    Attributes
    ----------
    name : str
        The field as it is spelled in a search.
    title : str
        What people read.
    column : str
        The column of the frame that it asks.
    step : int or None
        Values are ranges this wide; None: they are texts.
    is_listed : bool
        Its values are offered; else it is only understood.
    """

    name: str
    title: str
    column: str
    step: int | None = None
    is_listed: bool = True

    @property
    def how(self) -> How:
        """How a value is compared."""
        return How.EXACT if self.step is None else How.CONTAINS

    def match(self, value: str) -> Match:
        """The term of one value; of a text that is empty, the tracks without one."""
        return Match(self.name, self.how, value)


FACETS: Final = {
    facet.name: facet
    for facet in (
        Facet("genre", "Genre", "genres"),
        Facet("artist", "Artist", "artists"),
        Facet("album_artist", "Album artist", "album_artists", is_listed=False),
        Facet("album", "Album", "album"),
        Facet("year", "Year", "year", step=10),
        Facet("camelot", "Key", "camelot"),
        Facet("bpm", "Tempo", "bpm", step=20),
        Facet("mood", "Mood", "mood"),
        Facet("group_name", "Group", "group_name"),
    )
}
"""By name, in the order in which they are offered."""


def chosen(query: Query, facet: Facet) -> tuple[str, ...]:
    """Values of a facet that a search asks for.

    Examples
    --------
    >>> from workbench.query import parse
    >>> chosen(parse("rain (genre:=Jazz, genre:=Folk)"), FACETS["genre"])
    ('Jazz', 'Folk')
    """
    return next((values for term in _terms(query) if (values := _values(term, facet))), ())


def replaced(query: Query, facet: Facet, values: Iterable[str]) -> Query:
    """A search that asks a facet for these values and no others; of none, that does not ask it.

    Examples
    --------
    >>> from workbench.query import parse, to_text
    >>> to_text(replaced(parse("rain, snow"), FACETS["year"], ["1990..1999"]))
    '(rain, snow) year:1990..1999'
    """
    matches = tuple(facet.match(value) for value in _once(values))
    new: tuple[Node, ...] = (Or(matches),) if len(matches) > 1 else matches
    terms = list(_terms(query))
    place = next((place for place, term in enumerate(terms) if _values(term, facet)), None)
    terms[len(terms) if place is None else place : len(terms) if place is None else place + 1] = new
    return replace(query, tree=And(tuple(terms)) if len(terms) > 1 else terms[0] if terms else None)


def without(query: Query, facet: Facet) -> Query:
    """A search that does not ask a facet."""
    return replaced(query, facet, ())


def toggled(query: Query, facet: Facet, values: Iterable[str]) -> Query:
    """A search that asks for these values too, or, where it asks for all of them, for none of them.

    Examples
    --------
    >>> from workbench.query import parse, to_text
    >>> to_text(toggled(parse("rain year-"), FACETS["genre"], ["ambient"]))
    'rain genre:=ambient year-'
    >>> to_text(toggled(parse("rain genre:=Ambient year-"), FACETS["genre"], ["ambient"]))
    'rain year-'
    """
    old, new = chosen(query, facet), _once(values)
    known, asked = {fold(value) for value in old}, {fold(value) for value in new}
    if asked <= known:
        return replaced(query, facet, [value for value in old if fold(value) not in asked])
    return replaced(query, facet, [*old, *new])


def rest(query: Query, facet: Facet) -> Query:
    """The search whose rows a facet's values are counted among: all but the facet; in no order unless that matters."""
    other = without(query, facet)
    return other if other.limit is not None else replace(other, sort=())


def sorted_by(query: Query, field: str, *, is_added: bool = False) -> Query:
    """A search in another order: by a field upwards; where it is so already downwards; then as the rows come.

    Parameters
    ----------
    query : Query
        Its other sort words go.
    field : str
        A column of the tracks.
    is_added : bool
        Other sort words stay, and this one comes last.
    """
    old = next((sort for sort in query.sort if _column(sort.field) == _column(field)), None)
    new = () if old is not None and old.descending else (Sort(field, descending=old is not None),)
    if not is_added:
        return replace(query, sort=new)
    if old is None:
        return replace(query, sort=(*query.sort, *new))
    place = query.sort.index(old)
    return replace(query, sort=(*query.sort[:place], *new, *query.sort[place + 1 :]))


def _terms(query: Query) -> tuple[Node, ...]:
    """What must all hold."""
    return query.tree.terms if isinstance(query.tree, And) else () if query.tree is None else (query.tree,)


def _values(term: Node, facet: Facet) -> tuple[str, ...]:
    """Values that a term names if it is the facet's, else none."""
    terms = term.terms if isinstance(term, Or) else (term,)
    values = [
        each.value
        for each in terms
        if isinstance(each, Match) and each.how is facet.how and each.field.lower() in {facet.name, facet.column}
    ]
    return tuple(values) if len(values) == len(terms) else ()


def _column(field: str) -> str:
    return ALIASES.get(field.lower(), field.lower())


def _once(values: Iterable[str]) -> list[str]:
    return list({fold(value): value for value in reversed(list(values))}.values())[::-1]
