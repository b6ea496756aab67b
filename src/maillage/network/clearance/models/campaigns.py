import uuid

from django.db import models
from django.db.models import Q

from maillage.network.clearance.models.networks import Network
from maillage.network.clearance.rules.campaigns import KINDS, MOST_REMINDERS
from maillage.places.models import Place

DRAFT, OPEN, CLOSED = STATES = ("draft", "open", "closed")
BY_MAIL, BY_LETTER, BY_PHONE = WAYS = ("mail", "letter", "phone")
WRITTEN, HELD = OUTCOMES = ("written", "held")


class Campaign(models.Model):
    """A census of a network: which fields of the sheet it asks, where they are missing or old, and its letter."""

    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="campaigns", verbose_name="réseau")
    edition = models.SlugField("édition", max_length=20)
    name = models.CharField("nom", max_length=120)
    fields = models.JSONField("champs demandés", default=list)
    letter = models.TextField("lettre", max_length=1_500, blank=True)
    closes_on = models.DateField("dernier jour")
    state = models.CharField("état", max_length=6, choices=[(s, s) for s in STATES], default=DRAFT)
    made_at = models.DateTimeField("préparé le")
    made_by = models.CharField("préparé par", max_length=120)
    opened_at = models.DateTimeField("ouvert le", null=True, blank=True)
    opened_by = models.CharField("ouvert par", max_length=120, blank=True)
    closed_at = models.DateTimeField("clos le", null=True, blank=True)
    closed_by = models.CharField("clos par", max_length=120, blank=True)

    class Meta:
        verbose_name = "recensement"
        verbose_name_plural = "recensements"
        constraints = [
            models.UniqueConstraint(fields=["network", "edition"], name="a_network_names_an_edition_once"),
            models.UniqueConstraint(
                fields=["network"], condition=Q(state=OPEN), name="a_network_has_one_census_open_at_a_time"
            ),
            models.CheckConstraint(condition=~Q(name="") & ~Q(edition=""), name="a_census_has_a_name"),
            models.CheckConstraint(
                condition=Q(state=DRAFT, opened_at__isnull=True, closed_at__isnull=True)
                | Q(state=OPEN, opened_at__isnull=False, closed_at__isnull=True)
                | Q(state=CLOSED, opened_at__isnull=False, closed_at__isnull=False),
                name="a_census_is_drafted_then_open_then_closed",
            ),
            models.CheckConstraint(
                condition=(Q(opened_at__isnull=True, opened_by="") | (Q(opened_at__isnull=False) & ~Q(opened_by="")))
                & (Q(closed_at__isnull=True, closed_by="") | (Q(closed_at__isnull=False) & ~Q(closed_by=""))),
                name="a_census_is_opened_and_closed_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Question(models.Model):
    """A question of a network's own; under the same code in another edition, asked alike, it has the same version."""

    campaign = models.ForeignKey(
        Campaign, on_delete=models.CASCADE, related_name="questions", verbose_name="recensement"
    )
    code = models.SlugField("repère", max_length=40)
    version = models.PositiveSmallIntegerField("version", default=1)
    text = models.CharField("question", max_length=300)
    kind = models.CharField("nature", max_length=6, choices=[(k, k) for k in KINDS])
    choices = models.JSONField("réponses possibles", default=list, blank=True)
    position = models.PositiveSmallIntegerField("ordre", default=0)

    class Meta:
        verbose_name = "question"
        verbose_name_plural = "questions"
        constraints = [
            models.UniqueConstraint(fields=["campaign", "code"], name="a_census_asks_a_question_once"),
            models.CheckConstraint(condition=Q(kind__in=KINDS), name="a_question_has_a_known_kind"),
            models.CheckConstraint(condition=~Q(text="") & Q(version__gte=1), name="a_question_asks_something"),
        ]

    def __str__(self) -> str:
        return self.text


class Invitation(models.Model):
    """A place in a census: how it was reached, what it has filled so far.

    The link of the mail and the code of the letter are kept as fingerprints; the address goes with the census.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    campaign = models.ForeignKey(
        Campaign, on_delete=models.CASCADE, related_name="invitations", verbose_name="recensement"
    )
    place = models.ForeignKey(Place, on_delete=models.CASCADE, related_name="census_invitations", verbose_name="lieu")
    digest = models.CharField("empreinte du lien", max_length=64, unique=True)
    code_digest = models.CharField("empreinte du code de la lettre", max_length=64, unique=True)
    email = models.EmailField("adresse où il fut écrit", blank=True)
    mailed_at = models.DateTimeField("dernier courriel le", null=True, blank=True)
    mailed_by = models.CharField("courriel envoyé par", max_length=120, blank=True)
    reminders = models.PositiveSmallIntegerField("rappels", default=0)
    posted_at = models.DateTimeField("lettre imprimée le", null=True, blank=True)
    posted_by = models.CharField("lettre imprimée par", max_length=120, blank=True)
    seen_at = models.DateTimeField("ouvert le", null=True, blank=True)
    draft = models.JSONField("réponse commencée", default=dict, blank=True)
    ended_at = models.DateTimeField("sorti du recensement le", null=True, blank=True)
    ended_by = models.CharField("sorti par", max_length=120, blank=True)

    class Meta:
        verbose_name = "lieu d’un recensement"
        verbose_name_plural = "lieux d’un recensement"
        constraints = [
            models.UniqueConstraint(fields=["campaign", "place"], name="a_census_asks_a_place_once"),
            models.CheckConstraint(condition=Q(reminders__lte=MOST_REMINDERS), name="a_place_is_reminded_three_times"),
            models.CheckConstraint(
                condition=(Q(mailed_at__isnull=True, mailed_by="") | (Q(mailed_at__isnull=False) & ~Q(mailed_by="")))
                & (Q(posted_at__isnull=True, posted_by="") | (Q(posted_at__isnull=False) & ~Q(posted_by="")))
                & (Q(ended_at__isnull=True, ended_by="") | (Q(ended_at__isnull=False) & ~Q(ended_by=""))),
                name="a_census_reaches_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.campaign_id}: {self.place_id}"


class Answer(models.Model):
    """What a place answered to a census, once: fields of its sheet, and the network's own questions by their code.

    `replies`: code → {"version", "value"}, and "carried" where an answer of a former edition still stands.
    `held`: what was said of the sheet waits for a person, as a suggestion.
    """

    invitation = models.OneToOneField(
        Invitation, on_delete=models.CASCADE, related_name="answer", verbose_name="lieu du recensement"
    )
    way = models.CharField("par", max_length=6, choices=[(w, w) for w in WAYS])
    values = models.JSONField("champs dits", default=dict)
    left = models.JSONField("champs dits autrement depuis", default=list)
    replies = models.JSONField("réponses aux questions du réseau", default=dict)
    is_confirmed = models.BooleanField("tout le reste dit exact", default=False)
    outcome = models.CharField("suite", max_length=8, choices=[(o, o) for o in OUTCOMES], default=WRITTEN)
    answered_at = models.DateTimeField("répondu le")
    answered_by = models.CharField("répondu par", max_length=120)

    class Meta:
        verbose_name = "réponse à un recensement"
        verbose_name_plural = "réponses à un recensement"
        constraints = [
            models.CheckConstraint(condition=Q(way__in=WAYS), name="an_answer_comes_by_a_known_way"),
            models.CheckConstraint(condition=Q(outcome__in=OUTCOMES), name="an_answer_has_a_known_outcome"),
            models.CheckConstraint(condition=~Q(answered_by=""), name="an_answer_has_an_author"),
        ]

    def __str__(self) -> str:
        return f"{self.way}: {self.invitation_id}"


class Silence(models.Model):
    """An address that asked not to be written to: its fingerprint only."""

    digest = models.CharField("empreinte de l’adresse", max_length=64, unique=True)
    asked_at = models.DateTimeField("demandé le")
    asked_by = models.CharField("demandé par", max_length=120)

    class Meta:
        verbose_name = "adresse à ne plus solliciter"
        verbose_name_plural = "adresses à ne plus solliciter"

    def __str__(self) -> str:
        return self.digest[:12]


class StillAsked(models.Model):
    """When a place was last asked by mail if its sheet is still right."""

    place = models.OneToOneField(Place, on_delete=models.CASCADE, related_name="still_asked", verbose_name="lieu")
    asked_at = models.DateTimeField("demandé le")
    asked_by = models.CharField("demandé par", max_length=120)

    class Meta:
        verbose_name = "lieu interrogé dans l’année"
        verbose_name_plural = "lieux interrogés dans l’année"

    def __str__(self) -> str:
        return str(self.place_id)
