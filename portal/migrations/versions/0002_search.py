"""The full-text index over the folded words: GIN on PostgreSQL, FTS5 with triggers on SQLite.

The words come folded and split, so neither database parses them. FTS5 keeps an index of short beginnings beside the one
of whole words, since people search while they type.

Revision: 0002, after 0001
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SQLITE_UP = (
    "CREATE VIRTUAL TABLE search_entry_fts USING fts5(tokens, words, content='search_entry', content_rowid='id',"
    " prefix='1 2 3', tokenize='unicode61 remove_diacritics 0')",
    "CREATE TRIGGER search_entry_insert AFTER INSERT ON search_entry BEGIN"
    " INSERT INTO search_entry_fts(rowid, tokens, words) VALUES (new.id, new.tokens, new.words); END",
    "CREATE TRIGGER search_entry_delete AFTER DELETE ON search_entry BEGIN"
    " INSERT INTO search_entry_fts(search_entry_fts, rowid, tokens, words)"
    " VALUES ('delete', old.id, old.tokens, old.words); END",
    "CREATE TRIGGER search_entry_update AFTER UPDATE ON search_entry BEGIN"
    " INSERT INTO search_entry_fts(search_entry_fts, rowid, tokens, words)"
    " VALUES ('delete', old.id, old.tokens, old.words);"
    " INSERT INTO search_entry_fts(rowid, tokens, words) VALUES (new.id, new.tokens, new.words); END",
)
SQLITE_DOWN = (
    "DROP TRIGGER search_entry_insert",
    "DROP TRIGGER search_entry_delete",
    "DROP TRIGGER search_entry_update",
    "DROP TABLE search_entry_fts",
)
# The cost keeps PostgreSQL from making the vectors of half the table to find what the index knows.
POSTGRESQL_UP = (
    "CREATE FUNCTION search_vector(tokens text, words text) RETURNS tsvector"
    " LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 1000 AS"
    " $$ BEGIN RETURN array_to_tsvector(string_to_array(rtrim(tokens || ' ' || words), ' ')); END $$",
    "CREATE INDEX ix_search_entry_full_text ON search_entry USING gin (search_vector(tokens, words))",
)
POSTGRESQL_DOWN = (
    "DROP INDEX ix_search_entry_full_text",
    "DROP FUNCTION search_vector(text, text)",
)


def upgrade() -> None:
    for statement in SQLITE_UP if op.get_bind().dialect.name == "sqlite" else POSTGRESQL_UP:
        op.execute(statement)


def downgrade() -> None:
    for statement in SQLITE_DOWN if op.get_bind().dialect.name == "sqlite" else POSTGRESQL_DOWN:
        op.execute(statement)
