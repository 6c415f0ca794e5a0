"""Which TwiML verbs and nouns the carrier performs, and the attributes each may carry.

Taken from the vendor's own SDK; a test compares the two. What stands in KNOWN_ELSEWHERE is valid TwiML
that this carrier does not perform: it says so and goes on.
"""

from __future__ import annotations

ATTRIBUTES: dict[str, frozenset[str]] = {
    tag: frozenset(names.split())
    for tag, names in {
        "Say": "language loop voice",
        "Play": "digits loop",
        "Pause": "length",
        "Gather": "action actionOnEmptyResult bargeIn debug enhanced finishOnKey hints input language "
        "maxSpeechTime method numDigits partialResultCallback partialResultCallbackMethod profanityFilter "
        "speechModel speechTimeout timeout",
        "Redirect": "method",
        "Hangup": "",
        "Record": "action finishOnKey maxLength method playBeep recordingConfigurationId "
        "recordingStatusCallback recordingStatusCallbackEvent recordingStatusCallbackMethod timeout transcribe "
        "transcribeCallback trim",
        "Dial": "action answerOnBridge callerId events hangupOnStar method passports record "
        "recordingConfigurationId recordingStatusCallback recordingStatusCallbackEvent "
        "recordingStatusCallbackMethod recordingTrack referMethod referUrl ringTone sequential timeLimit "
        "timeout trim",
        "Number": "amdStatusCallback amdStatusCallbackMethod byoc machineDetection "
        "machineDetectionSilenceTimeout machineDetectionSpeechEndThreshold machineDetectionSpeechThreshold "
        "machineDetectionTimeout method sendDigits statusCallback statusCallbackEvent statusCallbackMethod url",
        "Sip": "amdStatusCallback amdStatusCallbackMethod machineDetection machineDetectionSilenceTimeout "
        "machineDetectionSpeechEndThreshold machineDetectionSpeechThreshold machineDetectionTimeout method "
        "password statusCallback statusCallbackEvent statusCallbackMethod url username",
        "Client": "method statusCallback statusCallbackEvent statusCallbackMethod url",
        "Conference": "beep coach endConferenceOnExit eventCallbackUrl jitterBufferSize maxParticipants muted "
        "participantLabel record recordingConfigurationId recordingStatusCallback "
        "recordingStatusCallbackEvent recordingStatusCallbackMethod region startConferenceOnEnter "
        "statusCallback statusCallbackEvent statusCallbackMethod trim waitMethod waitUrl",
        "Enqueue": "action maxQueueSize method waitUrl waitUrlMethod workflowSid",
        "Leave": "",
        "Reject": "reason",
        "Sms": "action from method statusCallback to",
        "Queue": "method postWorkActivitySid reservationSid url",
        "Pay": "action bankAccountType chargeAmount currency description input language maxAttempts "
        "minPostalCodeLength paymentConnector paymentMethod postalCode securityCode statusCallback "
        "statusCallbackMethod timeout tokenType validCardTypes",
        "Prompt": "attempt cardType errorType for requireMatchingInputs",
        "Parameter": "name value",
    }.items()
}

TOP_LEVEL = frozenset(
    {
        "Say",
        "Play",
        "Pause",
        "Gather",
        "Redirect",
        "Hangup",
        "Record",
        "Dial",
        "Enqueue",
        "Leave",
        "Pay",
        "Reject",
        "Sms",
    }
)
CHILDREN: dict[str, frozenset[str]] = {
    "Gather": frozenset({"Say", "Play", "Pause"}),
    "Dial": frozenset({"Number", "Sip", "Client", "Conference", "Queue"}),
    "Pay": frozenset({"Prompt", "Parameter"}),
    "Prompt": frozenset({"Say", "Play", "Pause"}),
}
KNOWN_ELSEWHERE = frozenset(
    {
        "Connect",
        "Echo",
        "Refer",
        "Start",
        "Stop",
        "Sim",
        "Application",
        "WhatsApp",
    }
)
