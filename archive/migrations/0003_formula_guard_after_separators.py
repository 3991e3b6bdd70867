"""Store for each row whether a text needs the formula guard after a separator. This rewrites the tables."""

from django.db import migrations, models

from archive.formula_guard import InnerFormulaFree

TEXTS = {
    "account": ["account_id", "name"],
    "project": ["key", "name", "type", "description"],
    "issuetype": ["name"],
    "archivedissue": [
        "key",
        "summary",
        "status",
        "status_category",
        "priority",
        "resolution",
        "description",
        "environment",
        "security_level",
        "parent_key",
        "parent_summary",
    ],
}
LISTS = ["affects_versions", "fix_versions", "components", "labels"]


def _stored(model: str) -> models.GeneratedField:
    lists = LISTS if model == "archivedissue" else []
    condition = InnerFormulaFree(*TEXTS[model], *lists, list_count=len(lists))
    return models.GeneratedField(expression=condition, output_field=models.BooleanField(), db_persist=True)


class Migration(migrations.Migration):
    dependencies = [("archive", "0002_issue_details")]

    operations = [migrations.AddField(model, "is_inner_formula_free", _stored(model)) for model in TEXTS]
