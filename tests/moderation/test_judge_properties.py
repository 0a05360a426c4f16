"""Laws of the judge: what no vector can say of every case."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from moderation.claims import STATES
from moderation.judge import Case, Verdict, judge, may_see
from moderation.roles import ROLES, Who
from schema.edits import Edit, Tier, check_edit
from schema.row import Live, TierState
from schema.sheets import SHEETS, Field, Sheet
from schema.values import Value

ANN, BO, CHEN = "A00000000001", "B00000000001", "C00000000001"
TEAMS = ("", "civil_team/T000000000000001", "official_team/T000000000000001", "civil_team/T000000000000002")
ROWS = ("R000000000000001", "T000000000000001")
STEPS = ("open", "careful", "verified")
EDIT = "E0000001"
DEAD = {"D0000001": ANN, "D0000002": BO}  # known, and replaced long ago
UNKNOWN = "Zzzzzzzz"


def _value(field: Field, path: str) -> st.SearchStrategy[Value]:
    """What a cell of this field may hold."""
    match field.kind:
        case "text" if field.options == ():
            return st.sampled_from(["", "米河镇", "路口"])
        case "phone":
            return st.sampled_from(["14212345678", "14312345678"])
        case "int":
            return st.integers(field.minimum or 0, min(field.maximum or 9, 9))
        case "bool":
            return st.booleans()
        case "enum":
            return st.sampled_from([option.code for option in field.options if option.code != "other"])
        case "multi":
            return st.just("别的") if path.endswith(":other") else st.booleans()
        case "geo":
            return st.just(["34.75", "113.62", "wgs84", "", ""])
        case "time":
            return st.just("2021-07-20T12:59:00Z")
        case "url":
            return st.just("https://example.org/1")
        case "ref":
            return st.just("0123456789abcdEF")
        case "claim":
            return st.sampled_from(STATES).map(lambda state: [state, "", "60"])
        case _:
            return st.just(["" for _ in field.entry] if field.entry else "听到呼救")


def _paths(sheet: Sheet, tier: Tier, *, rights: frozenset[str] = frozenset()) -> list[str]:
    """Every path of a tier, those of some classes of rights if any are named."""
    found = []
    for name in sheet.paths_of_tier(tier):
        field = sheet.fields[name]
        if rights and field.rights not in rights:
            continue
        if field.kind == "multi":
            found += [f"{name}:{option.code}" for option in field.options]
        elif field.kind == "log":
            found.append(f"{name}:{EDIT}")
        elif field.kind == "claim":
            found += [f"{name}:T000000000000001", f"{name}:T000000000000002"]
        else:
            found.append(name)
    return found


@st.composite
def _whos(draw: st.DrawFn) -> Who:
    return Who(ANN, draw(st.sampled_from(ROLES)), draw(st.sampled_from(TEAMS)), draw(st.booleans()))


@st.composite
def _cells(draw: st.DrawFn, sheet: Sheet, tier: Tier, *, number: int) -> TierState:
    paths = draw(st.lists(st.sampled_from(_paths(sheet, tier)), max_size=4, unique=True))
    cells = {}
    for at, path in enumerate(paths):
        if path.endswith(EDIT):
            continue  # a line of a log stands under the edit that wrote it
        field = sheet.fields[path.partition(":")[0]]
        live = draw(st.lists(st.one_of(st.none(), _value(field, path)), min_size=1, max_size=2))
        cells[path] = tuple(
            Live(f"L{number}{at:03}00{n}", value, draw(st.sampled_from([ANN, BO, CHEN])), 1)
            for n, value in enumerate(live)
        )
    return TierState(cells)


@st.composite
def _asked(draw: st.DrawFn) -> tuple[Edit, Tier, Case, Who]:
    """A well-formed edit, and a row and a person it meets."""
    sheet = SHEETS[draw(st.sampled_from(sorted(SHEETS)))]
    tier: Tier = draw(st.sampled_from(["public", "private"]))
    public = draw(_cells(sheet, "public", number=1))
    private = draw(_cells(sheet, "private", number=2))
    state = public if tier == "public" else private
    wrote = DEAD | {live.edit: live.actor for values in state.cells.values() for live in values}
    paths = [*state.cells, *draw(st.lists(st.sampled_from(_paths(sheet, tier)), min_size=1, max_size=3))]
    writes: dict[str, Value] = {}
    seen: dict[str, list[str]] = {}
    for path in draw(st.lists(st.sampled_from(paths), min_size=1, max_size=4, unique=True)):
        writes[path] = draw(st.one_of(st.none(), _value(sheet.fields[path.partition(":")[0]], path)))
        known = [*DEAD, UNKNOWN, *(live.edit for live in state.live(path))]
        replaced = draw(st.lists(st.sampled_from(known), max_size=3, unique=True))
        if replaced:
            seen[path] = replaced
    case = Case(
        sheet=sheet,
        row=draw(st.sampled_from(ROWS)),
        exists=draw(st.booleans()),
        author=draw(st.sampled_from([ANN, BO])),
        public=public,
        private=private,
        step=draw(st.sampled_from(STEPS)),
        wrote=wrote,
    )
    return check_edit(EDIT, ANN, 5, writes, seen), tier, case, draw(_whos())


def _accepts(verdict: Verdict) -> bool:
    assert verdict.code in ("accepted", "suggested")
    return verdict.code == "accepted"


@given(_asked(), st.data())
def test_ED13_the_verdict_does_not_depend_on_the_order_of_writes(
    asked: tuple[Edit, Tier, Case, Who], data: st.DataObject
) -> None:
    edit, tier, case, who = asked
    turned = dict(data.draw(st.permutations(list(edit.writes.items()))))
    sent = check_edit(edit.edit, edit.actor, edit.at_ms, turned, dict(reversed(list(edit.seen.items()))))
    assert judge(sent, tier, case=case, who=who) == judge(edit, tier, case=case, who=who)
    unsorted = replace(edit, writes=turned)  # as no reader makes one; what is accepted must not hang on it
    assert _accepts(judge(unsorted, tier, case=case, who=who)) == _accepts(judge(edit, tier, case=case, who=who))


@given(_asked())
def test_ED13_an_edit_is_accepted_only_if_each_of_its_cells_alone_would_be(asked: tuple[Edit, Tier, Case, Who]) -> None:
    edit, tier, case, who = asked
    alone = [
        replace(edit, writes={path: value}, seen={path: edit.seen[path]} if path in edit.seen else {})
        for path, value in edit.writes.items()
    ]
    each = [_accepts(judge(part, tier, case=case, who=who)) for part in alone]
    assert _accepts(judge(edit, tier, case=case, who=who)) == all(each)


@given(_asked())
def test_FK9_holding_a_row_never_makes_a_verdict_worse(asked: tuple[Edit, Tier, Case, Who]) -> None:
    edit, tier, case, who = asked
    without, holding = (judge(edit, tier, case=case, who=replace(who, holds=holds)) for holds in (False, True))
    assert _accepts(holding) or not _accepts(without)
    sees = [may_see(case=case, who=replace(who, holds=holds)) for holds in (False, True)]
    assert sees[0] <= sees[1]


@given(_asked())
def test_FK9_raising_protection_never_makes_a_verdict_better(asked: tuple[Edit, Tier, Case, Who]) -> None:
    edit, tier, case, who = asked
    verdicts = [_accepts(judge(edit, tier, case=replace(case, step=step), who=who)) for step in STEPS]
    assert verdicts == sorted(verdicts, reverse=True)


@given(_asked())
def test_FK9_an_owner_is_judged_as_a_steward(asked: tuple[Edit, Tier, Case, Who]) -> None:
    edit, tier, case, who = asked
    steward, owner = (judge(edit, tier, case=case, who=replace(who, role=role)) for role in ("steward", "owner"))
    assert steward == owner


@given(_asked())
def test_ED11_an_unknown_edit_in_seen_counts_as_one_of_another(asked: tuple[Edit, Tier, Case, Who]) -> None:
    edit, tier, case, who = asked
    forgotten = replace(case, wrote={known: BO if actor == BO else CHEN for known, actor in case.wrote.items()})
    unknown = replace(case, wrote={})
    assert judge(edit, tier, case=unknown, who=who) == judge(edit, tier, case=forgotten, who=who)


@given(st.data(), _whos(), st.sampled_from(STEPS), st.sampled_from(["public", "private"]))
def test_FK9_a_row_of_facts_is_filed_by_anyone_at_every_step(
    data: st.DataObject, who: Who, step: str, tier: Tier
) -> None:
    """The one thing that stays open whatever happens: somebody in need is heard."""
    sheet = SHEETS["help"]
    paths = _paths(sheet, tier, rights=frozenset({"fact", "critical"}))
    chosen = data.draw(st.lists(st.sampled_from(paths), min_size=1, max_size=64, unique=True))
    writes = {path: data.draw(_value(sheet.fields[path.partition(":")[0]], path)) for path in chosen}
    case = Case(sheet, ROWS[0], False, "", TierState(), TierState(), step=step)
    assert judge(check_edit(EDIT, who.actor, 5, writes, {}), tier, case=case, who=who) == Verdict("accepted")


@given(_asked())
def test_ED9_whatever_is_well_formed_is_accepted_or_kept_and_its_reason_names_a_cell(
    asked: tuple[Edit, Tier, Case, Who],
) -> None:
    edit, tier, case, who = asked
    verdict = judge(edit, tier, case=case, who=who)
    assert (verdict == Verdict("accepted")) == _accepts(verdict)
    assert verdict.path in edit.writes or verdict.path == ""
