"""What a person typed into the request form, as cells: nothing is refused, nothing is dropped.

Pure. Imported by `server.web`. Rules WB30–WB34 of docs/spec/web.md. What a field's kind understands is written as a value; what it does not, or
not whole, is kept verbatim in a note: public words with numbers masked, the raw ones in the private tier.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from schema.edits import field_of
from schema.errors import SchemaError
from schema.fields import parse, validate
from schema.fields.choice import MAX_OTHER_CHARS
from schema.sheets import SHEETS, Field, Sheet
from schema.texts import find_personal, public_and_private, split_place
from schema.values import MAX_VALUE_BYTES, Value
from server.web.language import Language
from server.web.words import say

HELP = SHEETS["help"]

# In the order of the page. Every one is text to the form, whatever its kind is to the sheet.
COUNTS = ("people_total", "elderly", "children", "infants", "pregnant", "disabled", "injured")
TYPED = (
    "place", "place_exact", "contact_phone", *COUNTS, "summary", "water_depth_cm", "battery_pct", "person_name",
    "medical_need", "reporter_name", "reporter_phone", "directions",
)  # fmt: skip
TICKED = ("needs", "category")
NOTE = "note"
FOR_OTHER = "is_for_other"

MAX_FORM_BYTES = 64 * 1024
CHUNK_BYTES = 3600  # a note's share of a value's 4,096 bytes, with room for its first words
MAX_NOTES = 24


@dataclass(frozen=True, slots=True)
class Typed:
    """The form as it came, so that it can be shown again: texts by field, ticks by `field:code`."""

    texts: Mapping[str, str] = field(default_factory=dict)
    ticks: frozenset[str] = frozenset()

    def text(self, name: str) -> str:
        return self.texts.get(name, "")

    @property
    def is_empty(self) -> bool:
        return not self.ticks - {FOR_OTHER} and not any(text.strip() for text in self.texts.values())


@dataclass(frozen=True, slots=True)
class Filled:
    """What to write. `notes`: (public words, raw words where they differ) of one note each."""

    public: Mapping[str, Value]
    private: Mapping[str, Value]
    notes: tuple[tuple[str, str | None], ...] = ()


def typed_of(form: Mapping[str, str], *, names: Sequence[str] = (*TYPED, NOTE)) -> Typed:
    """The texts and ticks of a posted form; what it does not ask for is left out."""
    texts = {name: _clean(form.get(name, "")) for name in names}
    for name in TICKED:
        texts[f"{name}:other"] = _clean(form.get(f"{name}:other", ""))
    ticks = {
        f"{name}:{option.code}" for name in TICKED for option in HELP.fields[name].options if option.code != "other"
    }
    ticks.add(FOR_OTHER)
    return Typed({name: text for name, text in texts.items() if text}, frozenset(t for t in ticks if form.get(t)))


def fill(typed: Typed, language: Language, *, year: int) -> Filled:
    """The cells of a new request."""
    filling = _Filling(HELP, language, year=year)
    for name in TYPED:
        filling.take(name, typed.text(name))
    for tick in typed.ticks:
        filling.public[tick] = True
    for name in TICKED:
        filling.take_other(name, typed.text(f"{name}:other"))
    filling.say(typed.text(NOTE))
    filled = filling.done()
    if filled.public:
        return filled
    # A row begins with its first public cell; whoever files for themselves says so.
    return Filled({"source": "self"}, filled.private, filled.notes)


def fill_changes(texts: Mapping[str, str], language: Language, *, year: int) -> Filled:
    """The cells that an update of one's own row writes; an empty text leaves its cell alone."""
    filling = _Filling(HELP, language, year=year)
    for name, text in texts.items():
        if name == NOTE:
            filling.say(text)
        else:
            filling.take(name, text)
    return filling.done()


