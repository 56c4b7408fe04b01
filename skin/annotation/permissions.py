"""Who may do what in annotation."""

from skin.accounts.tables import Role, User
from skin.errors import Code, error


def require_annotator(user: User) -> None:
    """Annotators and administrators may label."""
    if user.role not in (Role.ANNOTATOR, Role.ADMIN):
        raise error(Code.NOT_PERMITTED)


def require_admin(user: User) -> None:
    """Only administrators may see across people."""
    if user.role is not Role.ADMIN:
        raise error(Code.NOT_PERMITTED)
