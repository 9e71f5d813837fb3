"""A layout knows its family, what its tracks sounded like, and how far each of its points is to be trusted."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns, null for the layouts that there are: they were made by another recipe and have no relatives."""
    op.add_column("layout", sa.Column("family", sa.String(), nullable=True))
    op.add_column("layout", sa.Column("trust", sa.LargeBinary(), nullable=True))
    op.add_column("layout", sa.Column("stamps", sa.LargeBinary(), nullable=True))
    op.create_index(op.f("ix_layout_family"), "layout", ["family"], unique=False)
    op.execute("PRAGMA user_version = 4")
