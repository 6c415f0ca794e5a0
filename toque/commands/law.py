"""`toque law …`: the packs in force, their rules with their sources, and what a changed file would change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Group, RenderableType
from rich.text import Text

from dialer.campaigns import comparing
from dialer.campaigns.comparing import Compared
from dialer.errors import BadInput, NotFound
from dialer.law import Law, own_folder
from dialer.rules.differences import Difference, Placed, differences, rules_of
from dialer.rules.packs import Pack, Packs, load_packs, read_pack
from dialer.rules.proofs import Tried, tried
from dialer.settings import Settings
from toque.commands.acting import act
from toque.commands.output import Json, show
from toque.commands.pictures import table_of

app = typer.Typer(no_args_is_help=True, help="The law as data: packs, rules and their sources.")

STALE = timedelta(days=365)
CONFIDENCE = "H official text · M its summary or quotation · L weak or conflicting · MEM not checked · HOUSE ours"
LIST = ("country", "pack", "name", "places", "rules", "last_checked", "from", "remark")
SHOWN = ("rule", "asks", "written")
DIFFERENCE = ("kind", "place", "code", "what", "changes")


@app.command("list")
def list_packs(as_json: Json = False) -> None:
    """Which packs are in force, where they come from and when they were last checked; and which are broken.

    Your own files lie in TOQUE_LAW_DIR (default: law under TOQUE_HOME) and come before the shipped ones of their
    country. Running campaigns obey a changed file within a second.
    """
    law = _law()
    rows = [_row(pack, law.now()) for _, pack in sorted(law.now().by_country.items())]
    missing = sorted(law.now().broken.keys() - law.now().by_country.keys())
    rows += [dict.fromkeys(LIST) | {"country": one, "remark": law.now().broken[one]} for one in missing]
    shown = [row | {"places": " ".join(row["places"] or ())} for row in rows]
    show(rows, lambda: table_of(shown, *LIST), as_json=as_json)
    if law.now().broken:
        raise typer.Exit(1)


@app.command("show")
def show_rules(
    where: Annotated[str, typer.Argument(metavar="PLACE", help="A country, or a state or city: US, BR-SP.")],
    rule: Annotated[str | None, typer.Option(help="Only the rules of this code.")] = None,
    place: Annotated[str | None, typer.Option(help="Only what this place adds, like US-MA.")] = None,
    as_json: Json = False,
) -> None:
    """The rules of a place: what each asks for, where it stands written, how sure we are, and since when it holds."""
    pack = _pack(_law().now(), where)
    chosen = _chosen(pack, where.upper(), rule, place)
    rows = [_of_rule(one) for one in chosen]
    show(rows, lambda: _picture(pack, rows), as_json=as_json)


@app.command()
def diff(
    old: Annotated[Path, typer.Argument(help="A pack file; alone it is compared with the pack in force.")],
    new: Annotated[Path | None, typer.Argument(help="The changed file.")] = None,
    campaign: Annotated[
        str | None, typer.Option(metavar="NAME", help="Also what it would change for this campaign's contacts now.")
    ] = None,
    as_json: Json = False,
) -> None:
    """What a changed pack asks for that the other did not, rule by rule; nothing is taken over by it."""
    changed = _file(new or old)
    in_force = _law().now()
    before = _file(old) if new is not None else in_force.by_country.get(changed.country)
    if before is not None and before.country != changed.country:
        raise BadInput(f"{old} is of {before.country}, {new} of {changed.country}: compare two files of one country")
    found = differences(before, changed)
    moved = _moved(in_force, changed, campaign) if campaign else None
    made: dict[str, Any] = {
        "country": changed.country,
        "old": before.id if before else None,
        "new": changed.id,
        "rules": [asdict(one) for one in found],
    }
    made |= {"campaign": asdict(moved)} if moved else {}
    show(made, lambda: _differences(made, found, moved), as_json=as_json)


@app.command("test")
def try_cases(
    folder: Annotated[
        Path | None, typer.Argument(metavar="[DIR]", help="Case files (*.ndjson); without it the shipped ones.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Run decided cases through the gate, by the packs in force; exit code 1 if one comes out otherwise.

    A case is one JSON object a line, as `toque gate check` takes it, with `expected` and `reason_code`.
    """
    packs = _law().now()
    found = [one for name, text in _cases(folder) for one in tried(text.splitlines(), name, packs)]
    wrong = [one for one in found if not one.right]
    made = {"cases": len(found), "wrong": [asdict(one) for one in wrong]}
    show(made, lambda: _verdict(len(found), wrong), as_json=as_json)
    if wrong or packs.broken:
        raise typer.Exit(1)


def _cases(folder: Path | None) -> list[tuple[str, str]]:
    place: Any = folder if folder is not None else files("dialer.rules") / "cases"
    try:
        found = [(one.name, one.read_text("utf-8")) for one in place.iterdir() if one.name.endswith(".ndjson")]
    except (OSError, UnicodeDecodeError) as fault:
        raise BadInput(f"{place} cannot be read: name a folder of case files (*.ndjson)") from fault
    if not found:
        raise BadInput(f"{place} holds no case file: write some (*.ndjson), see docs/law.md")
    return sorted(found)


