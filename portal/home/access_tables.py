"""The access tables drawn for people, from the very objects that the code enforces."""

from dataclasses import dataclass

from portal.access import Noun, Principal, Role
from portal.access.tables import LENS, REACH, VERBS
from portal.access.vocabulary import Action, FieldGroup, Ground
from portal.access.words import ACTIONS, FIELD_GROUPS, NOUNS, ROLES, ground_words

# Of the others there are no records yet.
BUILT = frozenset({Noun.TICKETS, Noun.ORDERS, Noun.DEALS, Noun.ORGANISATIONS, Noun.HISTORY})


@dataclass(frozen=True, slots=True)
class Reached:
    """The rows of one noun that a role reaches: the words of each ground, and whether it writes there."""

    noun: str
    grounds: list[tuple[str, bool]]
    is_built: bool


@dataclass(frozen=True, slots=True)
class RoleTable:
    role: Role
    name: str
    is_own: bool
    reached: list[Reached]
    # Name, and whether the portal has it already.
    verbs: list[tuple[str, bool]]
    # Name, and on which rows; nothing stands for every row within reach.
    fields: list[tuple[str, list[str]]]


def role_tables(who: Principal) -> list[RoleTable]:
    """One for each role, the reader's own first."""
    return sorted((_table(role, who) for role in Role), key=lambda table: not table.is_own)


def _table(role: Role, who: Principal) -> RoleTable:
    return RoleTable(
        role=role,
        name=str(ROLES[role]),
        is_own=role in who.roles,
        reached=[
            Reached(
                str(NOUNS[noun]), [(ground_words(noun, r.ground), r.writes) for r in REACH[role][noun]], noun in BUILT
            )
            for noun in Noun
            if REACH[role].get(noun)
        ],
        verbs=[(str(ACTIONS[action]), VERBS[action].built) for action in Action if role in VERBS[action].roles],
        fields=[(str(FIELD_GROUPS[group]), _where(LENS[role][group])) for group in FieldGroup if group in LENS[role]],
    )


def _where(grounds: object) -> list[str]:
    if grounds is None:
        return []
    assert isinstance(grounds, frozenset)
    return [ground_words(Noun.ORGANISATIONS, ground) for ground in Ground if ground in grounds]
