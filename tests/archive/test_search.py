"""Searching by words finds the same issues on both databases: those that plain Python finds in the same texts."""

import json
import unicodedata
from collections.abc import Iterable
from contextlib import suppress
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from archive import search_index
from archive.filters import IssueFilter
from archive.folding import fold
from archive.models import ArchivedIssue, DetailKind, IssueDetail, IssueWords, RemovalKind
from archive.removals import anonymise_account, remove_issues
from tests.factories import make_account, make_detail, make_issue

pytestmark = pytest.mark.django_db

REAL = Path(settings.BASE_DIR).parent / "shared" / "data"


def found(text: str) -> list[int]:
    return sorted(IssueFilter(text=text).issues().values_list("pk", flat=True))


def index_all() -> None:
    search_index.rewrite(list(ArchivedIssue.objects.values_list("pk", flat=True)))


def test_it_works() -> None:
    make_issue(1, summary="Printer jams", description="On the second floor.")
    make_issue(2, summary="Crème brûlée", labels=["Second Floor"], environment="Printer")
    make_issue(3, summary="Floor, second to none")
    index_all()
    assert found("printer") == [1, 2]
    assert found("PRINTER floor") == [1, 2]
    assert found('"second floor"') == [1, 2]
    assert found('"second floor" jam*') == [1]
    assert found("creme") == [2]
    assert found("jam") == []
    assert found("foo-2") == [2]
    assert found("!!!") == []


def test_every_searched_text_is_found() -> None:
    issue = make_issue(
        1,
        key="AC-1",
        summary="asummary",
        description="adescription",
        environment="anenvironment",
        labels=["alabel"],
        components=["acomponent"],
        fix_versions=["fixed"],
        affects_versions=["affected"],
    )
    make_detail(issue, DetailKind.COMMENT, [{"body": "acomment", "author": {"displayName": "anauthor"}}])
    make_detail(issue, DetailKind.CUSTOM, ["acustom"], name="Field", value={"value": "hidden"})
    make_detail(issue, DetailKind.FIELD, ["another"], name="Votes")
    index_all()
    searched = "ac-1 asummary adescription anenvironment alabel acomponent fixed affected acomment acustom"
    assert found(searched) == [1]
    for word in ("anauthor", "hidden", "another"):
        assert found(word) == []


def test_a_phrase_does_not_extend_over_two_texts() -> None:
    make_issue(1, summary="second", labels=["floor", "plan"])
    index_all()
    assert found('"second floor"') == []
    assert found('"floor plan"') == []


def test_long_texts_are_found_to_the_last_word_and_as_phrases() -> None:
    words = " ".join([f"w{number}" for number in range(40_000)])
    make_issue(1, description=f"{words} {'the the cat ' * 5_000} the last words")
    index_all()
    assert found("w39999 words") == [1]
    assert found('"the last words"') == [1]
    assert found('"w20000 w20001"') == [1]
    assert found('"w20000 w20002"') == []


def test_a_text_of_many_words_is_searched() -> None:
    make_issue(1, description=" ".join([f"{number}" for number in range(1_000)]))
    index_all()
    assert found(" ".join([str(number) for number in range(100, 225)])) == [1]
    assert found("字" * 500) == []


# -- Writing -------------------------------------------------------------------------------------------


def import_issues(tmp_path: Path, *issues: dict[str, Any], **options: Any) -> None:
    path = tmp_path / "issues.json"
    path.write_text("\n".join(json.dumps(issue) for issue in issues))
    call_command("import_issues", path, archived_by="ops", archived_date="2024-02-03", stdout=StringIO(), **options)


def jira_issue(number: int, **fields: Any) -> dict[str, Any]:
    basic = {"project": {"key": "AC"}, "issuetype": {"id": "1", "name": "Bug"}}
    return {"id": str(number), "key": f"AC-{number}", "fields": basic | fields}


def stored_words() -> dict[int, list[str]]:
    """The words of each text of each issue, by the issue's ID. The order of the texts doesn't matter."""
    rows = IssueWords.objects.values_list("issue_id", "words")
    return {issue_id: sorted(part.strip() for part in words.split("¶") if part.strip()) for issue_id, words in rows}


