"""Which albums stand apart in pieces, and which lack tracks?

Conventions
-----------
An album's name is compared as `titles` folds it, without a disc's number behind it; "Sky (Live)" is another album than
"Sky". The folders of a box's discs count as the folder around them. Files that are gone are left out, and albums whose
name only says that there is none.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import polars as pl

from workbench.doctor.places import ALBUM_FOLDER
from workbench.titles import normal_title, version_of

if TYPE_CHECKING:
    from workbench.stats.counting import Schema

__all__ = ["SPLIT_ALBUMS", "has_album", "split_albums"]

SPLIT_ALBUMS: Final[Schema] = {
    "album": pl.String(),
    "artist": pl.String(),
    "parts": pl.Int64(),
    "tracks": pl.Int64(),
    "track_id": pl.Int64(),
    "path": pl.String(),
    "album_ids": pl.String(),
    "proposal": pl.String(),
}
"""Columns of `split_albums`."""

APART: Final = r"[\s,;:([\u2013-]"
DISC: Final = re.compile(rf"(?<!{APART}){APART}*\b(cd|dis[ck])[\s.#_-]*\d{{1,2}}[)\]]?\s*$", re.IGNORECASE)
"""A disc's number behind an album's name: "Sky (Disc 2)"."""

NAMELESS: Final = (
    r"(?i)^\W*(unknown|untitled|none|n/a|singles?|(non-album|standalone) (tracks?|recordings?))( albums?)?\W*(\(.*)?$"
)
"""Names that are none: "Unknown Album (6/12/2008)" of Windows Media Player, "[unknown]" and "[non-album tracks]" of
MusicBrainz (musicbrainz.org/doc/Style/Unknown_and_untitled)."""

NOBODY: Final = ("various artists", "various", "va", "unknown artist", "unknown", "[unknown]", "")
"""Artists whom tracks can share without having anything in common."""

MOST_NAMED: Final = 3


def split_albums(tracks: pl.DataFrame) -> pl.DataFrame:
    """Albums of which several parts count as albums of their own, largest first; schema `SPLIT_ALBUMS`.

    Parts of one name in one folder belong together where one artist is in all of them, or where the folder holds
    nothing else and no track number stands twice (a compilation whose tracks name their own album artists). In several
    folders they belong together where one artist is on all tracks, neither years nor album artists differ, and no track
    number stands twice: two copies of an album are duplicates, and "Greatest Hits" of two artists are two albums. Where
    most tracks have no number, none can be seen to stand twice, and nothing is said; nor where one does and the album
    artists differ, as in two recordings of a symphony. The proposal says in what the parts differ.

    Parameters
    ----------
    tracks : polars.DataFrame
        Reads ``track_id``, ``path``, ``missing``, ``album``, ``album_id``, ``album_artists``, ``artists``,
        ``compilation``, ``year``, ``disc_number`` and ``track_number``.

    Returns
    -------
    polars.DataFrame
        ``track_id`` and ``path`` are of the first track; ``album_ids`` are those of the parts.
    """
    named = _named(tracks)
    groups = pl.concat([_in_one_folder(named), _of_one_artist(named)])
    parts = groups.unique("album_ids", maintain_order=True).with_row_index("number").explode("album_ids")
    parts = parts.rename({"album_ids": "album_id"})
    joined = parts.join(named, on=["album_id", "name"], how="inner", maintain_order="left")
    joined = joined.filter(pl.col("within").is_null() | (pl.col("within") == pl.col("folder")))
    found = joined.sort("number", "path").group_by("number", maintain_order=True).agg(*_described())
    found = found.sort("tracks", "album", "path", descending=[True, False, False])
    return found.select(*SPLIT_ALBUMS).cast(pl.Schema(SPLIT_ALBUMS))


def has_album() -> pl.Expr:
    """Whether a track is of an album with a name of its own."""
    return pl.col("album_id").is_not_null() & ~pl.col("album").str.contains(NAMELESS).fill_null(value=True)


def _named(tracks: pl.DataFrame) -> pl.DataFrame:
    """Present tracks of albums that have a name, with the folded name, the folder and all folded artists."""
    present = tracks.filter(~pl.col("missing"), has_album()).sort("path", "track_id")
    spellings = present["album"].unique().to_list()
    names = pl.DataFrame(
        {"album": spellings, "name": [_folded(each) for each in spellings]}, {"album": str, "name": str}
    )
    people = pl.concat_list(pl.col("album_artists", "artists").fill_null([]))
    people = people.list.eval(_one_form(pl.element())).list.unique(maintain_order=True)
    owner = _one_form(pl.col("album_artists").list.join(", "))
    number = pl.concat_str(pl.col("disc_number").fill_null(1), pl.col("track_number"), separator=".")
    return present.join(names, on="album", how="left", maintain_order="left").with_columns(
        folder=ALBUM_FOLDER,
        people=people.list.set_difference(pl.lit(NOBODY, pl.List(pl.String))),
        owner=pl.when(owner != "").then(owner),
        number_of=number,
    )


def _one_form(name: pl.Expr) -> pl.Expr:
    return name.str.normalize("NFC").str.to_lowercase().str.strip_chars()


def _folded(album: str) -> str:
    """One form for the spellings of an album's name; its versions stay."""
    name = DISC.sub("", album) or album
    return f"{normal_title(name)} | {version_of(name) or ''}"


