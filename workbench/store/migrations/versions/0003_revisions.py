"""A revision of the whole store, leaner links, sound known by a hash, and an index of names to type ahead by.

`track` and `file` are changed in place: to make them anew would delete, by cascade, all that points at them.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

LINKS = {
    "track_artist": "artist_id",
    "album_artist": "artist_id",
    "track_genre": "genre_id",
    "artist_genre": "genre_id",
}
SPAN = 1 << 40  # ids of the index of names: the kind's number times this, plus the id of what has the name
NAMES = {0: ("artist", "name"), 1: ("genre", "name"), 2: ("album", "name"), 3: ("track", "title")}


def upgrade() -> None:
    """Change links, hashes and paths; add the state and the index."""
    for table, column in LINKS.items():
        with op.batch_alter_table(table, recreate="always", table_kwargs={"sqlite_with_rowid": False}):
            pass
        op.create_index(f"ix_{table}_{column}", table, [column], unique=False)
    for table in ("rating", "correction"):
        op.create_index(f"ix_{table}_track_id", table, ["track_id"], unique=False)
    _hashes()
    _paths()
    op.create_table(
        "store_state",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("last_track_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.execute("INSERT INTO store_state (id, last_track_id) SELECT 1, coalesce(max(id), 0) FROM track")
    op.create_table(
        "change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("revision", sa.String(), nullable=False),
        sa.Column("track_ids", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("revision"),
    )
    op.execute("INSERT INTO change (revision) VALUES (lower(hex(randomblob(16))))")
    op.execute(
        "CREATE VIRTUAL TABLE suggestion USING fts5(text, prefix = '2 3', detail = none, "
        "tokenize = 'unicode61 remove_diacritics 2')"
    )
    for kind, (table, column) in NAMES.items():
        names = f"SELECT {kind * SPAN} + id, {column} FROM {table} WHERE {column} IS NOT NULL"  # noqa: S608  stand above
        op.execute(f"INSERT INTO suggestion (rowid, text) {names}")
    op.execute("PRAGMA user_version = 3")


def _hashes() -> None:
    """No version ever filled them."""
    op.drop_index("ix_track_audio_hash", "track")
    op.drop_column("track", "audio_hash")
    op.add_column("track", sa.Column("audio_hash", sa.LargeBinary(), nullable=True))
    op.create_index("ix_track_audio_hash", "track", ["audio_hash"], unique=False)


def _paths() -> None:
    """Keep a path's text only where its bytes do not say it."""
    op.alter_column("file", "path_text", new_column_name="shown")
    op.add_column("file", sa.Column("path_text", sa.String(), nullable=True))
    op.execute("UPDATE file SET path_text = shown WHERE CAST(path AS TEXT) <> shown")
    op.drop_column("file", "shown")
