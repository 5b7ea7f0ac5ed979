"""The demonstration on another port than before, with the data that it kept."""

import sqlalchemy as sa

from portal.access import Principal
from portal.access.scope import acting_as
from portal.accounts.models import Identity
from portal.config import ProviderSettings
from portal.extensions import db


def bring_along(provider: ProviderSettings) -> None:
    """The provider's address is half of everybody's identity: where it has moved, they are still themselves."""
    known = sa.orm.aliased(Identity)
    with acting_as(db.session(), Principal.system("the demonstration has moved")):
        db.session.execute(
            sa.update(Identity)
            .where(
                Identity.provider == provider.name,
                Identity.issuer != provider.issuer,
                Identity.subject.not_in(sa.select(known.subject).where(known.issuer == provider.issuer)),
            )
            .values(issuer=provider.issuer)
            .execution_options(synchronize_session=False)
        )
        db.session.commit()
