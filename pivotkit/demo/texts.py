"""What the example server says, in both of its languages."""

from __future__ import annotations

from typing import Final

from pivotkit.demo.accounts import Account

WELCOME: Final = (
    ("en", "Welcome to Quillon Energy. For English, press 1."),
    ("fr", "Pour le français, appuyez sur le 2."),
)
LANGUAGE_KEYS: Final = {"1": "en", "2": "fr"}

TEXTS: Final[dict[str, dict[str, str]]] = {
    "account": {
        "en": "Please enter your six digit account number, followed by the hash key.",
        "fr": "Veuillez saisir votre numéro de compte à six chiffres, suivi de la touche dièse.",
    },
    "unknown": {
        "en": "We do not know that account number.",
        "fr": "Nous ne connaissons pas ce numéro de compte.",
    },
    "no_account": {
        "en": "An agent will help you with your account number.",
        "fr": "Un conseiller va vous aider à retrouver votre numéro de compte.",
    },
    "hello": {"en": "Hello {name}.", "fr": "Bonjour {name}."},
    "menu": {
        "en": "For your balance, press 1. For an agent, press 2. To leave a message, press 3. "
        "To hear this menu again, press 9.",
        "fr": "Pour votre solde, appuyez sur le 1. Pour un conseiller, appuyez sur le 2. "
        "Pour laisser un message, appuyez sur le 3. Pour réécouter ce menu, appuyez sur le 9.",
    },
    "wrong_key": {"en": "That is not one of the choices.", "fr": "Ce choix n'existe pas."},
    "owes": {"en": "Your balance is {amount}.", "fr": "Votre solde est de {amount}."},
    "even": {"en": "Your balance is zero. Thank you.", "fr": "Votre solde est de zéro. Merci."},
    "credit": {"en": "You have a credit of {amount}.", "fr": "Vous avez un crédit de {amount}."},
    "connecting": {
        "en": "Please hold while we connect you. This call may be recorded.",
        "fr": "Veuillez patienter, nous vous mettons en relation. Cet appel peut être enregistré.",
    },
    "busy": {
        "en": "All our agents are busy. Please leave a message after the tone.",
        "fr": "Tous nos conseillers sont en ligne. Laissez un message après le signal sonore.",
    },
    "no_answer": {
        "en": "Nobody can take your call. Please leave a message after the tone.",
        "fr": "Personne ne peut prendre votre appel. Laissez un message après le signal sonore.",
    },
    "message": {
        "en": "Please leave a message after the tone.",
        "fr": "Laissez un message après le signal sonore.",
    },
    "saved": {
        "en": "Thank you. Your message of {seconds} seconds is saved.",
        "fr": "Merci. Votre message de {seconds} secondes est enregistré.",
    },
    "nothing_heard": {"en": "We did not hear a message.", "fr": "Nous n'avons pas entendu de message."},
    "goodbye": {"en": "Thank you for calling. Goodbye.", "fr": "Merci de votre appel. Au revoir."},
    "trouble": {
        "en": "Our computer does not answer. We connect you with an agent.",
        "fr": "Notre ordinateur ne répond pas. Nous vous mettons en relation avec un conseiller.",
    },
}

_MONEY: Final = {"en": ("{} euros and {} cents", "{} euros"), "fr": ("{} euros et {} centimes", "{} euros")}


def text(key: str, language: str, **facts: object) -> str:
    """The sentence of that key, with its gaps filled.

    >>> text("saved", "en", seconds=12)
    'Thank you. Your message of 12 seconds is saved.'
    """
    return TEXTS[key][language].format(**facts)


def money(cents: int, language: str) -> str:
    """An amount as it is spoken.

    >>> money(12_450, "en"), money(6_700, "fr")
    ('124 euros and 50 cents', '67 euros')
    """
    euros, rest = divmod(abs(cents), 100)
    both, whole = _MONEY[language]
    return both.format(euros, rest) if rest else whole.format(euros)


def balance(account: Account, language: str) -> str:
    """What an account owes, as a sentence."""
    key = "even" if account.cents == 0 else ("owes" if account.cents > 0 else "credit")
    return text(key, language, amount=money(account.cents, language))
