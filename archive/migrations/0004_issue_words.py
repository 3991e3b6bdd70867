"""The table of the words by which issues are found. On SQLite, it is a table of FTS5."""

import archive.models
import django.db.models.deletion
from django.db import migrations, models

CREATE = {
    # The function tells the planner what it costs to make the tsvector of an issue: without it, the planner would
    # rather make those of all issues than read the index. In PL/pgSQL, because functions in SQL lose their costs.
    # The words are padded with blanks (archive.models.WordsField) so that they are stored outside of the row.
    "postgresql": """
        CREATE TABLE archive_issuewords (rowid bigint NOT NULL PRIMARY KEY, words text NOT NULL)
        WITH (toast_tuple_target = 128);
        CREATE FUNCTION archive_vector(words text) RETURNS tsvector
        LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 4000 AS
        $$ BEGIN
            RETURN pg_catalog.array_to_tsvector(pg_catalog.string_to_array(pg_catalog.rtrim(words), ' '));
        END $$;
    """,
    # Words are separated by blanks and have no other ASCII signs; the tokenizer leaves all other characters alone. The
    # sizes of texts are only needed to rank them.
    "sqlite": "CREATE VIRTUAL TABLE archive_issuewords USING fts5(words, tokenize = 'ascii', columnsize = 0)",
}
DROP = {
    "postgresql": "DROP TABLE archive_issuewords; DROP FUNCTION archive_vector(text)",
    "sqlite": "DROP TABLE archive_issuewords",
}


def create(apps, schema_editor):
    schema_editor.execute(CREATE[schema_editor.connection.vendor])


def drop(apps, schema_editor):
    schema_editor.execute(DROP[schema_editor.connection.vendor])


class Migration(migrations.Migration):
    dependencies = [("archive", "0003_formula_guard_after_separators")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(create, drop)],
            state_operations=[
                migrations.CreateModel(
                    name="IssueWords",
                    fields=[
                        (
                            "issue",
                            models.OneToOneField(
                                db_column="rowid",
                                db_constraint=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                primary_key=True,
                                related_name="+",
                                serialize=False,
                                to="archive.archivedissue",
                            ),
                        ),
                        ("words", archive.models.WordsField()),
                    ],
                    options={"verbose_name_plural": "issue words"},
                ),
            ],
        ),
    ]
