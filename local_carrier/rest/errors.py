"""Twilio's REST errors: code, HTTP status, words (twilio.com/docs/api/errors)."""

from __future__ import annotations

ERRORS: dict[int, tuple[int, str]] = {
    20001: (400, "Invalid parameter: {detail}"),
    20003: (401, "Authenticate"),
    20004: (405, "Method not allowed"),
    20404: (404, "The requested resource {detail} was not found"),
    20429: (429, "Too Many Requests"),
    20503: (503, "Service is unable to serve the request. Please try again later"),
    21201: (400, "No 'To' number is specified"),
    21205: (400, "Url parameter is required or is not a valid URL: {detail}"),
    21210: (400, "The source phone number provided, {detail}, is not yet verified for your account."),
    21211: (400, "The phone number you are attempting to call, {detail}, is not valid."),
    21212: (400, "The source phone number provided, {detail}, is not a valid phone number."),
    21213: (400, "No 'From' number is specified"),
    21217: (400, "Phone number {detail} does not appear to be valid"),
    21218: (400, "Invalid ApplicationSid {detail}: the local carrier holds no applications, send Url or Twiml"),
    21220: (400, "Call is not in-progress. Cannot redirect."),
    21502: (400, "Voice, SMS or status callback URL is not valid: {detail}"),
    21602: (400, "Message body is required."),
    21603: (400, "A 'From' phone number is required."),
    21604: (400, "A 'To' phone number is required."),
    21609: (400, "The StatusCallback URL {detail} is not a valid URL."),
    21610: (400, "Attempt to send to unsubscribed recipient"),
    21617: (400, "The concatenated message body exceeds the 1600 character limit."),
    32018: (400, "Twiml parameter is longer than 4,000 characters"),
}


class Refusal(Exception):
    """A request that is answered with one of Twilio's errors."""

    def __init__(
        self, code: int, detail: str = "", *, words: str | None = None, headers: dict[str, str] | None = None
    ) -> None:
        self.code = code
        self.status, usual = ERRORS[code]
        self.message = words or usual.format(detail=detail)
        self.headers = headers or {}
        super().__init__(f"{code}: {self.message}")

    def body(self) -> dict[str, object]:
        """Return the JSON body as published: code, message, more_info, status."""
        return {
            "code": self.code,
            "message": self.message,
            "more_info": f"https://www.twilio.com/docs/errors/{self.code}",
            "status": self.status,
        }
