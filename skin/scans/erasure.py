"""Forgetting people for real: pictures first, then every row."""

from contextlib import suppress
from uuid import UUID

from skin.accounts.consents import Consents
from skin.accounts.service import Accounts
from skin.accounts.tables import Purpose
from skin.errors import NotAuthenticated
from skin.scans.service import Scans


class Erasure:
    """Erases accounts with all that belongs to them."""

    def __init__(self, accounts: Accounts, consents: Consents, scans: Scans) -> None:
        self._accounts = accounts
        self._consents = consents
        self._scans = scans

    def erase_account(self, user_id: UUID) -> None:
        """Pictures go first: a row without its picture is harmless, a picture without its row is not.

        Consents are taken back before, so that nothing is copied while the rest is erased.
        """
        for purpose in Purpose:
            with suppress(NotAuthenticated):  # another erasure was quicker
                self._consents.withdraw(user_id, purpose)
        self._scans.erase_pictures(user_id)
        self._accounts.erase(user_id)

    def erase_expired_guests(self) -> None:
        for user_id in self._accounts.list_expired_guest_ids():
            self.erase_account(user_id)
