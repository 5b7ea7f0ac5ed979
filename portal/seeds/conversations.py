"""The tickets of a seeded world, with all that the verbs would have written: messages, readers, history, search."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from portal.access import Capacity
from portal.files.models import Attachment
from portal.files.storage import StoredFile
from portal.notices.models import Notice
from portal.organisations.models import Activity, ActivityOrganisation, Audience, Channel, Share
from portal.seeds.companies import Company, Desk, Neighbourhood, product
from portal.seeds.loading import Loader, counted_ref
from portal.seeds.phrases import TONGUES
from portal.seeds.texts import Text, texts_of
from portal.text import words_of
from portal.tickets.lifecycle import State, Verb
from portal.tickets.messages import Message, MessageReader, SearchEntry, capacity_token
from portal.tickets.models import Category, Priority, Ticket, TicketCopy

# Up to how many days of age, and how likely each state is: new, open, waiting, on hold, resolved, closed.
_STATES = (
    (2.0, (45, 25, 15, 5, 10, 0)),
    (14.0, (10, 25, 25, 10, 20, 10)),
    (60.0, (2, 6, 8, 4, 20, 60)),
    (10_000.0, (0, 2, 1, 1, 3, 93)),
)
_TURNS = tuple(range(13))
_TURN_WEIGHTS = (4, 16, 24, 20, 12, 8, 5, 4, 3, 2, 1, 1, 1)
_LAST_VERB = {State.WAITING: Verb.ASK, State.ON_HOLD: Verb.HOLD, State.RESOLVED: Verb.RESOLVE, State.CLOSED: Verb.CLOSE}


@dataclass(slots=True)
class Told:
    """A ticket while it is told."""

    id: int
    company: Company
    capacity: Capacity
    author: int
    desk: Desk
    assignee: int | None
    tokens: str
    # Of the ticket's own fields: every entry of the full-text index begins with them.
    words: str
    # The company that it is about and the partner that opened it, each in its capacity.
    parties: list[tuple[int, str | None]]
    # Companies that it is shared with.
    guests: list[tuple[int, str | None]] = field(default_factory=list)
    moves: int = 0
    public_moves: int = 0
    activity_at: str = ""
    public_at: str = ""
    has_words: bool = False


class Teller:
    """Tells tickets; `at` is the present."""

    def __init__(
        self,
        loader: Loader,
        luck: random.Random,
        at: datetime,
        hood: Neighbourhood,
        files: Sequence[StoredFile],
        seed: int,
    ) -> None:
        self.loader, self.luck, self.at, self.hood, self.files = loader, luck, at, hood, files
        self.texts = texts_of(seed)
        self.tickets = loader.sink(
            Ticket,
            *("subject", "category", "priority", "state", "organisation_id", "capacity", "author_id"),
            *("opened_by_organisation_id", "team_id", "assignee_id", "channel", "created_at", "activity_at"),
            *("public_at", "version", "public_version", "resolved_at", "closed_at"),
        )
        self.copies = loader.sink(TicketCopy, "ticket_id", "person_id", "added_by_id", "added_at")
        self.shares = loader.sink(
            Share,
            *("record_kind", "is_for_company", "record_id", "organisation_id", "shared_by_id", "shared_at"),
            *("starts_at", "ends_at"),
        )
        self.messages = loader.sink(
            Message,
            *("ticket_id", "author_id", "author_organisation_id", "author_team_id", "audience", "channel", "body"),
            *("created_at", "withdrawn_at"),
        )
        self.readers = loader.sink(
            MessageReader, "message_id", "organisation_id", "author_id", "author_organisation_id"
        )
        self.attachments = loader.sink(
            Attachment, "message_id", "sha256", "filename", "media_type", "size", "created_at"
        )
        self.search = loader.sink(SearchEntry, "ticket_id", "message_id", "tokens", "words")
        self.activities = loader.sink(
            Activity, "at", "kind", "channel", "actor_id", "audience", "params", "ticket_id", "message_id"
        )
        self.concerned = loader.sink(
            ActivityOrganisation, "activity_id", "organisation_id", "capacity", "is_reader", "at", "kind", "channel"
        )
        self.notices = loader.sink(
            Notice,
            *("person_id", "event", "kind", "params", "actor_id", "ticket_id", "message_id", "created_at", "read_at"),
        )

    def tell(self, company: Company, age: float, state: State | None = None) -> None:
        """One ticket, opened `age` days ago, in the state that is asked for or one that suits its age."""
        luck = self.luck
        state = state or _state_at(luck, age)
        capacity = luck.choice(company.capacities)
        partner = company.partner if capacity == Capacity.CUSTOMER and luck.random() < 0.15 else None
        opener = partner or company
        author = _busiest(luck, opener.people)
        desk = self._desk()
        is_new = state == State.NEW
        number = self.tickets.next_id
        tokens = capacity_token(company.id, capacity)
        if partner:
            tokens += " " + capacity_token(partner.id, Capacity.PARTNER)
        subject = self._subject(company)
        words = " ".join(words_of(f"{counted_ref('T', number)} {subject}"))
        told = Told(
            *(number, company, capacity, author, desk, None if is_new else luck.choice(desk.staff), tokens, words),
            [(company.id, capacity.value), *([(partner.id, Capacity.PARTNER.value)] if partner else ())],
        )
        channel = Channel.WEB if luck.random() < 0.85 else luck.choice((Channel.EMAIL, Channel.PHONE))
        opened = self.at - timedelta(days=age)
        when = told.activity_at = told.public_at = self.loader.time(opened)
        self.search.add(number, None, tokens, words)
        self._record(told, "ticket-opened", author, when, channel=channel, is_public=True)
        tongue = TONGUES[company.language]
        order = tongue.order.format(n=luck.randint(1_000_000, 9_999_999))
        text = luck.choice(self.texts[company.language, "ask"])
        first = Text(f"{text.body}\n\n{order}", f"{text.words} {' '.join(words_of(order))}")
        self._say(told, first, author, opener.id, when, channel=channel)
        if opener is company and len(company.people) > 1 and luck.random() < 0.12:
            self._copy(told, when)
        end = self._converse(told, opener, opened, age, state)
        is_done = state in (State.RESOLVED, State.CLOSED)
        self.tickets.add(
            *(subject, luck.choice(_CATEGORIES), luck.choice(_PRIORITIES), state.value, company.id, capacity.value),
            *(author, partner.id if partner else None, desk.id, told.assignee, channel.value, when, told.activity_at),
            *(told.public_at, told.moves, told.public_moves, end if is_done else None),
            end if state == State.CLOSED else None,
        )

    def _converse(self, told: Told, opener: Company, opened: datetime, age: float, state: State) -> str:
        """The turns after the first message, and what they did to the ticket; returns when it came into its state."""
        luck = self.luck
        if state == State.NEW:
            return told.activity_at
        turns = luck.choices(_TURNS, _TURN_WEIGHTS)[0]
        steps = [0.2 + luck.expovariate(1 / 9) for _ in range(turns + 2)]
        squeeze = min(1.0, age * 23 / sum(steps))
        moment = opened
        when, is_staffs_turn = told.activity_at, True
        for place, hours in enumerate(steps):
            moment += timedelta(hours=hours * squeeze)
            when = self.loader.time(moment)
            if place == 0:
                params = f'{{"person_id": {told.assignee}, "from_person_id": null}}'
                self._record(told, "ticket-assigned", told.assignee, when, params=params)
                self._move(told, told.assignee, when, Verb.START, State.NEW, State.OPEN)
            elif place <= turns:
                is_staffs_turn = self._turn(told, opener, when, moment, is_staffs_turn)
            else:
                self._finish(told, when, state)
        return when

    def _turn(self, told: Told, opener: Company, when: str, moment: datetime, is_staffs_turn: bool) -> bool:
        """A note, or a reply of the side whose turn it is; returns whether it is the staff's turn next."""
        luck, language = self.luck, told.company.language
        is_recent = (self.at - moment).days < 30
        assert told.assignee is not None
        if luck.random() < 0.22:
            note, author = luck.choice(self.texts["en", "note"]), luck.choice(told.desk.staff)
            self._say(told, note, author, None, when, is_note=True)
            return is_staffs_turn
        if luck.random() < 0.003 and len(self.hood.companies) > 1:
            self._share(told, when)
        if is_staffs_turn:
            author = told.assignee if luck.random() < 0.85 else luck.choice(told.desk.staff)
            message = self._say(told, luck.choice(self.texts[language, "answer"]), author, None, when)
            if is_recent or luck.random() < 0.03:
                self._tell(told, told.author, author, message, when, is_recent=is_recent)
            return False
        author = told.author if luck.random() < 0.8 else luck.choice(opener.people)
        kind = "ask" if luck.random() < 0.5 else "thanks"
        message = self._say(told, luck.choice(self.texts[language, kind]), author, opener.id, when)
        if is_recent or luck.random() < 0.03:
            self._tell(told, told.assignee, author, message, when, is_recent=is_recent)
        return True

    def _finish(self, told: Told, when: str, state: State) -> None:
        if state in _LAST_VERB:
            actor = told.author if state == State.CLOSED and self.luck.random() < 0.3 else told.assignee
            self._move(told, actor, when, _LAST_VERB[state], State.OPEN, state)

    def _say(
        self,
        told: Told,
        text: Text,
        author: int,
        organisation: int | None,
        when: str,
        *,
        is_note: bool = False,
        channel: Channel = Channel.WEB,
    ) -> int:
        luck, is_first = self.luck, not told.has_words
        is_gone = not is_first and luck.random() < 0.004
        message = self.messages.add(
            *(told.id, author, organisation, told.desk.id if organisation is None else None),
            *((Audience.STAFF if is_note else Audience.COMPANIES).value, channel.value, "" if is_gone else text.body),
            *(when, when if is_gone else None),
        )
        if not is_note:
            for company, _ in (*told.parties, *told.guests):
                self.readers.add(message, company, author, organisation)
        if not is_gone:
            self.search.add(told.id, message, told.tokens, f"{told.words} {text.words}")
        if not is_first:
            kind = "note" if is_note else "reply"
            self._record(told, kind, author, when, channel=channel, is_public=not is_note, message=message)
        if organisation is not None and not is_gone and luck.random() < 0.05:
            sha256, size = luck.choice(self.files)
            self.attachments.add(message, sha256, f"IMG_{luck.randint(1000, 9999)}.png", "image/png", size, when)
        told.has_words = True
        return message

    def _record(
        self,
        told: Told,
        kind: str,
        actor: int | None,
        when: str,
        *,
        channel: Channel = Channel.WEB,
        is_public: bool = False,
        message: int | None = None,
        params: str = "{}",
    ) -> None:
        audience = Audience.COMPANIES if is_public else Audience.STAFF
        activity = self.activities.add(when, kind, channel.value, actor, audience.value, params, told.id, message)
        for organisation, capacity in (*told.parties, *told.guests) if is_public else told.parties:
            self.concerned.add(activity, organisation, capacity, is_public, when, kind, channel.value)
        told.moves += 1
        told.activity_at = when
        if is_public:
            told.public_moves += 1
            told.public_at = when

    def _move(self, told: Told, actor: int | None, when: str, verb: Verb, before: State, after: State) -> None:
        params = f'{{"verb": "{verb.value}", "before": "{before.value}", "after": "{after.value}"}}'
        # Outsiders do not hear that we put it on hold.
        self._record(told, "ticket-state", actor, when, params=params, is_public=after != State.ON_HOLD)

    def _copy(self, told: Told, when: str) -> None:
        colleague = self.luck.choice(told.company.people)
        if colleague != told.author:
            self.copies.add(told.id, colleague, told.author, when)
            params = f'{{"person_id": {colleague}}}'
            self._record(told, "ticket-copied", told.author, when, params=params, is_public=True)

    def _share(self, told: Told, when: str) -> None:
        guest = self.luck.choice(self.hood.companies)
        if guest.id not in dict((*told.parties, *told.guests)):
            end = self.loader.time(self.at + timedelta(days=self.luck.randint(-9, 9)))
            has_end = self.luck.random() < 0.3
            self.shares.add("ticket", True, told.id, guest.id, told.assignee, when, when, end if has_end else None)
            told.guests.append((guest.id, None))

    def _tell(self, told: Told, person: int, actor: int, message: int, when: str, *, is_recent: bool) -> None:
        if person != actor:
            is_read = not is_recent or self.luck.random() < 0.8
            self.notices.add(
                *(person, f"message:{message}", "reply", "{}", actor, told.id, message, when, when if is_read else None)
            )

    def _desk(self) -> Desk:
        desk = self.luck.choice(self.hood.desks)
        # What a restricted team has in hand is rare.
        return self.luck.choice(self.hood.desks) if desk.is_restricted and self.luck.random() < 0.8 else desk

    def _subject(self, company: Company) -> str:
        luck = self.luck
        subject = luck.choice(TONGUES[company.language].subjects)
        return subject.format(code=product(luck), n=luck.randint(10_000, 99_999))


_CATEGORIES = tuple(category.value for category in Category)
_PRIORITIES = (
    *[Priority.NORMAL.value] * 6,
    Priority.LOW.value,
    Priority.HIGH.value,
    Priority.HIGH.value,
    Priority.URGENT.value,
)


def _state_at(luck: random.Random, age: float) -> State:
    weights = next(weights for most, weights in _STATES if age < most)
    return luck.choices(tuple(State), weights)[0]


def _busiest(luck: random.Random, people: Sequence[int]) -> int:
    """Of a company's people those who stand first write most."""
    return people[int(len(people) * luck.random() ** 4)]
