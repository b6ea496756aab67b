"""A funder's passes over several places: who may have one, where it opens a door, what it costs, who is paid.

The ledger of `management.passes` knows how many half-days are left; here is who pays for them and under which rules.
Nothing here holds a name, save that of whoever bears a named pass.
"""

from django.db import models
from django.db.models import F, Q

from maillage.management.billing.models import Invoice
from maillage.management.passes.models import Movement, Pass
from maillage.places.models import Place


class Scheme(models.Model):
    """What a funder pays: so many passes of so many half-days, at a price, within a budget, for whom and when."""

    name = models.CharField("nom", max_length=120)
    scope = models.CharField("territoire qui finance", max_length=20, help_text="epci:243900420")
    funder = models.CharField("qui finance", max_length=200)
    siret = models.CharField("Siret", max_length=14)
    street = models.CharField("adresse", max_length=200, blank=True)
    postal_code = models.CharField("code postal", max_length=5, blank=True)
    city = models.CharField("commune", max_length=100, blank=True)
    service_code = models.CharField("code service", max_length=100, blank=True)
    engagement = models.CharField("numéro d’engagement", max_length=50, blank=True)
    budget_cents = models.PositiveBigIntegerField("budget des passes, en centimes")
    price_cents = models.PositiveIntegerField("prix d’une demi-journée, en centimes")
    halves = models.PositiveSmallIntegerField("demi-journées par passe")
    most_passes = models.PositiveIntegerField("passes au plus")
    starts_on = models.DateField("du")
    ends_on = models.DateField("au")
    communes = models.JSONField("communes", default=list, blank=True, help_text="codes Insee\u202f; vide\u202f: toutes")
    is_first_time = models.BooleanField("première venue seulement", default=True)
    least_age = models.PositiveSmallIntegerField("âge, au moins", null=True, blank=True)
    most_age = models.PositiveSmallIntegerField("âge, au plus", null=True, blank=True)
    is_named = models.BooleanField("nominatif", default=False)
    pepper = models.CharField("clé des empreintes", max_length=64)
    made_at = models.DateTimeField("écrit le")
    made_by = models.CharField("écrit par", max_length=120)
    closed_at = models.DateTimeField("arrêté le", null=True, blank=True)
    closed_by = models.CharField("arrêté par", max_length=120, blank=True)

    class Meta:
        verbose_name = "dispositif"
        verbose_name_plural = "dispositifs"
        indexes = [models.Index(fields=["scope", "starts_on"])]
        constraints = [
            models.UniqueConstraint(fields=["scope", "name"], name="a_scheme_of_a_territory_has_its_name"),
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="scheme_ends_after_it_starts"),
            models.CheckConstraint(
                condition=Q(price_cents__gt=0, halves__gt=0, most_passes__gt=0, budget_cents__gt=0),
                name="scheme_gives_something",
            ),
            models.CheckConstraint(
                condition=Q(least_age__isnull=True) | Q(most_age__isnull=True) | Q(least_age__lte=F("most_age")),
                name="scheme_ages_go_up",
            ),
            models.CheckConstraint(condition=~Q(siret="") & ~Q(pepper=""), name="scheme_can_be_invoiced"),
        ]

    def __str__(self) -> str:
        return self.name


class SigningKey(models.Model):
    """The public half of a key that signs the passes of a scheme; the other half is kept nowhere (decision 0026)."""

    scheme = models.ForeignKey(Scheme, on_delete=models.PROTECT, related_name="keys", verbose_name="dispositif")
    kid = models.CharField("numéro", max_length=16, unique=True)
    public = models.CharField("clé publique", max_length=130, help_text="point de P-256, en hexadécimal")
    since_at = models.DateTimeField("depuis le")
    since_by = models.CharField("par", max_length=120)

    class Meta:
        verbose_name = "clé de signature"
        verbose_name_plural = "clés de signature"

    def __str__(self) -> str:
        return self.kid


