"""Each step of the schema from the first version to this one; Alembic runs them when a store is opened."""
