"""Forgetting people for real: pictures first, then every row."""

from uuid import UUID

from skin.accounts.service import Accounts
from skin.scans.service import Scans


class Erasure:
    """Erases accounts with all that belongs to them."""

    def __init__(self, accounts: Accounts, scans: Scans) -> None:
        self._accounts = accounts
        self._scans = scans

    def erase_account(self, user_id: UUID) -> None:
        """Pictures go first: a row without its picture is harmless, a picture without its row is not."""
        self._scans.erase_pictures(user_id)
        self._accounts.erase(user_id)

    def erase_expired_guests(self) -> None:
        for user_id in self._accounts.list_expired_guest_ids():
            self.erase_account(user_id)