def check_words() -> None:
    """The words are those of what the archive has now."""
    before = stored_words()
    assert before.keys() == set(ArchivedIssue.objects.values_list("pk", flat=True))
    index_all()
    assert stored_words() == before
    search_index.tidy()


def test_an_import_writes_the_words_of_new_and_changed_issues(tmp_path: Path) -> None:
    comment = {"id": "1", "body": "Ask Eve first", "created": "2023-07-16T15:04:05.678+0200"}
    import_issues(tmp_path, jira_issue(1, summary="Printer", comment={"comments": [comment]}), jira_issue(2))
    assert found("printer eve") == [1]
    check_words()
    import_issues(tmp_path, jira_issue(1, summary="Scanner"), jira_issue(3, customfield_1={"value": "Blue"}))
    assert (found("printer"), found("scanner eve"), found("blue")) == ([], [1], [3])
    comment["body"] = "Ask Bob"
    import_issues(tmp_path, jira_issue(1, summary="Scanner", comment={"comments": [comment]}))
    assert (found("eve"), found("bob scanner")) == ([], [1])
    check_words()


def test_a_dry_run_changes_no_words(tmp_path: Path) -> None:
    import_issues(tmp_path, jira_issue(1, summary="Printer"))
    import_issues(tmp_path, jira_issue(1, summary="Scanner"), jira_issue(2, summary="Scanner"), dry_run=True)
    assert (found("printer"), found("scanner")) == ([1], [])


def test_swapped_keys_are_found(tmp_path: Path) -> None:
    import_issues(tmp_path, jira_issue(1), jira_issue(2))
    import_issues(tmp_path, jira_issue(1) | {"key": "AC-2"}, jira_issue(2) | {"key": "AC-1"})
    assert (found("AC-1"), found("AC-2")) == ([2], [1])


def test_sample_issues_are_found() -> None:
    call_command("seed_issues", "300", stdout=StringIO())
    assert IssueWords.objects.count() == 300
    check_words()


def test_removed_issues_leave_no_words(tmp_path: Path) -> None:
    import_issues(tmp_path, jira_issue(1, summary="Printer"), jira_issue(2, summary="Printer"))
    remove_issues(ArchivedIssue.objects.filter(pk=1), RemovalKind.DELETED, "ops", {})
    assert list(stored_words()) == [2]
    import_issues(tmp_path, jira_issue(1, summary="Scanner"))
    assert (found("printer"), found("scanner")) == ([2], [1])


def test_an_anonymised_person_is_not_found_by_name_or_id() -> None:
    rob = make_account("5b10a2844c20165700ede21g", "Rob Ray")
    first = make_issue(1, description=f"Ask [~accountid:{rob.account_id}] first")
    picked = {"accountId": rob.account_id, "displayName": "Rob Ray"}
    detail = make_detail(first, DetailKind.CUSTOM, ["Rob Ray"], name="Owner", value=picked)
    make_issue(2, summary=f"[~accountid:{rob.account_id}]")
    index_all()
    assert (found("rob"), found(rob.account_id)) == ([1], [1, 2])
    anonymise_account(rob.account_id, "ops")
    assert (found("rob"), found(rob.account_id)) == ([], [])
    detail.refresh_from_db()
    assert "Rob" not in json.dumps(detail.items)
    check_words()


# -- Against plain Python ------------------------------------------------------------------------------


def plain_words(text: str) -> list[str]:
    """The words of a text, found by the names and categories of its characters instead of archive.folding's ranges."""
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    without_accents = "".join(character for character in folded if unicodedata.combining(character) < 200)
    line = ""
    for character in unicodedata.normalize("NFC", without_accents):
        name = unicodedata.name(character, "")
        if name == "SOFT HYPHEN":
            continue
        if unicodedata.category(character)[0] not in "LNM":
            line += " "
        elif name.startswith(("CJK", "HIRAGANA", "KATAKANA", "THAI")):
            line += f" {character} "
        else:
            line += character
    return line.split()


def plain_line(text: str) -> str:
    """The words of a text with blanks around each."""
    words = [word[:100] for word in plain_words(text)]
    return f" {' '.join(words)} "


