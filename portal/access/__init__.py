"""Who sees and does what: principals, the tables, row scope, the lens and the gate."""

from portal.access.principal import Acting, Principal
from portal.access.vocabulary import Action, Area, Capacity, FieldGroup, Ground, Kind, Level, Noun, Role

__all__ = [
    "Acting",
    "Action",
    "Area",
    "Capacity",
    "FieldGroup",
    "Ground",
    "Kind",
    "Level",
    "Noun",
    "Principal",
    "Role",
]
