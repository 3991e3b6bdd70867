"""The data flows of docs/architecture.md go one way: no module imports one that comes before it in its list."""

import itertools
import re

import grimp
import pytest
from django.conf import settings

APPS = ("portal", "exports", "imports", "archive", "jobs", "accounts", "core")


def flows() -> list[list[str]]:
    """The numbered lists of the section, each as module names."""
    text = (settings.BASE_DIR / "docs" / "architecture.md").read_text(encoding="utf-8")
    section = text.partition("## How data flows")[2].partition("\n## ")[0]
    found: list[list[str]] = []
    for number, module in re.findall(r"^(\d+)\. `([\w.]+)`", section, re.MULTILINE):
        if number == "1":
            found.append([])
        found[-1].append(module)
    return found


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    return grimp.build_graph(*APPS)


def test_it_works(graph: grimp.ImportGraph) -> None:
    lists = flows()
    assert len(lists) == 6
    for modules in lists:
        assert set(modules) <= graph.modules
        for earlier, later in itertools.combinations(modules, 2):
            assert not graph.find_shortest_chain(later, earlier, as_packages=True), f"{later} imports {earlier}"


def test_each_step_leads_to_the_next(graph: grimp.ImportGraph) -> None:
    """A flow has no gap: each module but the first is imported, at once or through others, by one before it."""
    for modules in flows():
        for index, module in enumerate(modules[1:], 1):
            chains = [graph.find_shortest_chain(before, module, as_packages=True) for before in modules[:index]]
            assert any(chains), f"nothing before {module} leads to it"
