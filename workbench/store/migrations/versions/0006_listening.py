"""Ratings and play counts out of tags, which version read a file's tags, and searches that a user wants remembered."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add columns and the table; known files were read by version 0, so that the next scan reads them again."""
    op.add_column("track", sa.Column("rating_tag", sa.Float(), nullable=True))
    op.add_column("track", sa.Column("play_count", sa.Integer(), nullable=True))
    op.add_column("file", sa.Column("tags_version", sa.Integer(), server_default="0", nullable=False))
    op.create_table(
        "search_use",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_id", "text"),
    )
    op.execute("PRAGMA user_version = 6")
