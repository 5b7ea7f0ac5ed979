"""What the company sells: a small catalogue, with names in several languages."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from portal.database import Base, HasRef


def in_language(texts: dict[str, Any], language: str) -> str:
    """The text in this language; else the English one, else whichever there is."""
    return str(texts.get(language) or texts.get("en") or next(iter(texts.values()), ""))


class Product(HasRef, Base):
    __tablename__ = "product"
    ref_prefix = "PR"

    code: Mapped[str] = mapped_column(sa.String(32), unique=True)
    # By language code.
    names: Mapped[dict[str, Any]] = mapped_column(default=dict)
    is_active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}

    def name_in(self, language: str) -> str:
        return in_language(self.names, language)
