"""The words for how a campaign stands. What is the case is decided in `dialer.results.moving`."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import assert_never
from zoneinfo import ZoneInfo

from console.campaigns.rules import rule_words
from console.catalogues import SOURCE, Texts
from dialer.results.moving import Sentence
from dialer.results.standing import Standing

HALF_A_DAY = timedelta(hours=12)
STATUSES = {
    "draft": "Draft", "checked": "Checked", "running": "Running", "paused": "Paused", "stopped": "Stopped",
    "finished": "Finished", "answering": "Answering", "by_hand": "By hand",
}  # fmt: skip


def in_words(say: Texts, standing: Standing) -> str:
    """The sentence in the viewer's language: the state, and the reason when nothing moves."""
    return sentence_words(say, standing.sentence, live=standing.live)


def in_english(standing: Standing, *, zone: str) -> str:
    """The same words for the command line and the API; times are those of `zone`."""
    return in_words(Texts(SOURCE, ZoneInfo(zone)), standing)


def sentence_words(say: Texts, one: Sentence, *, live: int = 0) -> str:
    """The same from its parts; `live` calls are under way."""
    match one.code:
        case "draft":
            many = "Not checked yet: {count} people are on it."
            return say.n("Not checked yet: {count} person is on it.", many, one.people)
        case "checked":
            ready = "Ready to start: {count} people are on it."
            return say.n("Ready to start: {count} person is on it.", ready, one.people)
        case "paused":
            many = "{count} people wait until somebody resumes it."
            return say.n("{count} person waits until somebody resumes it.", many, one.people)
        case "halted":
            return say("Calls are refused. {reason}", reason=say.told(one.reason or ""))
        case "stopped":
            many = "{count} people were not reached."
            return say.n("{count} person was not reached.", many, one.people)
        case "finished":
            return say("Everybody is done.")
        case "answering":
            return say("Answers calls that come in, and never dials.")
        case "by_hand":
            return say("Holds the calls that agents make by hand.")
        case "no_account":
            return say("Nothing can be dialled: no account at a carrier is set up.")
        case "law_broken":
            many = "{count} people wait, because a file of the law cannot be read."
            words = say.n("{count} person waits, because a file of the law cannot be read.", many, one.people)
            return f"{words} {say.told(one.reason or '')}"
        case "unled":
            return say("Waits for a worker to take it up. If this stays so, start one: toque work")
        case "no_window":
            why = say("No call begins: Redis, which holds the window of calls per second, cannot be reached.")
            return f"{why} {say('See that its server runs, and TOQUE_REDIS_URL; then it goes on by itself.')}"
        case "no_number":
            return _with_time(say, one, say("No number may be shown now: {why}.", why=_why(say, one)))
        case "rests":
            words = say("Rests before a limit of the law ({rule}).", rule=one.rule)
            return f"{words} {say('Looked at again on {time}.', time=when(say, one.at))}" if one.at else words
        case "agents_away":
            return say("All agents are away: it dials when one of them is ready.")
        case "agents_busy":
            many = "All agents are busy: {count} people are due and wait for one to be free."
            return say.n("All agents are busy: {count} person is due and waits for one to be free.", many, one.people)
        case "preview":
            many = "{count} people are due: agents look at each case and call."
            return say.n("{count} person is due: agents look at the case and call.", many, one.people)
        case "lines_full":
            many = "All lines are in use: {count} people are due and wait for a free one."
            return say.n("All lines are in use: {count} person is due and waits for a free one.", many, one.people)
        case "slowed":
            share = say.percent(one.pace)
            return say(
                "Calls more slowly, {share} of the usual, before a limit ({rule}).", share=share, rule=one.rule
            )
        case "dialling":
            calls = say.n("{count} call under way.", "{count} calls under way.", live)
            return f"{calls} {say.n('{count} person is left.', '{count} people are left.', one.people)}"
        case "paced":
            many = "{count} people are due: the next calls begin in a moment."
            return say.n("{count} person is due: the next call begins in a moment.", many, one.people)
        case "hours":
            return _with_time(say, one, _outside(say, one))
        case "rule":
            many = "{count} people wait: {why}."
            words = say.n("{count} person waits: {why}.", many, one.people, why=_why(say, one))
            return _with_time(say, one, words)
        case "retry":
            many = "{count} people wait for their next try."
            words = say.n("{count} person waits for the next try.", many, one.people)
            return _with_time(say, one, words)
        case "last_calls":
            return say("Nobody waits any more: the campaign is about to finish.")
        case _:
            assert_never(one.code)


def when(say: Texts, at: datetime) -> str:
    """A moment near by, with its weekday, in the viewer's zone."""
    return say.time(at, "EEE, MMM d, h:mm a" if say.language == "en-US" else "EEE d MMM, HH:mm")


def status_word(say: Texts, status: str) -> str:
    """What a status is called."""
    return say(STATUSES.get(status, status))


def end_words(say: Texts, standing: Standing, now: datetime) -> str:
    """When it ends at its present pace; nothing when that cannot be told."""
    if standing.done_by is None:
        return ""
    rest = standing.done_by - now
    if rest < HALF_A_DAY:
        return say("about {time}", time=say.time(standing.done_by, "h:mm a" if say.language == "en-US" else "HH:mm"))
    hours = max(1, round(rest.total_seconds() / 3600))
    return say.n("about {count} more hour of calling", "about {count} more hours of calling", hours)


def _why(say: Texts, one: Sentence) -> str:
    return rule_words(say, one.rule or "", one.reason or "").rstrip(".")


def _outside(say: Texts, one: Sentence) -> str:
    if one.rule == "CAMPAIGN_HOURS":
        many = "Outside the campaign's own hours: {count} people wait."
        return say.n("Outside the campaign's own hours: {count} person waits.", many, one.people)
    many = "Outside the hours of the law ({rule}): {count} people wait."
    return say.n("Outside the hours of the law ({rule}): {count} person waits.", many, one.people, rule=one.rule)


def _with_time(say: Texts, one: Sentence, words: str) -> str:
    if one.at is None:
        return words
    return f"{words} {say('The next is due on {time}.', time=when(say, one.at))}"