class Accreditation(models.Model):
    """A place in a scheme: it asked, the funder answered; what the funder rents there, used or not."""

    scheme = models.ForeignKey(
        Scheme, on_delete=models.PROTECT, related_name="accreditations", verbose_name="dispositif"
    )
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+", verbose_name="lieu")
    state = models.CharField("état", max_length=8, default="asked")
    asked_at = models.DateTimeField("demandé le")
    asked_by = models.CharField("demandé par", max_length=120)
    answered_at = models.DateTimeField("répondu le", null=True, blank=True)
    answered_by = models.CharField("répondu par", max_length=120, blank=True)
    rented_desks = models.PositiveSmallIntegerField("postes loués", default=0)
    rented_weekdays = models.JSONField("jours loués", default=list, blank=True, help_text="1\u202f: lundi")
    rent_cents = models.PositiveIntegerField("loyer par mois, en centimes", default=0)
    rent_from = models.DateField("loués du", null=True, blank=True)
    rent_to = models.DateField("au", null=True, blank=True)

    class Meta:
        verbose_name = "agrément"
        verbose_name_plural = "agréments"
        constraints = [
            models.UniqueConstraint(fields=["scheme", "place"], name="a_place_is_once_in_a_scheme"),
            models.CheckConstraint(
                condition=Q(state__in=("asked", "accepted", "refused", "ended")), name="accreditation_has_a_state"
            ),
            models.CheckConstraint(
                condition=Q(rent_cents=0) | Q(rented_desks__gt=0, rent_from__isnull=False, rent_to__isnull=False),
                name="rent_is_for_desks_and_days",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.place}, {self.state}"


class Referrer(models.Model):
    """Who hands passes out by a secret link, without an account: a town hall's desk, a social worker, a library."""

    scheme = models.ForeignKey(Scheme, on_delete=models.PROTECT, related_name="referrers", verbose_name="dispositif")
    name = models.CharField("nom", max_length=120)
    place = models.ForeignKey(
        Place, on_delete=models.PROTECT, related_name="+", null=True, blank=True, verbose_name="est aussi le lieu"
    )
    digest = models.CharField("empreinte du lien", max_length=64, unique=True)
    made_at = models.DateTimeField("fait le")
    made_by = models.CharField("fait par", max_length=120)
    revoked_at = models.DateTimeField("fermé le", null=True, blank=True)
    revoked_by = models.CharField("fermé par", max_length=120, blank=True)

    class Meta:
        verbose_name = "relais"
        verbose_name_plural = "relais"
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="referrer_has_a_name"),
            models.UniqueConstraint(
                fields=["scheme", "name"], condition=Q(revoked_at__isnull=True), name="a_referrer_has_its_name"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Issue(models.Model):
    """A pass of a scheme: what it takes of the budget, what came back of it, and what is known of whom it is for."""

    scheme = models.ForeignKey(Scheme, on_delete=models.PROTECT, related_name="issues", verbose_name="dispositif")
    of = models.OneToOneField(
        Pass, on_delete=models.PROTECT, related_name="issue", db_column="pass_id", verbose_name="passe"
    )
    referrer = models.ForeignKey(
        Referrer, on_delete=models.PROTECT, related_name="issues", null=True, blank=True, verbose_name="relais"
    )
    replaces = models.OneToOneField(
        "self", on_delete=models.PROTECT, related_name="replaced_by", null=True, blank=True, verbose_name="remplace"
    )
    cents = models.PositiveIntegerField("pris sur le budget, en centimes")
    freed_cents = models.PositiveIntegerField("rendu au budget, en centimes", default=0)
    commune = models.CharField("commune de résidence", max_length=5, blank=True)
    age_band = models.CharField("tranche d’âge", max_length=8, blank=True)
    contact = models.CharField("empreinte du contact", max_length=64, blank=True)
    holder = models.CharField("porteur", max_length=120, blank=True)
    batch = models.CharField("planche", max_length=40, blank=True)
    key = models.CharField("clé", max_length=120)
    issued_at = models.DateTimeField("remis le")
    issued_by = models.CharField("remis par", max_length=120)
    revoked_at = models.DateTimeField("annulé le", null=True, blank=True)
    revoked_by = models.CharField("annulé par", max_length=120, blank=True)

    class Meta:
        verbose_name = "passe remis"
        verbose_name_plural = "passes remis"
        indexes = [models.Index(fields=["scheme", "issued_at"]), models.Index(fields=["scheme", "batch"])]
        constraints = [
            models.UniqueConstraint(fields=["scheme", "key"], name="a_pass_is_issued_once"),
            models.UniqueConstraint(
                fields=["scheme", "contact"],
                condition=~Q(contact="") & Q(replaces__isnull=True),
                name="a_first_time_is_one",
            ),
            models.CheckConstraint(condition=Q(freed_cents__lte=F("cents")), name="budget_gets_back_what_it_gave"),
        ]

    def __str__(self) -> str:
        return f"{self.of}"


class Redemption(models.Model):
    """A half-day that was spent at a place: written once, at the price of its scheme that day."""

    scheme = models.ForeignKey(Scheme, on_delete=models.PROTECT, related_name="redemptions", verbose_name="dispositif")
    issue = models.ForeignKey(Issue, on_delete=models.PROTECT, related_name="redemptions", verbose_name="passe")
    movement = models.OneToOneField(
        Movement, on_delete=models.PROTECT, related_name="redemption", verbose_name="mouvement"
    )
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+", verbose_name="lieu")
    day = models.DateField("jour")
    half = models.CharField("demi-journée", max_length=2)
    price_cents = models.PositiveIntegerField("prix, en centimes")
    nonce = models.CharField("numéro unique", max_length=64)
    is_offline = models.BooleanField("hors ligne", default=False)
    tablet_at = models.DateTimeField("à l’heure de la tablette", null=True, blank=True)
    redeemed_at = models.DateTimeField("compté le")
    redeemed_by = models.CharField("compté par", max_length=120)

    class Meta:
        verbose_name = "demi-journée passée"
        verbose_name_plural = "demi-journées passées"
        indexes = [models.Index(fields=["place", "day"]), models.Index(fields=["scheme", "place", "day"])]
        constraints = [
            models.UniqueConstraint(fields=["place", "nonce"], name="a_redemption_is_settled_once"),
            models.CheckConstraint(condition=Q(half__in=("am", "pm")), name="redemption_is_of_a_half_day"),
            models.CheckConstraint(condition=~Q(nonce=""), name="redemption_has_a_nonce"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.half}"


class Claim(models.Model):
    """A half-day counted offline that could not be settled: shown to the place and to the funder, paid by nobody."""

    scheme = models.ForeignKey(
        Scheme, on_delete=models.PROTECT, related_name="claims", null=True, blank=True, verbose_name="dispositif"
    )
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+", verbose_name="lieu")
    code = models.CharField("code", max_length=16, blank=True)
    day = models.DateField("jour")
    half = models.CharField("demi-journée", max_length=2)
    nonce = models.CharField("numéro unique", max_length=64)
    reason = models.CharField("motif", max_length=300)
    tablet_at = models.DateTimeField("à l’heure de la tablette")
    claimed_at = models.DateTimeField("reçu le")
    claimed_by = models.CharField("reçu par", max_length=120)
    closed_at = models.DateTimeField("réglé le", null=True, blank=True)
    closed_by = models.CharField("réglé par", max_length=120, blank=True)
    outcome = models.CharField("ce qui en fut dit", max_length=300, blank=True)

    class Meta:
        verbose_name = "demi-journée à régler"
        verbose_name_plural = "demi-journées à régler"
        indexes = [models.Index(fields=["place", "day"])]
        constraints = [
            models.UniqueConstraint(fields=["place", "nonce"], name="a_claim_is_made_once"),
            models.CheckConstraint(condition=Q(half__in=("am", "pm")), name="claim_is_of_a_half_day"),
        ]

    def __str__(self) -> str:
        return f"{self.code}, {self.day}"


class Statement(models.Model):
    """What a scheme owes a place for a month: signed by the place, invoiced, written once."""

    scheme = models.ForeignKey(Scheme, on_delete=models.PROTECT, related_name="statements", verbose_name="dispositif")
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+", verbose_name="lieu")
    month = models.CharField("mois", max_length=7, help_text="2026-11")
    halves_cents = models.PositiveBigIntegerField("demi-journées, en centimes")
    rent_cents = models.PositiveBigIntegerField("loyer, en centimes")
    total_cents = models.PositiveBigIntegerField("total, en centimes")
    invoice = models.OneToOneField(Invoice, on_delete=models.PROTECT, related_name="+", verbose_name="facture")
    signed_at = models.DateTimeField("signé le")
    signed_by = models.CharField("signé par", max_length=120)

    class Meta:
        verbose_name = "relevé"
        verbose_name_plural = "relevés"
        constraints = [
            models.UniqueConstraint(fields=["scheme", "place", "month"], name="a_month_of_a_place_is_stated_once"),
            models.CheckConstraint(
                condition=Q(total_cents=F("halves_cents") + F("rent_cents")) & Q(total_cents__gt=0),
                name="statement_is_the_sum_of_its_parts",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.place}, {self.month}"


class StatementLine(models.Model):
    """A half-day on its statement: on one, and on no other."""

    statement = models.ForeignKey(Statement, on_delete=models.PROTECT, related_name="lines", verbose_name="relevé")
    redemption = models.OneToOneField(
        Redemption, on_delete=models.PROTECT, related_name="line", verbose_name="demi-journée"
    )
    cents = models.PositiveIntegerField("montant, en centimes")

    class Meta:
        verbose_name = "ligne de relevé"
        verbose_name_plural = "lignes de relevé"

    def __str__(self) -> str:
        return f"{self.redemption}"
