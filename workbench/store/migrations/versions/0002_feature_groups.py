"""Features have a version for each group, an extent, and more columns; older ones stay until they are measured anew."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

GROUPS = ("levels", "rhythm", "tonality", "spectrum")
NEW_NUMBERS = (
    "dynamic_range_db",
    "silence_start_s",
    "silence_end_s",
    "stereo_correlation",
    "spectral_cutoff_hz",
    "bpm_alternative_strength",
    "pulse_clarity",
    "beat_regularity",
    "tuning_cents",
    "onset_strength_db_mean",
    "onset_strength_db_std",
)
NEW_TEXTS = ("stereo_image", "key_alternative", "mode_alternative")


def upgrade() -> None:
    """Make the table anew: what SQLite can change of one leaves the duration NOT NULL."""
    with op.batch_alter_table("audio_features", recreate="always") as table:
        table.add_column(sa.Column("extent", sa.String(), nullable=False, server_default="full"))
        for group in GROUPS:
            table.add_column(sa.Column(f"{group}_version", sa.String(), nullable=True))
        for name in NEW_NUMBERS:
            table.add_column(sa.Column(name, sa.Float(), nullable=True))
        for name in NEW_TEXTS:
            table.add_column(sa.Column(name, sa.String(), nullable=True))
        table.alter_column("duration_s", existing_type=sa.Float(), nullable=True)
    versions = ", ".join(f"{group}_version = analyzer_version" for group in GROUPS)
    op.execute(f"UPDATE audio_features SET {versions}")  # noqa: S608  names that stand above
    unknown = json.dumps(dict.fromkeys((*NEW_NUMBERS, *NEW_TEXTS), "not_measured"))
    op.execute(sa.text("UPDATE audio_features SET reasons = json_patch(reasons, :unknown)").bindparams(unknown=unknown))
    with op.batch_alter_table("audio_features", recreate="always") as table:
        table.drop_column("analyzer_version")
        table.alter_column("extent", existing_type=sa.String(), server_default=None)
    op.execute("PRAGMA user_version = 2")
