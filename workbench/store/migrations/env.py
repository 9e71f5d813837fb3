"""Where Alembic finds the tables and the connection; run by `connection.open_store` only."""

from alembic import context
from sqlmodel import SQLModel

import workbench.models  # noqa: F401  fills the metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
