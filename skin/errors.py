"""Every error a person or program can meet: one list of codes, each with its kind and its sentence."""

from enum import StrEnum


class SkinError(Exception):
    """An expected failure; `code` is stable, `str(error)` is the sentence that says what to do."""

    def __init__(self, code: "Code", sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


class InvalidInput(SkinError):
    """What was sent cannot be used as it is."""


class TooLarge(InvalidInput):
    """What was sent is over a size limit."""


class UnsupportedFormat(InvalidInput):
    """What was sent is in a format that is not read."""


class Rejected(SkinError):
    """The photo was read, but no honest result can be given from it."""


class NotAuthenticated(SkinError):
    """No valid sign-in came with the request."""


class NotPermitted(SkinError):
    """The person is known but may not do this."""


class NotFound(SkinError):
    """There is no such thing, or it belongs to somebody else."""


class Conflict(SkinError):
    """The request does not fit the present state."""


class TooManyRequests(SkinError):
    """A rate limit was reached."""


class Unavailable(SkinError):
    """A part of the service is not ready."""


class Code(StrEnum):
    """Stable error codes, the same through REST, Gradio and the page."""

    NO_FACE = "no_face"
    MULTIPLE_FACES = "multiple_faces"
    FACE_TOO_SMALL = "face_too_small"
    FACE_OUT_OF_FRAME = "face_out_of_frame"
    LARGE_ANGLE = "large_angle"
    TOO_DARK = "too_dark"
    OVEREXPOSED = "overexposed"
    BLURRED = "blurred"
    UNSUPPORTED_FORMAT = "unsupported_format"
    IMAGE_TOO_LARGE = "image_too_large"
    IMAGE_UNREADABLE = "image_unreadable"

    INVALID_REQUEST = "invalid_request"
    INVALID_CURSOR = "invalid_cursor"
    NOT_AUTHENTICATED = "not_authenticated"
    BAD_CREDENTIALS = "bad_credentials"
    NOT_PERMITTED = "not_permitted"
    EMAIL_TAKEN = "email_taken"
    CONSENT_NEEDS_ACCOUNT = "consent_needs_account"
    RETENTION_NEEDS_ACCOUNT = "retention_needs_account"
    CONSENT_TEXT_CHANGED = "consent_text_changed"
    USER_NOT_FOUND = "user_not_found"
    SCAN_NOT_FOUND = "scan_not_found"
    PICTURE_NOT_FOUND = "picture_not_found"
    SCAN_HAS_PHOTO = "scan_has_photo"
    SCAN_NOT_FINISHED = "scan_not_finished"
    SCAN_TOOK_TOO_LONG = "scan_took_too_long"
    PROJECT_NOT_FOUND = "project_not_found"
    PROJECT_NAME_TAKEN = "project_name_taken"
    PROJECT_CLOSED = "project_closed"
    ASSIGNMENT_NOT_FOUND = "assignment_not_found"
    ITEM_NOT_FOUND = "item_not_found"
    SNAPSHOT_NOT_FOUND = "snapshot_not_found"
    ITEM_KNOWN = "item_known"
    LEASE_LOST = "lease_lost"
    LABEL_INCOMPLETE = "label_incomplete"
    RATE_LIMITED = "rate_limited"
    ROUTE_NOT_FOUND = "route_not_found"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    NOT_READY = "not_ready"
    INTERNAL_ERROR = "internal_error"


CATALOGUE: dict[Code, tuple[type[SkinError], str]] = {
    Code.NO_FACE: (
        Rejected,
        "No face was found: face the camera with your whole face in the picture, without a mask or hand over it.",
    ),
    Code.MULTIPLE_FACES: (Rejected, "More than one face was found: be alone in the picture."),
    Code.FACE_TOO_SMALL: (Rejected, "The face is too small to judge: move closer or use a larger photo."),
    Code.FACE_OUT_OF_FRAME: (Rejected, "Part of the face is outside the picture: centre your face."),
    Code.LARGE_ANGLE: (Rejected, "The face is turned too far: look straight into the camera."),
    Code.TOO_DARK: (Rejected, "The skin is too dark in this light to be judged: turn towards a window or a lamp."),
    Code.OVEREXPOSED: (Rejected, "The skin is overexposed: move away from the bright light or turn the flash off."),
    Code.BLURRED: (Rejected, "The photo is blurred: hold the camera still and wipe its lens."),
    Code.UNSUPPORTED_FORMAT: (UnsupportedFormat, "This file is not a photo we read: send a JPEG, PNG, WebP or HEIC."),
    Code.IMAGE_TOO_LARGE: (TooLarge, "The photo is too large: send at most 15 MB and 50 megapixels."),
    Code.IMAGE_UNREADABLE: (InvalidInput, "The photo is damaged and cannot be read: take or export it again."),
    Code.INVALID_REQUEST: (InvalidInput, "The request does not have the expected form: see the listed fields."),
    Code.INVALID_CURSOR: (InvalidInput, "The cursor is not one we gave out: start again without it."),
    Code.NOT_AUTHENTICATED: (NotAuthenticated, "You are not signed in, or your sign-in has expired: sign in again."),
    Code.BAD_CREDENTIALS: (NotAuthenticated, "The e-mail address or the password is wrong: check both and try again."),
    Code.NOT_PERMITTED: (NotPermitted, "Your account may not do this: ask an administrator for the role it needs."),
    Code.EMAIL_TAKEN: (Conflict, "There is an account with this e-mail address: sign in instead."),
    Code.CONSENT_NEEDS_ACCOUNT: (NotPermitted, "A guest cannot agree to this: make an account of your own first."),
    Code.RETENTION_NEEDS_ACCOUNT: (
        NotPermitted,
        "How long a guest's photos are kept is set by the service: make an account of your own to choose.",
    ),
    Code.CONSENT_TEXT_CHANGED: (Conflict, "The wording has changed since you read it: read it again and then decide."),
    Code.USER_NOT_FOUND: (NotFound, "There is no such account: check the e-mail address."),
    Code.SCAN_NOT_FOUND: (NotFound, "There is no such scan among yours: check its id."),
    Code.PICTURE_NOT_FOUND: (NotFound, "The photo of this scan is not kept any more: its results are."),
    Code.SCAN_HAS_PHOTO: (Conflict, "This scan already has its photo: start a new scan for another one."),
    Code.SCAN_NOT_FINISHED: (Conflict, "This scan has no result: ask for its status and wait for 'completed'."),
    Code.SCAN_TOOK_TOO_LONG: (Unavailable, "The scan is still being worked on: ask for its results in a minute."),
    Code.PROJECT_NOT_FOUND: (NotFound, "There is no such project: check its id."),
    Code.PROJECT_NAME_TAKEN: (Conflict, "There is a project of this name: choose another one."),
    Code.PROJECT_CLOSED: (Conflict, "This project is closed: ask an administrator to open it again."),
    Code.ASSIGNMENT_NOT_FOUND: (NotFound, "There is no such task among yours: take the next one."),
    Code.SNAPSHOT_NOT_FOUND: (NotFound, "There is no such snapshot: check its id."),
    Code.ITEM_NOT_FOUND: (NotFound, "There is no such picture among your tasks: take the next one."),
    Code.ITEM_KNOWN: (Conflict, "This picture is in the project already: leave it out."),
    Code.LEASE_LOST: (Conflict, "This task was given to somebody else meanwhile: take the next one."),
    Code.LABEL_INCOMPLETE: (
        InvalidInput,
        "The label has gaps: grade every field, or mark the picture as no usable face.",
    ),
    Code.RATE_LIMITED: (TooManyRequests, "Too many requests from here: wait a minute and try again."),
    Code.ROUTE_NOT_FOUND: (NotFound, "There is nothing at this address: see /docs for what there is."),
    Code.METHOD_NOT_ALLOWED: (InvalidInput, "This address does not take that method: see /docs for what it takes."),
    Code.NOT_READY: (Unavailable, "A part of the service is not ready: try again in a minute."),
    Code.INTERNAL_ERROR: (Unavailable, "Something went wrong on our side and was logged: try again."),
}


def error(code: Code) -> SkinError:
    """The error of this code, of its kind and with its sentence, ready to be raised."""
    kind, sentence = CATALOGUE[code]
    return kind(code, sentence)
