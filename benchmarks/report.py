"""Write docs/performance.md and its chart from benchmarks/results/*.json, so that no figure is copied by hand."""

import json
import statistics
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
RESULTS, DOCS = ROOT / "benchmarks" / "results", ROOT / "docs"
MIB = 2**20


def main() -> None:
    results = {path.stem: json.loads(path.read_text()) | {"name": path.stem} for path in sorted(RESULTS.glob("*.json"))}
    parts = [section(results[name]) for name, section in SECTIONS.items() if name in results]
    intro = (RESULTS.parent / "performance.head.md").read_text()
    tail = (RESULTS.parent / "performance.tail.md").read_text()
    (DOCS / "performance.md").write_text("\n\n".join([intro.strip(), *parts, tail.strip()]) + "\n")
    plot(results)


def median(way: dict[str, list[float]], figure: str) -> float:
    return statistics.median(way.get(figure, [0]))


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def ways_table(ways: dict[str, Any], base: str) -> str:
    def row(name: str, way: dict[str, list[float]]) -> list[str]:
        wall, peak = median(way, "wall"), median(way, "peak")
        cells = [name, f"{wall:.2f}", f"{wall / median(ways[base], 'wall'):.2f}", f"{median(way, 'cpu'):.1f}"]
        return [*cells, f"{median(way, 'server_cpu'):.1f}", f"{peak / MIB:.0f}" if peak else ""]

    headings = ["method", "wall s", "ratio", "CPU s, client", "CPU s, server", "peak MiB"]
    return table(headings, (row(name, way) for name, way in ways.items()))


def machine(result: dict[str, Any]) -> str:
    rounds = max((len(way["wall"]) for way in result["ways"].values()), default=0)
    turns = f"medians of {rounds} runs" if rounds > 1 else "one run"
    return f"{result['machine']['cores']} cores, {result['machine']['memory_gib']} GiB; {turns}."


def postgresql(result: dict[str, Any]) -> str:
    facts = result["facts"]
    return (
        f"## PostgreSQL, {facts['issues']:,} issues, {facts['bytes'] / 1e9:.2f} GB\n\n{machine(result)} After "
        f"the header, our file equals psql's output byte for byte. Both end with the file on disk.\n\n"
        + ways_table(result["ways"], "psql COPY")
    )


def sqlite(result: dict[str, Any]) -> str:
    head = f"## SQLite, {result['facts']['issues']:,} issues\n\n{machine(result)}\n\n"
    return head + ways_table(result["ways"], "sqlite3 -csv")


def peers(result: dict[str, Any]) -> str:
    head = f"## Alternatives, {result['facts']['issues']:,} issues on PostgreSQL\n\n{machine(result)}\n\n"
    return head + ways_table(result["ways"], "ours")


def growth(result: dict[str, Any]) -> str:
    rows, ratios = result["facts"]["rows"], result["ratios"]

    def row(name: str, way: dict[str, list[float]]) -> list[str]:
        wall, peak, idle = (median(way, figure) for figure in ("wall", "peak", "idle"))
        cells = [name, f"{rows[name]:,}", f"{wall:.2f}", f"{wall / rows[name] * 1e6:.1f}"]
        return [*cells, f"{peak / MIB:.0f}", f"{(peak - idle) / MIB:.0f}"]

    head = (
        f"## Growth on PostgreSQL\n\n{machine(result)} Whole archives of three sizes, and a filter on a larger one. "
        f"With ten times as many issues, peak memory is {ratios['memory_growth']:.2f} times as high "
        f"and the time per row is {ratios['time_growth']:.2f} times as long.\n\n"
    )
    headings = ["archive", "rows", "wall s", "µs per row", "peak MiB", "above idle MiB"]
    return head + table(headings, (row(name, way) for name, way in result["ways"].items()))


def filters(result: dict[str, Any]) -> str:
    facts = result["facts"]
    issues, most = facts["issues"], facts["issues"] * facts["times"]

    def row(name: str, small: dict[str, Any], large: dict[str, Any]) -> list[str]:
        spreads = [spread for item in (small, large) for spread in (item["count"], item["page"])]
        return [name, f"{large['matches']:,}", *(f"{p50:.1f} / {p95:.1f}" for p50, p95 in spreads)]

    head = (
        f"## Filters on PostgreSQL, {issues:,} and {most:,} issues\n\n"
        'Milliseconds with warm caches, p50 / p95. "Count" is the count before an export, which stops at one issue '
        'over the limit. "Page" is the first page of issues.\n\n'
    )
    headings = ["filter", f"matches of {most:,}", f"count, {issues:,}", "page", f"count, {most:,}", "page"]
    return head + table(headings, (row(name, small, facts["large"][name]) for name, small in facts["small"].items()))


