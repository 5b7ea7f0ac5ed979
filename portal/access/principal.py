"""Who is asking."""

from dataclasses import dataclass, field, replace
from datetime import datetime

from portal.access.tables import LENS, REACH, VERBS, Reach
from portal.access.vocabulary import (
    AREA_OF,
    Action,
    Area,
    Capacity,
    FieldGroup,
    Ground,
    Kind,
    Level,
    Noun,
    Role,
)

# Without the area, an outsider has none of these verbs; a verb that is not named here needs no area.
_AREA_OF_VERB = {
    "ticket": Area.SUPPORT,
    "message": Area.SUPPORT,
    "deal": Area.DEALS,
    "lead": Area.DEALS,
    "opportunity": Area.DEALS,
    "purchase": Area.ORDERS,
    "rfq": Area.ORDERS,
    "quotation": Area.ORDERS,
    "order": Area.ORDERS,
    "feedback": Area.FEEDBACK,
}


@dataclass(frozen=True, slots=True)
class Acting:
    """One membership seen through one capacity: what an outsider acts for."""

    membership_id: int
    organisation_id: int
    organisation_ref: str
    organisation_name: str
    capacity: Capacity
    level: Level
    areas: frozenset[Area]
    # Whether a member may decide on quotations: their administrator lets them. An administrator may anyway.
    decides_quotations: bool = False

    @property
    def key(self) -> str:
        return f"{self.membership_id}.{self.capacity}"

    @property
    def role(self) -> Role:
        return Role(f"{self.capacity}-{self.level}")


@dataclass(frozen=True, slots=True)
class Principal:
    """Immutable, read once for each request or job."""

    kind: Kind
    purpose: str = ""
    person_id: int | None = None
    person_ref: str = ""
    name: str = ""
    email: str = ""
    session_id: int | None = None
    acting: Acting | None = None
    choices: tuple[Acting, ...] = ()
    staff_roles: frozenset[Role] = frozenset()
    team_ids: frozenset[int] = frozenset()
    # Whether any share or partner link reaches the person at all: most have none, and their lists stay simple.
    has_shares: bool = True
    has_links: bool = True
    # Until when their break-glass access lasts; the role that it gives is among those of the staff.
    glass_until: datetime | None = None
    roles: frozenset[Role] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "roles", self._roles())

    def _roles(self) -> frozenset[Role]:
        if self.kind == Kind.ANONYMOUS:
            return frozenset({Role.ANONYMOUS})
        if self.kind == Kind.NEWCOMER:
            return frozenset({Role.NEWCOMER})
        if self.staff_roles:
            return self.staff_roles
        return frozenset({self.acting.role}) if self.acting else frozenset()

    @classmethod
    def system(cls, purpose: str) -> "Principal":
        """A job, command or sign-in step, which states what it is for; it reads and writes everything."""
        if not purpose:
            raise ValueError("a system principal states its purpose")
        return cls(kind=Kind.SYSTEM, purpose=purpose)

    @classmethod
    def anonymous(cls) -> "Principal":
        return cls(kind=Kind.ANONYMOUS)

    @property
    def is_system(self) -> bool:
        return self.kind == Kind.SYSTEM

    @property
    def is_staff(self) -> bool:
        return bool(self.staff_roles)

    @property
    def has_broken_glass(self) -> bool:
        return Role.BREAK_GLASS in self.staff_roles

    @property
    def is_signed_in(self) -> bool:
        """Let in by name: a person, or whoever holds a key."""
        return self.kind in (Kind.PERSON, Kind.NEWCOMER, Kind.API_KEY)

    @property
    def organisation_id(self) -> int | None:
        return self.acting.organisation_id if self.acting else None

    @property
    def organisation_name(self) -> str:
        return self.acting.organisation_name if self.acting else ""

    @property
    def capacity(self) -> Capacity | None:
        return self.acting.capacity if self.acting else None

    @property
    def writer(self) -> "Principal":
        """The same without break-glass access, which is there for reading."""
        return replace(self, staff_roles=self.staff_roles - {Role.BREAK_GLASS}) if self.has_broken_glass else self

    def acting_for(self, acting: Acting) -> "Principal":
        return replace(self, acting=acting)

    def has_area(self, area: Area | None) -> bool:
        return area is None or self.is_staff or (self.acting is not None and area in self.acting.areas)

    def reach(self, noun: Noun) -> tuple[Reach, ...]:
        """The grounds on which rows of this noun are within reach, closest first."""
        if not self.has_area(AREA_OF.get(noun)):
            return ()
        found: dict[Ground, Reach] = {}
        for role in self.roles:
            for reach in REACH[role].get(noun, ()):
                known = found.get(reach.ground)
                found[reach.ground] = reach if known is None else known | reach
        return tuple(found[ground] for ground in Ground if ground in found)

    def may(self, action: Action) -> bool:
        """Whether anyone like them may do this at all; the record is another question."""
        if self.is_system:
            return True
        grant = VERBS[action]
        return (
            grant.built
            and not self.roles.isdisjoint(grant.roles)
            and self.has_area(_AREA_OF_VERB.get(action.partition(":")[0]))
            and (action != Action.QUOTATION_DECIDE or self._decides_quotations)
        )

    @property
    def _decides_quotations(self) -> bool:
        return self.acting is not None and (self.acting.level == Level.ADMIN or self.acting.decides_quotations)

    def sees(self, group: FieldGroup, ground: Ground | None = None) -> bool:
        """Whether a field group is within the lens, on the ground on which this row is reached."""
        if self.is_system:
            return True
        for role in self.roles:
            if group in LENS[role]:
                grounds = LENS[role][group]
                if grounds is None or ground in grounds:
                    return True
        return False

    def ever_sees(self, group: FieldGroup) -> bool:
        """Whether the group is within the lens on any ground at all."""
        return self.is_system or any(group in LENS[role] for role in self.roles)
