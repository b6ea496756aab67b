"""Who may do what at each address: the one table against which the running site is swept.

A rule says for each method which act it asks of the person (`LOOK`, `EDIT`, `CLOSE`, `TEAM`, `HOST`, `RUN`) or that it
is open; a method that is not named must be refused as such. What a person may do where is `MAY`, written here by hand
and not read from the code that is judged.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")

LOOK, EDIT, CLOSE, TEAM, HOST, RUN = "look", "edit", "close", "team", "host", "run"
ANYBODY = "anybody"
ALL = frozenset({LOOK, EDIT, CLOSE, TEAM, HOST, RUN})
WORK = frozenset({LOOK, EDIT, HOST})
CARE = frozenset({LOOK, EDIT})
NOTHING: frozenset[str] = frozenset()

MAY: Mapping[str, tuple[frozenset[str], frozenset[str]]] = {
    # who: in the place, in the other place
    "nadine": (ALL, NOTHING),
    "karim": (WORK, NOTHING),
    "operator": (ALL, ALL),
    "ines": (CARE, NOTHING),
    "officer_elsewhere": (NOTHING, NOTHING),
    "perrin": (frozenset({LOOK}), NOTHING),
    "lila": (NOTHING, ALL),
    "thomas": (NOTHING, NOTHING),
    "gone": (NOTHING, NOTHING),
    "anonymous": (NOTHING, NOTHING),
}
KEYS = ("key", "reading_key", "other_key", "revoked_key")
"""Programs, at the addresses of the API: with a key of the place, one that only reads, one of the other place, one
that was taken out of use."""
OUTSIDE = ("anonymous", "gone")
"""Those whom the site does not know: never signed in, or signed in with an account that is no longer active."""

OWN, OTHER, CROSSED, LOST, ABSENT = TARGETS = ("own", "other", "crossed", "lost", "absent")
"""The place of Nadine; that of Lila; under the address of Nadine's, an object of Lila's or none; no place at all."""

OK = frozenset({"ok"})
INSIDE = frozenset({"ok", "moved", "refused-input"})
NO_METHOD = frozenset({"no-method"})
NOT_THERE = frozenset({"absent"})
SIGN_IN = frozenset({"sign-in"})
FORBIDDEN = frozenset({"forbidden"})
MOVED = frozenset({"moved"})
NO_KEY = frozenset({"no-key"})


@dataclass(frozen=True)
class Rule:
    """What must come out of an address, by who asks, how, and for whose object."""

    kind: str
    acts: Mapping[str, str] = field(default_factory=dict)
    targets: tuple[str, ...] = (OWN,)
    also: frozenset[str] = frozenset()
    same_for_all: bool = False
    tells: bool = False
    """Whoever holds the address may read what it leads to."""

    def expected(self, person: str, method: str, target: str) -> frozenset[str]:
        if self.kind == "nowhere":
            return OK | NOT_THERE if method == "OPTIONS" else NOT_THERE
        judge = {
            "public": self._public,
            "guest": self._guest,
            "self": self._self,
            "desk": self._desk,
            "api": self._api,
            "funder": self._funder,
            "network": self._network,
            "files": self._files,
            "observer": self._observer,
            "shown": self._shown,
        }
        return judge.get(self.kind, self._operator)(person, method, target) | self.also

    def _named(self, method: str) -> str:
        return self.acts.get("GET" if method == "HEAD" else method, "")

    def _public(self, person: str, method: str, target: str) -> frozenset[str]:
        if method == "OPTIONS":
            return OK | NO_METHOD | NOT_THERE
        if not self._named(method):
            return NO_METHOD
        return NOT_THERE if target in (CROSSED, ABSENT) else OK

    def _guest(self, person: str, method: str, target: str) -> frozenset[str]:
        """Pages before the door; whoever is in already is led away, whatever the method."""
        return INSIDE | NO_METHOD

    def _self(self, person: str, method: str, target: str) -> frozenset[str]:
        if person in OUTSIDE:
            return SIGN_IN if self._named(method) else SIGN_IN | NO_METHOD
        if not self._named(method):
            return INSIDE | NO_METHOD if method in ("PUT", "OPTIONS") else MOVED | NO_METHOD
        return INSIDE

    def _desk(self, person: str, method: str, target: str) -> frozenset[str]:
        act = self._named(method)
        if person in OUTSIDE:
            return SIGN_IN if act else SIGN_IN | NO_METHOD
        if target == ABSENT:
            return NOT_THERE if act else NOT_THERE | NO_METHOD
        may = MAY[person][target == OTHER]
        if not act:
            return NO_METHOD if may >= ALL else NO_METHOD | FORBIDDEN
        if act not in may:
            return FORBIDDEN
        if target in (CROSSED, LOST):
            return NOT_THERE if method == "POST" else NOT_THERE | MOVED
        return INSIDE

    def _funder(self, person: str, method: str, target: str) -> frozenset[str]:
        """Run by whoever looks after the territory that pays, and by nobody else."""
        if person in OUTSIDE:
            return SIGN_IN
        if target == ABSENT:
            return NOT_THERE
        if person != "operator" and (person != "perrin" or target == OTHER):
            return FORBIDDEN
        return INSIDE if self._named(method) else NO_METHOD

    def _network(self, person: str, method: str, target: str) -> frozenset[str]:
        """Spoken for by an officer of one of its very territories, and by the operator."""
        if person in OUTSIDE:
            return SIGN_IN
        if not self._named(method):
            return NO_METHOD
        if target == ABSENT:
            return NOT_THERE
        if person != "operator" and (person != "ines" or target == OTHER):
            return FORBIDDEN
        if target in (CROSSED, LOST):
            return NOT_THERE
        return INSIDE

    def _observer(self, person: str, method: str, target: str) -> frozenset[str]:
        """For whoever observes a territory, what was asked there; the operator is no observer."""
        if person in OUTSIDE:
            return SIGN_IN
        if not self._named(method):
            return NO_METHOD
        if person != "perrin":
            return FORBIDDEN
        return INSIDE if target == OWN else NOT_THERE

    def _shown(self, person: str, method: str, target: str) -> frozenset[str]:
        """Figures that a place shows: read by whom it gave them to, not by its own team nor the operator."""
        if person in OUTSIDE:
            return SIGN_IN
        if not self._named(method):
            return NO_METHOD
        return OK if (person, target) == ("perrin", OWN) else NOT_THERE

    def _files(self, person: str, method: str, target: str) -> frozenset[str]:
        """Brought in by an officer, who sees hers alone, and by the operator, who sees all."""
        if person in OUTSIDE:
            return SIGN_IN
        if not self._named(method):
            return NO_METHOD
        if person not in ("operator", "ines", "officer_elsewhere"):
            return FORBIDDEN
        theirs = {"ines": (OWN,), "officer_elsewhere": (OTHER, CROSSED)}.get(person, (OWN, OTHER, CROSSED))
        return INSIDE if len(self.targets) == 1 or target in theirs else NOT_THERE

    def _api(self, person: str, method: str, target: str) -> frozenset[str]:
        """Read by anybody; written by a program that has a key of that very place, never by a session."""
        act = self._named(method)
        if method == "OPTIONS":
            return OK | NO_METHOD
        if not act:
            return NO_METHOD
        if act == ANYBODY:
            return NOT_THERE if target == ABSENT else OK
        if person not in KEYS or person == "revoked_key":
            return NO_KEY
        if target == ABSENT or (target == OTHER) != (person == "other_key"):
            return NOT_THERE
        return FORBIDDEN if person == "reading_key" else INSIDE

    def _operator(self, person: str, method: str, target: str) -> frozenset[str]:
        if person in OUTSIDE:
            return SIGN_IN
        if person != "operator":
            return FORBIDDEN | NOT_THERE
        return INSIDE | FORBIDDEN | NOT_THERE | NO_METHOD


PLACES = (OWN, OTHER, ABSENT)


def public(*targets: str, also: frozenset[str] = frozenset(), same: bool = True) -> Rule:
    """Read by anybody, written by nobody."""
    return Rule("public", {"GET": ANYBODY}, targets or (OWN,), also, same)


def desk(*targets: str, **acts: str) -> Rule:
    """Behind the door of a place: each method asks an act of whoever sits there."""
    return Rule("desk", acts, targets or PLACES)


def thing(**acts: str) -> Rule:
    """Behind the door of a place, for one object of that place."""
    return Rule("desk", acts, TARGETS)


def funder(**acts: str) -> Rule:
    """Behind the door of a scheme's funder."""
    return Rule("funder", acts or {"GET": ANYBODY, "POST": ANYBODY}, PLACES)


