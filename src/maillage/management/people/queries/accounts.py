"""Which sign-in account has confirmed an address: nothing less links a person to it."""

from allauth.account.models import EmailAddress

from maillage.accounts.models import User
from maillage.accounts.queries import first_of
from maillage.management.people.models import Person


def account_confirmed(email: str) -> User | None:
    """The active account that has proved this very address to be its own, or None."""
    if not email:
        return None
    rows = EmailAddress.objects.filter(email__iexact=email, verified=True, user__is_active=True)
    found = first_of(rows.select_related("user").order_by("pk"), email)
    return found.user if found else None


def confirmed_addresses(account: User) -> list[str]:
    """The addresses that an account has proved, as they are kept of persons."""
    rows = EmailAddress.objects.filter(user=account, verified=True).order_by("pk")
    return [email.lower() for email in rows.values_list("email", flat=True) if email.isascii()]


def address_serves_elsewhere(person: Person) -> bool:
    """Whether this address is also that of an account, or of somebody in another place: their mails are not ours."""
    if EmailAddress.objects.filter(email__iexact=person.email).exists():
        return True
    if User.objects.filter(email__iexact=person.email).exists():
        return True
    return Person.objects.filter(email=person.email).exclude(place=person.place_id).exists()