def browsing(result: dict[str, Any]) -> str:
    facts, ratios = result["facts"], result["ratios"]
    ways = {"reading each page for half a second": "browsing", "without any pause": "browsing_without_pause"}

    def row(how: str, name: str) -> list[str]:
        quiet, busy, pages = (f"{statistics.median(facts[name][kind]):.0f}" for kind in ("quiet", "busy", "pages"))
        return [how, quiet, busy, f"{ratios[name]:.2f}", pages]

    head = (
        f"## Browsing during an export of {facts['issues']:,} issues on PostgreSQL\n\n"
        f"Two users each open one page after another; medians of {facts['rounds']} runs.\n\n"
    )
    headings = ["users open pages", "p95 ms, no export", "p95 ms, during export", "ratio", "pages during export"]
    return head + table(headings, (row(how, name) for how, name in ways.items()))


def imports(result: dict[str, Any]) -> str:
    def row(name: str, way: dict[str, list[float]]) -> list[str]:
        return [name, f"{median(way, 'wall'):.1f}", f"{median(way, 'rate'):,.0f}", f"{median(way, 'peak') / MIB:.0f}"]

    ratios = result["ratios"]
    head = (
        f"## Import into {database(result, 'import_')}, {result['facts']['issues']:,} issues as NDJSON\n\n"
        f"{machine(result)} An import takes {ratios[result['name']]:.2f} times as long as writing prepared rows "
        f"to the database. With ten times as many issues, peak memory is "
        f"{ratios['import_memory_growth']:.2f} times as high.\n\n"
    )
    headings = ["method", "wall s", "issues per second", "peak MiB"]
    return head + table(headings, (row(name, way) for name, way in result["ways"].items()))


def pages(result: dict[str, Any]) -> str:
    facts = result["facts"]
    head = (
        f"## Pages on {database(result, 'pages_')}, {facts['issues']:,} issues\n\n"
        f"Server time, {facts['rounds']} requests per page.\n\n"
    )
    rows = (
        [name, f"{page['p50']:.0f}", f"{page['p95']:.0f}", str(page["queries"])]
        for name, page in facts["pages"].items()
    )
    return head + table(["page", "p50 ms", "p95 ms", "queries"], rows)


def profile(result: dict[str, Any]) -> str:
    facts = result["facts"]
    head = (
        f"## Where the time goes, {facts['issues']:,} issues, one connection\n\n"
        "The worker's time is attributed to the innermost function of our own code (py-spy). Most of the time in "
        "`_lines` is spent waiting for the database. The database process's time is attributed by symbol (perf)."
    )
    sides = (
        table([side, "share"], ([f"`{name}`", f"{share:.1%}"] for name, share in facts[side]))
        for side in ("worker", "server")
    )
    return "\n\n".join([head, *sides])


def database(result: dict[str, Any], prefix: str) -> str:
    return {"postgresql": "PostgreSQL", "sqlite": "SQLite"}[result["name"].removeprefix(prefix)]


SECTIONS = {
    "export_postgresql": postgresql,
    "export_sqlite": sqlite,
    "export_growth": growth,
    "export_peers": peers,
    "filters": filters,
    "pages_postgresql": pages,
    "pages_sqlite": pages,
    "browsing": browsing,
    "import_postgresql": imports,
    "import_sqlite": imports,
    "profile": profile,
}


def plot(results: dict[str, Any]) -> None:
    """Bar charts of wall time, one panel per comparison."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "performance"
    from matplotlib import pyplot

    names = [name for name in ("export_postgresql", "export_sqlite", "export_peers") if name in results]
    figure, panels = pyplot.subplots(len(names), 1, figsize=(8, 2.2 * len(names)), squeeze=False)
    for name, panel in zip(names, panels[:, 0], strict=True):
        ways = results[name]["ways"]
        panel.barh(list(ways), [median(way, "wall") for way in ways.values()], color="#1f5fa8")
        panel.invert_yaxis()
        panel.set_title(
            f"{name.removeprefix('export_')}: {results[name]['facts']['issues']:,} issues, seconds", loc="left"
        )
    figure.tight_layout()
    figure.savefig(DOCS / "performance.svg", metadata={"Date": None})


if __name__ == "__main__":
    main()