class _Filling:
    """Cells as they gather."""

    def __init__(self, sheet: Sheet, language: Language, *, year: int) -> None:
        self.public: dict[str, Value] = {}
        self.private: dict[str, Value] = {}
        self._sheet = sheet
        self._language = language
        self._year = year
        self._also: dict[str, Value] = {}
        self._notes: list[tuple[str, str | None]] = []
        self._unread: list[tuple[Field, str]] = []

    def take(self, name: str, text: str) -> None:
        """One field's text: its value where the kind understands it, and a note of what it does not."""
        if not text.strip():
            return
        asked = self._sheet.fields[name]
        if name == "place":
            text, exact = split_place(text)
            if exact:
                self._private_text("place_exact", exact)
        if asked.kind == "text":
            self._text(asked, text)
            return
        parsed = parse(text, asked, year=self._year)
        self._also.update(parsed.also)
        written = parsed.paths(name)
        (self.private if asked.tier == "private" else self.public).update(written)
        if parsed.doubts or not written:
            self._unread.append((asked, text))

    def take_other(self, name: str, text: str) -> None:
        """The words beside the ticks."""
        public, raw = public_and_private(text)
        if public and len(public) <= MAX_OTHER_CHARS:
            self.public[f"{name}:other"] = public
        if raw is not None or len(public) > MAX_OTHER_CHARS:
            self.say(text)

    def say(self, text: str) -> None:
        """Words as notes, as many as they take."""
        while text.strip():
            head, text = _cut(text, CHUNK_BYTES)
            self._notes.append(public_and_private(head))

    def done(self) -> Filled:
        for name, value in self._also.items():
            # What the count of people also said, unless its own field says otherwise.
            self.public.setdefault(name, value)
        self._set_aside_invalid()
        if self._unread:
            self._say_unread()
        return Filled(self.public, self.private, tuple(self._notes[:MAX_NOTES]))

    def _set_aside_invalid(self) -> None:
        """One cell that the judge would not take would hold back the whole edit, and with it the row."""
        for writes in (self.public, self.private):
            for path in list(writes):
                asked = self._sheet.fields[field_of(path)]
                try:
                    validate(path, writes[path], asked)
                except SchemaError:
                    self._unread.append((asked, str(writes.pop(path))))

    def _text(self, asked: Field, text: str) -> None:
        if asked.tier == "private":
            self._private_text(asked.id, text)
            return
        head, rest = _cut(text, CHUNK_BYTES)
        public, raw = public_and_private(head) if asked.free_text else (head, None)
        self.public[asked.id] = public
        if raw is not None:
            self.private[asked.id] = raw
        self.say(rest)

    def _private_text(self, name: str, text: str) -> None:
        before = self.private.get(name)
        joined = f"{text} {before}" if isinstance(before, str) and before != text else text
        head, rest = _cut(joined, CHUNK_BYTES)
        self.private[name] = head
        if rest:
            self._unread.append((self._sheet.fields[name], rest))

    def _say_unread(self) -> None:
        """One note: the public part of it says of a private field only that something stands there."""
        labels = [(asked.label(self._language), asked.tier, text) for asked, text in self._unread]
        hidden = say("masked", self._language)
        public = "；".join(f"{label}：{hidden if tier == 'private' else text}" for label, tier, text in labels)
        raw = "；".join(f"{label}：{text}" for label, _, text in labels)
        while raw or public:
            head, raw = _cut(raw, CHUNK_BYTES)
            shown, public = _cut(public, CHUNK_BYTES)
            masked, _ = public_and_private(say("note_unread", self._language, what=shown or hidden))
            kept = say("note_unread", self._language, what=head)
            self._notes.append((masked, None if kept == masked else kept))


def _clean(text: str) -> str:
    """No NUL, no carriage return, no space around; half a surrogate pair becomes the sign for it."""
    plain = text.replace("\x00", "").replace("\r\n", "\n").replace("\r", "\n")
    return plain.encode("utf-8", "replace").decode("utf-8").strip()


def _cut(text: str, limit: int) -> tuple[str, str]:
    """(at most `limit` bytes of it, the rest); never within a number, for half a number would not be masked."""
    assert limit <= MAX_VALUE_BYTES
    if len(text.encode()) <= limit:
        return text, ""
    at = len(text.encode()[:limit].decode("utf-8", "ignore"))
    for span in find_personal(text):
        if 0 < span.start < at < span.end:
            at = span.start
    return text[:at], text[at:]
