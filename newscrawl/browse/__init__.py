"""Looking into the database with Datasette: what it is told of tables, views and questions, and how it starts."""
