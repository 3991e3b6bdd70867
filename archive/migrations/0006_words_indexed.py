"""PostgreSQL's index of the words, after they are written: that is faster than adding them one by one."""

from django.db import migrations

CREATE = "CREATE INDEX issue_by_words ON archive_issuewords USING gin (archive_vector(words))"


def create(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(CREATE)


def drop(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP INDEX issue_by_words")


class Migration(migrations.Migration):
    dependencies = [("archive", "0005_words_of_issues")]

    operations = [migrations.RunPython(create, drop)]