def _verdict(count: int, wrong: Sequence[Tried]) -> RenderableType:
    if not wrong:
        return Text(f"✓ {count} cases come out as they should", style="green")
    rows = [asdict(one) for one in wrong]
    words = Text(f"✗ {len(wrong)} of {count} cases come out otherwise", style="red")
    return Group(table_of(rows, "file", "id", "expected", "got", "source"), words)


def _law() -> Law:
    settings = Settings()
    return Law(own_folder(settings.home, settings.law_dir))


def _row(pack: Pack, packs: Packs) -> dict[str, Any]:
    shipped = load_packs().by_country.get(pack.country)
    remark = packs.broken.get(pack.country) or _stale(pack)
    return {
        "country": pack.country,
        "pack": pack.id,
        "name": pack.name,
        "places": [pack.country, *pack.regions],
        "rules": len(rules_of(pack)),
        "last_checked": pack.last_checked,
        "from": "shipped" if pack is shipped else "your own file",
        "remark": remark,
    }


def _stale(pack: Pack) -> str:
    return "" if datetime.now(UTC).date() - pack.last_checked < STALE else "check it again"


def _pack(packs: Packs, where: str) -> Pack:
    country = where.upper().partition("-")[0]
    if fault := packs.broken.get(country):
        raise BadInput(fault)
    pack = packs.find(country)
    if pack is None:
        known = ", ".join(sorted(packs.by_country))
        raise NotFound(f"There is no pack for {country}, so nobody there is called. Packs: {known}")
    return pack


def _chosen(pack: Pack, where: str, rule: str | None, place: str | None) -> list[Placed]:
    """The rules that hold at `where`: the country's and its own; for the country alone, all of them."""
    for one in (where, (place or where).upper()):
        if one != pack.country and one not in pack.regions:
            raise NotFound(f"The pack {pack.id} has no place {one}: choose among {', '.join(pack.regions) or 'none'}")
    found = [one for one in rules_of(pack) if where in (pack.country, one.place) or one.place == pack.country]
    if place:
        found = [one for one in found if one.place == place.upper()]
    if rule:
        found = [one for one in found if one.rule.code == rule.upper()]
        if not found:
            codes = ", ".join(sorted({one.rule.code for one in rules_of(pack)}))
            raise NotFound(f"The pack {pack.id} has no rule {rule.upper()} there. Its codes: {codes}")
    return found


def _of_rule(one: Placed) -> dict[str, Any]:
    rule = one.rule
    return {
        "place": one.place,
        "code": rule.code,
        "what": one.what,
        "asks": one.parameters,
        "citation": rule.citation,
        "link": rule.link,
        "confidence": rule.confidence,
        "effective_from": rule.effective_from,
        "effective_to": rule.effective_to,
        "last_checked": rule.last_checked,
    }


def _picture(pack: Pack, rows: Sequence[dict[str, Any]]) -> RenderableType:
    shown = [
        {
            "rule": f"{row['code']}\n{row['place']}, {row['what']}",
            "asks": "\n".join(f"{name}: {_said(value)}" for name, value in row["asks"].items()),
            "written": f"{row['citation']} ({row['confidence']})\n{_in_force(row)}",
        }
        for row in rows
    ]
    links = list(dict.fromkeys(f"{row['code']}: {row['link']}" for row in rows if row["link"]))
    title = Text(f"{pack.name}, {pack.id}, last checked {pack.last_checked}", style="bold")
    table = table_of(shown, *SHOWN)
    table.show_lines = True
    return Group(title, table, Text(CONFIDENCE, style="dim"), Text("\n".join(links)))


def _in_force(row: dict[str, Any]) -> str:
    end = f" to {row['effective_to']}" if row["effective_to"] else ""
    return f"from {row['effective_from']}{end}, checked {row['last_checked']}"


def _said(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _file(path: Path) -> Pack:
    try:
        return read_pack(path.read_text("utf-8"), path.name)
    except (OSError, UnicodeDecodeError) as fault:
        raise BadInput(f"{path} cannot be read: name a rule pack, a YAML file such as us.yaml") from fault


def _moved(packs: Packs, changed: Pack, campaign: str) -> Compared:
    broken = {country: fault for country, fault in packs.broken.items() if country != changed.country}
    other = Packs({**packs.by_country, changed.country: changed}, packs.local, broken)
    return act(lambda op: comparing.compare(op, campaign, other))


def _differences(made: dict[str, Any], found: list[Difference], moved: Compared | None) -> RenderableType:
    rows = [asdict(one) | {"changes": "\n".join(one.changes)} for one in found]
    title = Text(f"{made['country']}: {made['old'] or 'no pack'} → {made['new']}", style="bold")
    parts: list[RenderableType] = [title, table_of(rows, *DIFFERENCE) if rows else Text("Nothing differs")]
    if moved is not None:
        parts.append(Text(f"{moved.contacts} people: for {moved.same} nothing changes"))
        parts += [Text(f"  {count}: {words}", style="yellow") for words, count in moved.moves.most_common()]
        if moved.earlier or moved.later:
            parts.append(Text(f"  {moved.earlier} would be called earlier than now, {moved.later} later"))
    return Group(*parts)