BY_LINK = Rule(
    "public",
    {"GET": ANYBODY, "POST": ANYBODY},
    (OWN, OTHER, CROSSED, ABSENT),
    also=MOVED | frozenset({"refused-input"}),
    tells=True,
)
"""Whoever holds the secret link of a referrer is in, for its own cards."""
FOR_THE_PLACE = Rule("public", BY_LINK.acts, PLACES, also=BY_LINK.also, tells=True)
"""Whoever holds the link or the code that went to a place fills its form."""
ASKED = Rule("public", {"GET": ANYBODY, "POST": ANYBODY}, PLACES, also=MOVED | frozenset({"refused-input"}))
"""A form that anybody fills, whose answer waits for somebody's yes."""
GUEST = Rule("guest")
ONESELF = Rule("self", {"GET": ANYBODY, "POST": ANYBODY})
OPERATOR = Rule("operator")

RULES: Mapping[str, Rule] = {
    # the public site
    "home": public(),
    "suggestions": public(),
    "doc": public(),
    "doc_page": public(OWN, ABSENT),
    "place_list": public(),
    "place_feed_rss": public(),
    "place_feed_json": public(),
    "place": public(*PLACES),
    "place_poster": public(*PLACES),
    "place_history": public(*PLACES),
    "suggest": ASKED,
    "suggest_edit": ASKED,
    "suggest_report": ASKED,
    "suggest_new": Rule("public", ASKED.acts, also=ASKED.also),
    "suggest_alike": public(),
    "votes": Rule("self", {"GET": ANYBODY}),
    "vote": Rule("self", {"GET": ANYBODY, "POST": ANYBODY}, also=frozenset({"refused-input"}) | MOVED),
    "networks": public(),
    "network": public(*PLACES),
    "network_geojson": public(*PLACES),
    "network_queue": Rule("network", {"GET": ANYBODY, "POST": ANYBODY}, PLACES),
    "network_answer": Rule("network", {"GET": ANYBODY, "POST": ANYBODY}, TARGETS),
    "network_claim": Rule("network", {"GET": ANYBODY, "POST": ANYBODY}, TARGETS),
    "network_pairs": Rule("network", {"GET": ANYBODY, "POST": ANYBODY}, PLACES),
    "network_pair": Rule("network", {"GET": ANYBODY, "POST": ANYBODY}, TARGETS),
    "network_separate": Rule("network", {"GET": ANYBODY, "POST": ANYBODY}, TARGETS),
    "network_help": Rule("network", {"GET": ANYBODY}, PLACES),
    "network_help_one": Rule("network", {"GET": ANYBODY, "POST": ANYBODY}, TARGETS),
    "help_queue": Rule("observer", {"GET": ANYBODY}),
    "help_one": Rule("observer", {"GET": ANYBODY, "POST": ANYBODY}, PLACES),
    "shared_with_me": Rule("self", {"GET": ANYBODY}),
    "shared": Rule("shown", {"GET": ANYBODY}, PLACES),
    "network_records": Rule("network", {"GET": ANYBODY, "POST": ANYBODY}, PLACES, also=frozenset({"refused-input"})),
    "network_verify": Rule("network", {"GET": ANYBODY, "POST": ANYBODY}, PLACES),
    "network_censuses": Rule("network", {"GET": ANYBODY}, PLACES),
    "network_census_new": Rule("network", {"GET": ANYBODY, "POST": ANYBODY}, PLACES),
    "network_census": Rule("network", {"GET": ANYBODY, "POST": ANYBODY}, TARGETS),
    "network_census_change": Rule("network", {"GET": ANYBODY, "POST": ANYBODY}, TARGETS),
    "network_census_preview": Rule("network", {"GET": ANYBODY}, TARGETS),
    "network_census_letters": Rule("network", {"GET": ANYBODY, "POST": ANYBODY}, TARGETS),
    "network_census_contacts": Rule("network", {"GET": ANYBODY}, TARGETS),
    "network_census_answers": Rule("network", {"GET": ANYBODY}, TARGETS),
    "network_census_phone": Rule("network", {"GET": ANYBODY, "POST": ANYBODY}, TARGETS),
    "network_census_phone_step": Rule("network", {"GET": ANYBODY, "POST": ANYBODY}, TARGETS),
    "network_census_results": public(OWN, OTHER, CROSSED, ABSENT),
    "census_enter": Rule("public", ASKED.acts, also=ASKED.also),
    "census": FOR_THE_PLACE,
    "census_step": FOR_THE_PLACE,
    "census_silence": FOR_THE_PLACE,
    "still_right": Rule("public", ASKED.acts, PLACES, also=ASKED.also),
    "place_widget": public(*PLACES),
    "place_claim": ASKED,
    "suggestion": Rule("public", ASKED.acts, PLACES, also=ASKED.also, tells=True),
    "booking": Rule("public", {"GET": ANYBODY, "POST": ANYBODY}, PLACES, also=frozenset({"refused-input"})),
    "booking_ics": public(*PLACES),
    "booking_space_ics": public(OWN, OTHER, CROSSED, ABSENT),
    "arrival": Rule("public", {"GET": ANYBODY, "POST": ANYBODY}, PLACES, also=frozenset({"refused-input"})),
    "reservation": Rule("public", {"GET": ANYBODY, "POST": ANYBODY}, PLACES, also=MOVED),
    "reservation_ics": public(*PLACES),
    "waiting": Rule("public", {"GET": ANYBODY, "POST": ANYBODY}, PLACES, also=MOVED),
    "payment_hint": Rule("public", {"POST": ANYBODY}, PLACES, also=NOT_THERE | frozenset({"refused-input"})),
    "imports": Rule("files", {"GET": ANYBODY, "POST": ANYBODY}),
    "import_intake": Rule("files", {"GET": ANYBODY, "POST": ANYBODY}, TARGETS),
    "import_columns": Rule("files", {"GET": ANYBODY, "POST": ANYBODY}, TARGETS),
    "import_quarantine": Rule("files", {"GET": ANYBODY}, TARGETS, also=NOT_THERE),
    "import_undo": Rule("files", {"GET": ANYBODY, "POST": ANYBODY}, TARGETS),
    # open data
    "schema": public(),
    "schema_document": public(),
    "schema_validate": Rule(
        "public", {"GET": ANYBODY, "POST": ANYBODY}, also=frozenset({"refused-input", "status 429"})
    ),
    "schema_problems": Rule("public", {"POST": ANYBODY}, also=frozenset({"refused-input"})),
    "open_data": public(),
    "import_address": Rule("files", {"GET": ANYBODY, "POST": ANYBODY}),
    "instances": OPERATOR,
    "federation_card": public(),
    "pulls": OPERATOR,
    "pull": OPERATOR,
    "pull_stop": OPERATOR,
    "open_dump": public(also=NOT_THERE),
    "catalogue": public(),
    "murmurations": public(),
    "place_murmurations": public(*PLACES),
    "agenda": public(),
    "agenda_ics": public(),
    "agenda_rss": public(),
    "agenda_json": public(),
    "place_agenda": public(*PLACES),
    "place_agenda_ics": public(*PLACES),
    "place_agenda_rss": public(*PLACES),
    "place_agenda_json": public(*PLACES),
    "event": public(*PLACES),
    "event_register": Rule(
        "public",
        {"GET": ANYBODY, "POST": ANYBODY},
        (OWN, OTHER, CROSSED, ABSENT),
        also=frozenset({"refused-input"}),
    ),
    "registration": Rule("public", {"GET": ANYBODY, "POST": ANYBODY}, PLACES, also=MOVED),
    "registration_ics": public(*PLACES),
    "own_calendar_ics": public(*PLACES),
    "place_tariffs": public(*PLACES),
    # schemes: their funder, their referrers, who bears a pass
    "schemes": ONESELF,
    "scheme_add": Rule("self", {"GET": ANYBODY, "POST": ANYBODY}, also=FORBIDDEN),
    "scheme": funder(),
    "scheme_change": funder(),
    "scheme_close": funder(),
    "scheme_place": funder(),
    "scheme_referrer_add": funder(),
    "scheme_referrer_close": funder(),
    "scheme_lost": funder(),
    "scheme_claim": funder(),
    "scheme_issue": funder(),
    "scheme_sheets": funder(),
    "scheme_sheet": funder(),
    "scheme_card": funder(),
    "scheme_annex": funder(),
    "scheme_annex_csv": funder(),
    "scheme_card_forget": funder(),
    "scheme_report": funder(),
    "scheme_report_csv": funder(),
    "scheme_hand": Rule("public", BY_LINK.acts, PLACES, also=BY_LINK.also, tells=True),
    "scheme_sheets_by": Rule("public", BY_LINK.acts, PLACES, also=BY_LINK.also, tells=True),
    "scheme_sheet_by": BY_LINK,
    "scheme_card_by": BY_LINK,
    "scheme_pass": public(*PLACES, same=False),
    "observatory": public(),
    "observatory_counter": public(OWN, ABSENT),
    "observatory_csv": public(OWN, ABSENT),
    "observatory_json": public(OWN, ABSENT),
    "photo": public(OWN, OTHER, CROSSED, ABSENT),
    "base_map": public(OWN, ABSENT),
    "map_places": public(),
    "map_base": public(OWN, ABSENT),
    "map_list": public(),
    "map_tiles": public(also=NOT_THERE),
    "territories": public(),
    "territory_suggestions": public(),
    "diagnosis": public(OWN, ABSENT),
    "diagnosis_towns": public(),
    "diagnosis_pdf": public(OWN, ABSENT),
    "diagnosis_json": public(OWN, ABSENT),
    "diagnosis_csv": public(OWN, ABSENT),
    "diagnosis_geojson": public(OWN, ABSENT),
    "diagnosis_keep": Rule("public", {"GET": ANYBODY, "POST": ANYBODY}, (OWN, ABSENT), also=MOVED),
    "diagnosis_kept": public(OWN, ABSENT, also=NOT_THERE),
    "diagnosis_kept_file": public(OWN, ABSENT, also=NOT_THERE),
    # for machines
    "healthz": public(),
    "robots": public(),
    "favicon": public(also=MOVED),
    "sitemap": public(),
    "api_places_geojson": public(),
    "api_places_csv": public(),
    "api_places_jsonld": public(),
    "api_places_tiers_lieux": public(),
    "api_places_murmurations": public(),
    "api_places_gpx": public(),
    "api_places_kml": public(),
    "api_places_data_inclusion": public(),
    "api_places_osm": public(),
    "api_places_mednum": public(),
    "readyz": public(also=frozenset({"status 503"})),
    "metrics": public(also=NO_KEY | FORBIDDEN | NOT_THERE),
    "api": Rule("api", {"GET": ANYBODY}, also=MOVED),
    "api_openapi": Rule("api", {"GET": ANYBODY}),
    "api_nowhere": Rule("nowhere"),
    "api:api-root": Rule("api", {"GET": ANYBODY}, also=MOVED),
    "api:places": Rule("api", {"GET": ANYBODY}),
    "api:changes": Rule("api", {"GET": ANYBODY}),
    "api:candidates": Rule("api", {"GET": ANYBODY, "POST": ANYBODY}, also=frozenset({"refused-input"})),
    "api:geojson": Rule("api", {"GET": ANYBODY}),
    "api:csv": Rule("api", {"GET": ANYBODY}),
    "api:jsonld": Rule("api", {"GET": ANYBODY}),
    "api:tiers_lieux": Rule("api", {"GET": ANYBODY}),
    "api:murmurations": Rule("api", {"GET": ANYBODY}),
    "api:gpx": Rule("api", {"GET": ANYBODY}),
    "api:kml": Rule("api", {"GET": ANYBODY}),
    "api:data_inclusion": Rule("api", {"GET": ANYBODY}),
    "api:osm": Rule("api", {"GET": ANYBODY}),
    "api:mednum": Rule("api", {"GET": ANYBODY}),
    "api:place": Rule("api", {"GET": ANYBODY, "PATCH": EDIT}, PLACES),
    "api:confirmations": Rule("api", {"POST": EDIT}, PLACES),
    "api:territories": Rule("api", {"GET": ANYBODY}, also=frozenset({"refused-input"})),
    "api:territory": Rule("api", {"GET": ANYBODY}, (OWN, ABSENT)),
    "api:territory_diagnosis": Rule("api", {"GET": ANYBODY}, (OWN, ABSENT)),
    "api:territory_sites": Rule("api", {"GET": ANYBODY}, (OWN, ABSENT)),
    "api:availability": Rule("api", {"GET": ANYBODY}, PLACES),
    "api:events": Rule("api", {"GET": ANYBODY}),
    "api:bookings": Rule("api", {"POST": HOST}, also=frozenset({"refused-input"})),
    "api:pass": Rule("api", {"GET": HOST}, PLACES),
    "api:redemptions": Rule("api", {"POST": HOST}, PLACES),
    "api:search": Rule("api", {"GET": ANYBODY}, also=frozenset({"refused-input"})),
    # the door
    "invitation": Rule("guest", targets=(OWN, OTHER, ABSENT), also=NOT_THERE, tells=True),
    "account_login": GUEST,
    "account_request_login_code": GUEST,
    "account_confirm_login_code": Rule("guest", also=SIGN_IN),
    "mfa_login_webauthn": Rule("guest", also=SIGN_IN),
    "mfa_authenticate": Rule("guest", also=SIGN_IN),
    "account_logout": GUEST,
    "account_signup": GUEST,
    "account_inactive": GUEST,
    "account_reset_password": GUEST,
    "account_reset_password_done": GUEST,
    "account_reset_password_from_key": GUEST,
    "account_reset_password_from_key_done": GUEST,
    "account_email_verification_sent": GUEST,
    "account_confirm_email": Rule("guest", also=NOT_THERE),
    # one's own account
    "account": Rule("self", {"GET": ANYBODY, "POST": ANYBODY}, also=NO_METHOD),
    "account_reauthenticate": Rule("self", {"GET": ANYBODY, "POST": ANYBODY}, also=FORBIDDEN),
    "account_email": ONESELF,
    "account_change_password": ONESELF,
    "account_set_password": ONESELF,
    "usersessions_list": ONESELF,
    "mfa_index": Rule("self", {"GET": ANYBODY}),
    "mfa_reauthenticate": Rule("self", {"GET": ANYBODY, "POST": ANYBODY}, also=FORBIDDEN),
    "mfa_activate_totp": ONESELF,
    "mfa_deactivate_totp": Rule("self", {"GET": ANYBODY, "POST": ANYBODY}, also=NOT_THERE),
    "mfa_view_recovery_codes": Rule("self", {"GET": ANYBODY}, also=NOT_THERE),
    "mfa_generate_recovery_codes": ONESELF,
    "mfa_download_recovery_codes": Rule("self", {"GET": ANYBODY}, also=NOT_THERE),
    "mfa_list_webauthn": Rule("self", {"GET": ANYBODY}),
    "mfa_add_webauthn": ONESELF,
    "mfa_reauthenticate_webauthn": Rule("self", {"GET": ANYBODY, "POST": ANYBODY}, also=FORBIDDEN | SIGN_IN),
    "mfa_edit_webauthn": Rule("self", {"GET": ANYBODY, "POST": ANYBODY}, (OWN, OTHER, ABSENT), also=NOT_THERE),
    "mfa_remove_webauthn": Rule("self", {"GET": ANYBODY, "POST": ANYBODY}, (OWN, OTHER, ABSENT), also=NOT_THERE),
    # the desk of a place
    "my_places": ONESELF,
    "own_bookings": ONESELF,
    "own_calendar": ONESELF,
    "own_money": Rule("self", {"GET": ANYBODY}),
    "own_money_pay": Rule("self", {"GET": ANYBODY, "POST": ANYBODY}, (OWN, OTHER, ABSENT), also=NOT_THERE),
    "manage": desk(GET=LOOK, POST=LOOK),
    "manage_confirm": desk(GET=EDIT, POST=EDIT),
    "manage_section": desk(GET=EDIT, POST=EDIT),
    "manage_state": desk(GET=CLOSE, POST=CLOSE),
    "manage_photos": desk(GET=LOOK, POST=EDIT),
    "manage_photo": thing(GET=EDIT, POST=EDIT),
    "manage_photo_file": thing(GET=LOOK, POST=LOOK),
    "manage_photo_remove": thing(GET=EDIT, POST=EDIT),
    "manage_photo_restore": thing(GET=EDIT, POST=EDIT),
    "manage_team": desk(GET=LOOK, POST=TEAM),
    "manage_team_dismiss": thing(GET=TEAM, POST=TEAM),
    "manage_invitation_revoke": thing(GET=TEAM, POST=TEAM),
    "manage_keys": desk(GET=TEAM, POST=TEAM),
    "manage_key_revoke": thing(GET=TEAM, POST=TEAM),
    "manage_poster": desk(GET=LOOK, POST=LOOK),
    "manage_suggestions": desk(GET=LOOK, POST=LOOK),
    "manage_suggestion": thing(GET=EDIT, POST=EDIT),
    "manage_history": desk(GET=LOOK, POST=LOOK),
    "manage_take_back": thing(GET=EDIT, POST=EDIT),
    "manage_help": desk(GET=HOST, POST=HOST),
    "manage_help_one": thing(GET=HOST, POST=HOST),
    "manage_access": desk(GET=HOST, POST=RUN),
    "manage_access_end": thing(GET=RUN, POST=RUN),
    # the persons of a place
    "manage_people": desk(GET=HOST, POST=HOST),
    "manage_people_add": desk(GET=HOST, POST=HOST),
    "manage_people_retention": desk(GET=RUN, POST=RUN),
    "manage_people_export": desk(GET=RUN, POST=RUN),
    "manage_people_duplicates": desk(GET=HOST, POST=HOST),
    "manage_people_one": thing(GET=HOST, POST=HOST),
    "manage_people_state": thing(GET=HOST, POST=HOST),
    "manage_people_membership": thing(GET=HOST, POST=HOST),
    "manage_people_membership_end": thing(GET=HOST, POST=HOST),
    "manage_people_json": thing(GET=RUN, POST=RUN),
    "manage_people_csv": thing(GET=RUN, POST=RUN),
    "manage_people_merge": thing(GET=RUN, POST=RUN),
    "manage_people_apart": thing(GET=RUN, POST=RUN),
    "manage_people_part": thing(GET=RUN, POST=RUN),
    "manage_people_erase": thing(GET=RUN, POST=RUN),
    "manage_people_bodies": desk(GET=HOST, POST=HOST),
    "manage_people_body": thing(GET=HOST, POST=HOST),
    "manage_people_body_merge": thing(GET=RUN, POST=RUN),
    "manage_people_body_part": thing(GET=RUN, POST=RUN),
    "manage_schemes": desk(GET=HOST, POST=HOST),
    "manage_schemes_door": desk(GET=HOST, POST=HOST),
    "manage_schemes_keys": desk(GET=HOST, POST=HOST),
    "manage_schemes_settle": desk(GET=HOST, POST=HOST),
    "manage_schemes_shell": desk(GET=HOST, POST=HOST),
    "manage_schemes_worker": desk(GET=HOST, POST=HOST),
    "manage_schemes_undo": thing(GET=HOST, POST=HOST),
    "manage_schemes_ask": thing(GET=RUN, POST=RUN),
    "manage_schemes_statement": thing(GET=HOST, POST=HOST),
    "manage_schemes_annex": thing(GET=HOST, POST=HOST),
    "manage_schemes_annex_csv": thing(GET=HOST, POST=HOST),
    "manage_roaming": desk(GET=HOST, POST=HOST),
    "manage_roaming_propose": desk(GET=RUN, POST=RUN),
    "manage_roaming_door": desk(GET=HOST, POST=HOST),
    "manage_roaming_undo": thing(GET=HOST, POST=HOST),
    "manage_roaming_agreement": thing(GET=HOST, POST=HOST),
    "manage_roaming_answer": thing(GET=RUN, POST=RUN),
    "manage_roaming_invite": thing(GET=RUN, POST=RUN),
    "manage_roaming_month": thing(GET=HOST, POST=HOST),
    "manage_roaming_sign": thing(GET=RUN, POST=RUN),
    "manage_roaming_accept": thing(GET=RUN, POST=RUN),
    "manage_today": desk(GET=HOST, POST=HOST),
    "manage_day": Rule("desk", {"GET": HOST, "POST": HOST}, (OWN, OTHER, LOST, ABSENT)),
    "manage_visits": desk(GET=HOST, POST=HOST),
    "manage_visit_remove": thing(GET=HOST, POST=HOST),
    "manage_book": desk(GET=HOST, POST=HOST),
    "manage_booking": thing(GET=HOST, POST=HOST),
    "manage_booking_confirm": thing(GET=HOST, POST=HOST),
    "manage_booking_keep": thing(GET=RUN, POST=RUN),
    "manage_booking_came": thing(GET=HOST, POST=HOST),
    "manage_booking_why": thing(GET=HOST, POST=HOST),
    "manage_booking_cancel": thing(GET=HOST, POST=HOST),
    "manage_door": desk(GET=RUN, POST=RUN),
    "manage_door_poster": desk(GET=RUN, POST=RUN),
    "manage_ticket": Rule("desk", {"GET": HOST, "POST": HOST}, (OWN, OTHER, CROSSED, ABSENT)),
    "manage_authorisations": desk(GET=HOST, POST=HOST),
    "manage_authorisation_give": desk(GET=RUN, POST=RUN),
    "manage_authorisation_withdraw": thing(GET=RUN, POST=RUN),
    "manage_events": desk(GET=HOST, POST=HOST),
    "manage_event_add": desk(GET=HOST, POST=HOST),
    "manage_event": thing(GET=HOST, POST=HOST),
    "manage_event_change": thing(GET=HOST, POST=HOST),
    "manage_event_publish": thing(GET=HOST, POST=HOST),
    "manage_event_archive": thing(GET=HOST, POST=HOST),
    "manage_session_add": thing(GET=HOST, POST=HOST),
    "manage_session": thing(GET=HOST, POST=HOST),
    "manage_session_resize": thing(GET=HOST, POST=HOST),
    "manage_session_move": thing(GET=HOST, POST=HOST),
    "manage_session_cancel": thing(GET=HOST, POST=HOST),
    "manage_session_join": thing(GET=HOST, POST=HOST),
    "manage_session_ages": thing(GET=HOST, POST=HOST),
    "manage_session_sheet": thing(GET=HOST, POST=HOST),
    "manage_session_csv": thing(GET=HOST, POST=HOST),
    "manage_registration_came": thing(GET=HOST, POST=HOST),
    "manage_registration_withdraw": thing(GET=HOST, POST=HOST),
    "manage_money": desk(GET=RUN, POST=RUN),
    "manage_seller": desk(GET=RUN, POST=RUN),
    "manage_customers": desk(GET=RUN, POST=RUN),
    "manage_customer_add": desk(GET=RUN, POST=RUN),
    "manage_customer": thing(GET=RUN, POST=RUN),
    "manage_invoices": desk(GET=RUN, POST=RUN),
    "manage_invoices_csv": desk(GET=RUN, POST=RUN),
    "manage_invoice_new": desk(GET=RUN, POST=RUN),
    "manage_invoice": thing(GET=RUN, POST=RUN),
    "manage_invoice_credit": thing(GET=RUN, POST=RUN),
    "manage_draft": thing(GET=RUN, POST=RUN),
    "manage_draft_issue": thing(GET=RUN, POST=RUN),
    "manage_draft_drop": thing(GET=RUN, POST=RUN),
    "manage_invoice_pdf": thing(GET=RUN, POST=RUN),
    "manage_invoice_xml": thing(GET=RUN, POST=RUN),
    "manage_invoice_ubl": thing(GET=RUN, POST=RUN),
    "manage_invoice_hand": thing(GET=RUN, POST=RUN),
    "manage_run": desk(GET=RUN, POST=RUN),
    "manage_payments": desk(GET=RUN, POST=RUN),
    "manage_payment": thing(GET=RUN, POST=RUN),
    "manage_payment_link": thing(GET=RUN, POST=RUN),
    "manage_payment_claim": thing(GET=RUN, POST=RUN),
    "manage_refund": thing(GET=RUN, POST=RUN),
    "manage_slips": desk(GET=RUN, POST=RUN),
    "manage_slip": thing(GET=RUN, POST=RUN),
    "manage_bank": desk(GET=RUN, POST=RUN),
    "manage_bank_certain": desk(GET=RUN, POST=RUN),
    "manage_bank_line": thing(GET=RUN, POST=RUN),
    "manage_statements": desk(GET=RUN, POST=RUN),
    "manage_statement": thing(GET=RUN, POST=RUN),
    "manage_reminders": desk(GET=RUN, POST=RUN),
    "manage_reminder": thing(GET=RUN, POST=RUN),
    "manage_debits": desk(GET=RUN, POST=RUN),
    "manage_debit_run": thing(GET=RUN, POST=RUN),
    "manage_debit_xml": thing(GET=RUN, POST=RUN),
    "manage_mandate": thing(GET=RUN, POST=RUN),
    "manage_mandate_end": thing(GET=RUN, POST=RUN),
    "manage_received": desk(GET=RUN, POST=RUN),
    "manage_received_one": thing(GET=RUN, POST=RUN),
    "manage_received_xml": thing(GET=RUN, POST=RUN),
    "manage_books": desk(GET=RUN, POST=RUN),
    "manage_books_lines": desk(GET=RUN, POST=RUN),
    "manage_books_close": desk(GET=RUN, POST=RUN),
    "manage_books_open": desk(GET=RUN, POST=RUN),
    "manage_books_verify": desk(GET=RUN, POST=RUN),
    "manage_books_csv": desk(GET=RUN, POST=RUN),
    "manage_books_fec": desk(GET=RUN, POST=RUN),
    "manage_receipts": desk(GET=RUN, POST=RUN),
    "manage_receipt_give": thing(GET=RUN, POST=RUN),
    "manage_receipt_pdf": thing(GET=RUN, POST=RUN),
    "manage_prices": desk(GET=RUN, POST=RUN),
    "manage_price_list": thing(GET=RUN, POST=RUN),
    "manage_price": thing(GET=RUN, POST=RUN),
    "manage_formulas": desk(GET=RUN, POST=RUN),
    "manage_formula_archive": thing(GET=RUN, POST=RUN),
    "manage_subscriptions": desk(GET=RUN, POST=RUN),
    "manage_subscription_end": thing(GET=RUN, POST=RUN),
    "manage_passes": desk(GET=HOST, POST=HOST),
    "manage_pass_sell": desk(GET=HOST, POST=HOST),
    "manage_checkout": desk(GET=HOST, POST=HOST),
    "manage_pass": thing(GET=HOST, POST=HOST),
    "manage_pass_cancel": thing(GET=RUN, POST=RUN),
    "manage_pass_undo": thing(GET=HOST, POST=HOST),
    "manage_spaces": desk(GET=RUN, POST=RUN),
    "manage_space_add": desk(GET=RUN, POST=RUN),
    "manage_space": thing(GET=RUN, POST=RUN),
    "manage_space_archive": thing(GET=RUN, POST=RUN),
    "manage_units": thing(GET=RUN, POST=RUN),
    "manage_unit": thing(GET=RUN, POST=RUN),
    "manage_hours": desk(GET=RUN, POST=RUN),
    "manage_hours_remove": thing(GET=RUN, POST=RUN),
    "manage_closures": desk(GET=RUN, POST=RUN),
    "manage_closure_remove": thing(GET=RUN, POST=RUN),
    "manage_booking_settings": desk(GET=RUN, POST=RUN),
    "manage_feeds": desk(GET=RUN, POST=RUN),
    "manage_feed_read": thing(GET=RUN, POST=RUN),
    "manage_feed_remove": thing(GET=RUN, POST=RUN),
}
PATTERNS: Mapping[str, Rule] = {
    r"admin:(login|logout|jsi18n)": Rule("guest", also=SIGN_IN | FORBIDDEN | NOT_THERE),
    r"admin:.*": OPERATOR,
}


def rule_of(name: str) -> Rule | None:
    """The rule of a URL name: its own, else the one of the pattern it fits."""
    if name in RULES:
        return RULES[name]
    return next((rule for pattern, rule in PATTERNS.items() if re.fullmatch(pattern, name)), None)