def _in_one_folder(named: pl.DataFrame) -> pl.DataFrame:
    """Album ids of parts that belong together in a folder: columns ``name``, ``within``, ``album_ids``."""
    keys = ["folder", "name"]
    several = named.filter(pl.col("album_id").n_unique().over(keys) > 1)
    alone = named.group_by("folder").agg(alone=pl.col("name").n_unique() == 1)
    shared = _shared(several, keys).filter("in_all").select(*keys, shared=True).unique()
    groups = several.group_by(keys, maintain_order=True).agg(clash=_clash(), rivals=_rivals(), album_ids=_ids())
    groups = groups.join(alone, on="folder", how="left").join(shared, on=keys, how="left")
    alike = pl.col("shared").fill_null(value=False) & ~(pl.col("clash") & pl.col("rivals"))
    together = alike | (pl.col("alone") & ~pl.col("clash"))
    return groups.filter(together).select("name", "album_ids", within="folder")


def _of_one_artist(named: pl.DataFrame) -> pl.DataFrame:
    """The same of parts in several folders, of an artist who is on all tracks; ``within`` is null."""
    several = named.filter(pl.col("album_id").n_unique().over("name") > 1)
    sizes = named.group_by("album_id").len("size")
    people = several.explode("people").drop_nulls("people").join(sizes, on="album_id")
    on_all = pl.len().over("album_id", "name", "people") == pl.col("size")
    keys = ["name", "people"]
    groups = (
        people.filter(on_all)
        .group_by(keys, maintain_order=True)
        .agg(
            clash=_clash(),
            rivals=_rivals(),
            album_ids=_ids(),
            folders=pl.col("folder").n_unique(),
            years=pl.col("year").drop_nulls().n_unique(),
        )
    )
    apart = groups.filter(
        pl.col("album_ids").list.len() > 1,
        pl.col("folders") > 1,
        pl.col("years") <= 1,
        ~(pl.col("clash") | pl.col("rivals")),
    )
    return apart.select("name", "album_ids", within=pl.lit(None, pl.String))


def _shared(several: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    """Whether an artist is in all parts, for each artist of each group."""
    parts = several.group_by(keys).agg(parts=pl.col("album_id").n_unique())
    each = several.explode("people").drop_nulls("people").group_by(*keys, "people").agg(pl.col("album_id").n_unique())
    return each.join(parts, on=keys).with_columns(in_all=pl.col("album_id") == pl.col("parts"))


def _clash() -> pl.Expr:
    """Whether a track number stands twice, or most are not there to tell."""
    number = pl.col("number_of")
    return number.drop_nulls().is_duplicated().any() | (2 * number.count() < pl.len())


def _rivals() -> pl.Expr:
    """Whether there are several album artists."""
    return pl.col("owner").drop_nulls().n_unique() > 1


def _ids() -> pl.Expr:
    return pl.col("album_id").unique().sort()


def _described() -> list[pl.Expr]:
    """The columns of a group, and in what its parts differ."""
    return [
        pl.col("album").mode().sort().first(),
        pl.col("artists").list.first().drop_nulls().mode().sort().first().alias("artist"),
        pl.col("album_id").n_unique().alias("parts"),
        pl.len().alias("tracks"),
        pl.col("track_id", "path").first(),
        _ids().cast(pl.String).str.join(", ").alias("album_ids"),
        pl.concat_str(
            _spelling(), _lacking(), _owners(), _flags(), _discs(), _places(), separator="; ", ignore_nulls=True
        )
        .replace("", "the same name, and yet other identifiers")
        .alias("proposal"),
    ]


def _spelling() -> pl.Expr:
    """The names where there are several."""
    spelt = pl.col("album").unique().sort()
    return pl.when(spelt.len() > 1).then(pl.format("spelt '{}'", spelt.head(MOST_NAMED).str.join("', '")))


def _lacking() -> pl.Expr:
    """How many tracks lack the album artist that others have."""
    owner = pl.col("album_artists").list.join(", ")
    known = owner.filter(owner != "")
    lacking = pl.len() - known.len()
    name = known.mode().sort().first()
    some = pl.when(lacking == 1).then(pl.lit("1 track lacks")).otherwise(pl.format("{} tracks lack", lacking))
    having = (known == name).sum()
    have = pl.when(having == 1).then(pl.lit("1 has")).otherwise(pl.format("{} have", having))
    said = pl.format("{} the album artist '{}'; {} it", some, name, have)
    return pl.when((lacking > 0) & (known.len() > 0)).then(said)


def _owners() -> pl.Expr:
    """The album artists where there are several."""
    owner = pl.col("album_artists").list.join(", ")
    known = owner.filter(owner != "").unique().sort()
    more = (
        pl.when(known.len() > MOST_NAMED)
        .then(pl.format(" and {} more", known.len() - MOST_NAMED))
        .otherwise(pl.lit(""))
    )
    names = pl.format("album artists '{}'{}", known.head(MOST_NAMED).str.join("', '"), more)
    return pl.when(known.len() > 1).then(names)


def _flags() -> pl.Expr:
    flagged = pl.col("compilation").fill_null(value=False).sum()
    some = (flagged > 0) & (flagged < pl.len())
    return pl.when(some).then(pl.format("the mark of a compilation is on {} of {} tracks", flagged, pl.len()))


def _discs() -> pl.Expr:
    numbered = pl.col("disc_number").count()
    some = (numbered > 0) & (numbered < pl.len())
    return pl.when(some).then(pl.format("a disc number is on {} of {} tracks", numbered, pl.len()))


def _places() -> pl.Expr:
    """The folders where there are several, and the years."""
    folders, years = pl.col("folder").unique(), pl.col("year").drop_nulls().unique().sort()
    places = pl.when(folders.len() > 1).then(pl.format("in {} folders", folders.len()))
    when = pl.when(years.len() > 1).then(pl.format("years {}", years.cast(pl.String).str.join(", ")))
    return pl.concat_str(places, when, separator="; ", ignore_nulls=True).replace("", None)
