"""What the tests of the settings share with those of accounts."""

from tests.accounts.conftest import in_english

__all__ = ["in_english"]
