from django.urls import URLPattern, URLResolver, include, path

from maillage.network.schemes.views import door, funder, handing, partners, report

FUNDER: list[URLPattern | URLResolver] = [
    path("", funder.schemes, name="schemes"),
    path("ajouter/", funder.add, name="scheme_add"),
    path("passe/<str:signed>/", door.own_pass, name="scheme_pass"),
    path("remettre/<str:link>/", handing.hand_out_by, name="scheme_hand"),
    path("remettre/<str:link>/planche/", handing.sheet_by, name="scheme_sheets_by"),
    path("remettre/<str:link>/planche/<str:batch>/", handing.printed_by, name="scheme_sheet_by"),
    path("remettre/<str:link>/carte/<str:card>/", handing.card_by, name="scheme_card_by"),
    path("<int:scheme>/", funder.scheme, name="scheme"),
    path("<int:scheme>/modifier/", funder.change, name="scheme_change"),
    path("<int:scheme>/arreter/", funder.close, name="scheme_close"),
    path("<int:scheme>/lieux/<int:accreditation>/", partners.place, name="scheme_place"),
    path("<int:scheme>/relais/", partners.referrer_add, name="scheme_referrer_add"),
    path("<int:scheme>/relais/<int:referrer>/fermer/", partners.referrer_close, name="scheme_referrer_close"),
    path("<int:scheme>/perdue/", partners.lost, name="scheme_lost"),
    path("<int:scheme>/a-regler/<int:claim>/", partners.claim, name="scheme_claim"),
    path("<int:scheme>/remettre/", handing.funder_hands, name="scheme_issue"),
    path("<int:scheme>/planche/", handing.funder_sheet, name="scheme_sheets"),
    path("<int:scheme>/planche/<str:batch>/", handing.funder_printed, name="scheme_sheet"),
    path("<int:scheme>/carte/<str:card>/", handing.funder_card, name="scheme_card"),
    path("<int:scheme>/bilan/", report.report, name="scheme_report"),
    path("<int:scheme>/bilan.csv", report.report_csv, name="scheme_report_csv"),
]
TEAM: list[URLPattern | URLResolver] = [
    path("", door.passes, name="manage_schemes"),
    path("porte/", door.door, name="manage_schemes_door"),
    path("porte/cles.json", door.keys, name="manage_schemes_keys"),
    path("porte/regler/", door.settle, name="manage_schemes_settle"),
    path("porte/<int:redemption>/annuler/", door.undo, name="manage_schemes_undo"),
    path("agrement/<int:scheme>/", door.ask, name="manage_schemes_ask"),
    path("releves/<int:scheme>/<str:month_text>/", door.statement, name="manage_schemes_statement"),
]
urlpatterns = [path("dispositifs/", include(FUNDER)), path("gerer/<slug:slug>/passes/", include(TEAM))]