def plain_has(lines: Iterable[str], wanted: list[str], *, is_prefix: bool) -> bool:
    phrase = f" {' '.join(wanted)}"
    if not is_prefix:
        phrase += " "
    return any(phrase in line for line in lines)


def texts_of(issue: ArchivedIssue) -> list[str]:
    texts = [issue.key, issue.summary, issue.description, issue.environment]
    texts += [*issue.labels, *issue.components, *issue.fix_versions, *issue.affects_versions]
    for detail in IssueDetail.objects.filter(issue=issue, column__kind=DetailKind.COMMENT):
        texts.extend([comment["body"] for comment in detail.items if isinstance(comment.get("body"), str)])
    for detail in IssueDetail.objects.filter(issue=issue, column__kind=DetailKind.CUSTOM):
        texts.extend(detail.items)
    return texts


def check_against_plain_python(lines: dict[int, list[str]], parts: list[tuple[str, bool]]) -> None:
    """Each part is a phrase, and whether it is a prefix."""
    wanted = [(plain_words(phrase), is_prefix) for phrase, is_prefix in parts]
    wanted = [(words, is_prefix) for words, is_prefix in wanted if words]
    if not wanted:
        return
    expected = []
    for issue_id, its_lines in lines.items():
        if all(plain_has(its_lines, words, is_prefix=is_prefix) for words, is_prefix in wanted):
            expected.append(issue_id)
    query = " ".join(f'"{" ".join(words)}{"*" * is_prefix}"' for words, is_prefix in wanted)
    assert found(query) == sorted(expected), query


LETTERS = st.sampled_from("aAàÄßeéÉèfoO0Яйёς ,.-_'\"\n")
TEXTS = st.text(LETTERS, max_size=12)


@hypothesis_settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(TEXTS, min_size=1, max_size=5), st.lists(st.tuples(TEXTS, st.booleans()), min_size=1, max_size=3))
def test_any_texts_are_found_as_plain_python_finds_them(texts: list[str], parts: list[tuple[str, bool]]) -> None:
    ArchivedIssue.objects.all().delete()
    for number, text in enumerate(texts):
        make_issue(number, key=f"K{number}", summary=text, labels=[text[:3]])
    index_all()
    lines = {}
    for number, text in enumerate(texts):
        lines[number] = [plain_line(part) for part in (f"K{number}", text, text[:3])]
    check_against_plain_python(lines, parts)


ANY_TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=40)


@hypothesis_settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ANY_TEXT, ANY_TEXT)
def test_no_text_is_wrong_and_each_finds_itself(text: str, other: str) -> None:
    ArchivedIssue.objects.all().delete()
    make_issue(1, key="X", summary=text, description=other)
    index_all()
    for typed in (text, other, f'"{text}', f"{other}*"):
        wanted = IssueFilter.from_json({"text": typed})
        assert list(wanted.issues().values_list("pk", flat=True)) in ([1], []), typed
    if fold(text).strip("¶ "):
        assert found(text.replace('"', " ")) == [1]


@pytest.mark.skipif(not REAL.is_dir(), reason=f"the real files are not at {REAL}")
def test_real_texts_are_found_as_plain_python_finds_them(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)  # for the files of rejected issues
    files = [path for path in sorted(REAL.rglob("*")) if path.suffix in (".json", ".csv", ".gz")]
    for path in files:
        with suppress(CommandError):  # some files are of other Jiras and have the IDs of the same issues
            call_command("import_issues", path, archived_by="ops", archived_date="2024-02-03", stdout=StringIO())
    lines = {}
    for issue in ArchivedIssue.objects.all():
        lines[issue.pk] = [plain_line(text) for text in texts_of(issue)]
    check_words()
    checked_count = 0
    for number, its_lines in enumerate(lines.values()):
        words = " ".join(its_lines).split()
        if number % 60:
            continue
        middle = len(words) // 2
        check_against_plain_python(lines, [(words[middle], False)])
        check_against_plain_python(lines, [(its_lines[1][:20], True)])
        check_against_plain_python(lines, [(words[1], False), (words[-1][:3], True)])
        checked_count += 1
    assert checked_count > 30
