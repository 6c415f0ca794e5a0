"""A customer's small reminder call in three languages, for people to be tried against."""

from __future__ import annotations

from collections.abc import Callable

from tests.local_carrier.world import Customer

WORDS = {
    "pt-BR": {
        "hello": "Olá, aqui é a Alfa. Se for você, tecle um. Se a pessoa não está, tecle dois. Se é "
        "engano, tecle três. "
        "Para falar com um atendente, tecle zero. Para não receber mais ligações, tecle nove.",
        "check": "Para sua segurança, digite os três últimos números do seu CPF.",
        "menu": "Para pagar, tecle um. Para prometer uma data, tecle dois. Se já pagou ou não concorda, "
        "tecle três. Para "
        "falar com um atendente, tecle zero. Para repetir, tecle estrela.",
        "when": "Para hoje, tecle um. Para amanhã, tecle dois.",
        "why": "Se já pagou, tecle um. Se não concorda, tecle dois.",
        "reason": "Se a dívida não é sua, tecle um. Se o valor está errado, tecle dois.",
        "stranger": "Se é número errado, tecle um. Se a pessoa faleceu, tecle dois.",
        "confirm": "Para confirmar, tecle um. Para corrigir, tecle dois.",
        "bye": "Obrigado, até logo.",
    },
    "en-US": {
        "hello": "Hello, this is Alfa. If this is you, press one. If they are not here, press two. If "
        "this is the wrong "
        "number, press three. To speak with an agent, press zero. To stop these calls, press nine.",
        "check": "For your security, enter the last three digits of your document.",
        "menu": "To pay now, press one. To promise a date, press two. If you already paid or disagree, "
        "press three. To "
        "speak with an agent, press zero. To repeat, press star.",
        "when": "For today, press one. For tomorrow, press two.",
        "why": "If you already paid, press one. If you disagree, press two.",
        "reason": "If the debt is not yours, press one. If the amount is wrong, press two.",
        "stranger": "If this is the wrong number, press one. If the person has died, press two.",
        "confirm": "To confirm, press one. To change it, press two.",
        "bye": "Thank you, goodbye.",
    },
    "fr-FR": {
        "hello": "Bonjour, ici Alfa. Si c'est vous, tapez le 1. Si la personne n'est pas là, tapez le 2. Si c'est un "
        "mauvais numéro, tapez le 3. Pour parler à un conseiller, tapez le zéro. Pour ne plus recevoir "
        "d'appels, tapez "
        "le 9.",
        "check": "Pour votre sécurité, tapez les trois derniers chiffres de votre document.",
        "menu": "Pour payer, tapez le 1. Pour promettre une date, tapez le 2. Si vous avez déjà payé ou "
        "si vous n'êtes "
        "pas d'accord, tapez le 3. Pour parler à un conseiller, tapez le zéro. Pour répéter, tapez étoile.",
        "when": "Pour aujourd'hui, tapez le 1. Pour demain, tapez le 2.",
        "why": "Si vous avez déjà payé, tapez le 1. Si vous n'êtes pas d'accord, tapez le 2.",
        "reason": "Si la dette n'est pas la vôtre, tapez le 1. Si le montant est faux, tapez le 2.",
        "stranger": "Si c'est un mauvais numéro, tapez le 1. Si la personne est décédée, tapez le 2.",
        "confirm": "Pour confirmer, tapez le 1. Pour modifier, tapez le 2.",
        "bye": "Merci, au revoir.",
    },
}

NEXT = {
    "hello": {"1": "check", "2": "absent", "3": "stranger", "0": "agent", "9": "opt_out"},
    "menu": {"1": "paid", "2": "when", "3": "why", "0": "agent", "*": "menu"},
    "when": {"1": "confirm", "2": "confirm"},
    "why": {"1": "claimed", "2": "reason"},
    "reason": {"1": "disputed", "2": "disputed"},
    "stranger": {"1": "wrong_number", "2": "deceased"},
    "confirm": {"1": "promised", "2": "when"},
}
TRIES = 3


class LittleIvr:
    """Serves the call; `ends` is where calls came out, and `secret` what the check wants to hear."""

    def __init__(self, customer: Customer, language: str, *, secret: str = "345") -> None:
        self.ends: list[str] = []
        self._words, self._language, self._secret = WORDS[language], language, secret
        customer.pages["/voice"] = lambda _: self._ask("hello", 1)
        for state in (*NEXT, "check"):
            for tried in range(1, TRIES + 1):
                customer.pages[f"/{state}/{tried}"] = self._answer(state, tried)

    def _answer(self, state: str, tried: int) -> Callable[[dict[str, str]], str]:
        def answer(params: dict[str, str]) -> str:
            keys = params.get("Digits", "")
            if state == "check" and keys == self._secret:
                return self._ask("menu", 1)
            following = NEXT.get(state, {}).get(keys)
            if following is None:
                return self._ask(state, tried + 1)
            return self._ask(following, 1 if following != state else tried + 1)

        return answer

    def _ask(self, state: str, tried: int) -> str:
        if tried > TRIES or state not in (*NEXT, "check"):
            self.ends.append(state if tried <= TRIES else f"gave up at {state}")
            return f'<Response><Say language="{self._language}">{self._words["bye"]}</Say></Response>'
        most = 3 if state == "check" else 1
        return (
            f'<Response><Gather action="/{state}/{tried}" numDigits="{most}" timeout="5" actionOnEmptyResult="true">'
            f'<Say language="{self._language}">{self._words[state]}</Say></Gather></Response>'
        )
