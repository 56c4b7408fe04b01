"""What the pages call."""

from dataclasses import dataclass

from skin.accounts.consents import Consents
from skin.accounts.service import Accounts
from skin.annotation.service import Annotation
from skin.scans.erasure import Erasure
from skin.scans.export import Exports
from skin.scans.service import Scans


@dataclass(frozen=True, slots=True)
class Services:
    accounts: Accounts
    consents: Consents
    scans: Scans
    erasure: Erasure
    exports: Exports
    annotation: Annotation
