"""The customers of Quillon Energy, the made-up company that the example server belongs to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A customer. ``cents`` is what they owe; below zero, what the company owes them."""

    number: str  # six digits, as keyed by the caller
    name: str
    phone: str
    language: str  # en, fr
    cents: int
    priority: bool = False  # served by the priority desk


ACCOUNTS: Final[tuple[Account, ...]] = (
    Account(number="100234", name="Jane Roe", phone="+14155550100", language="en", cents=12_450),
    Account(number="100517", name="Omar Haddad", phone="+14155550101", language="fr", cents=0),
    Account(number="100862", name="Lena Fischer", phone="+14155550102", language="en", cents=8_905),
    Account(number="101190", name="Claire Dubois", phone="+14155550103", language="fr", cents=23_199),
    Account(number="101433", name="Tom Okafor", phone="+14155550104", language="en", cents=-1_500),
    Account(number="102075", name="Ana Pereira", phone="+14155550105", language="en", cents=40_020),
    Account(number="102318", name="Luc Martin", phone="+14155550106", language="fr", cents=6_700),
    Account(number="102944", name="Grace Lim", phone="+14155550107", language="en", cents=1_020),
    Account(
        number="103507", name="Hôtel Beau Rivage", phone="+14155550108", language="fr", cents=198_040, priority=True
    ),
    Account(number="103888", name="Bayside Bakery", phone="+14155550109", language="en", cents=75_360, priority=True),
    Account(number="104126", name="Noah Berg", phone="+14155550110", language="en", cents=3_333),
    Account(number="104790", name="Inès Moreau", phone="+14155550111", language="fr", cents=15_080),
)
BARRED: Final = frozenset({"+14155550199"})
"""Numbers that the company doesn't take calls from."""

ACCOUNT_TRIES: Final = 3
"""So often the account number may be keyed."""
MENU_TRIES: Final = 2
"""So often the main menu is said."""

_BY_NUMBER: Final = {account.number: account for account in ACCOUNTS}
_BY_PHONE: Final = {account.phone: account for account in ACCOUNTS}


def find_account(number: str) -> Account | None:
    """The account of that number; None if there is none.

    >>> find_account("100234").name
    'Jane Roe'
    """
    return _BY_NUMBER.get(number)


def language_of(phone: str) -> str:
    """The language of the customer who calls from that number; ``en`` for strangers.

    >>> language_of("+14155550103"), language_of("+14155550177")
    ('fr', 'en')
    """
    account = _BY_PHONE.get(phone)
    return account.language if account else "en"
