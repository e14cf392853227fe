"""The gate: which code may become the body of an operation. It reads code and never runs it."""

from common.document.gate.body import Body, check_body, refuse_body
from common.document.gate.faults import BodyError, BodyFault
from common.document.gate.words import Signature, Words

__all__ = ["Body", "BodyError", "BodyFault", "Signature", "Words", "check_body", "refuse_body"]
