from django.urls import URLPattern, URLResolver, include, path

from maillage.management.billing.views import tariffs
from maillage.management.billing.views.manage import customers, drafts, invoices, money, papers, prices, seller

MONEY: list[URLPattern | URLResolver] = [
    path("", money.money, name="manage_money"),
    path("identite/", seller.seller, name="manage_seller"),
    path("clients/", customers.customers, name="manage_customers"),
    path("clients/ajouter/", customers.add, name="manage_customer_add"),
    path("clients/<int:customer>/", customers.customer, name="manage_customer"),
    path("factures/", invoices.invoices, name="manage_invoices"),
    path("factures/liste.csv", invoices.invoices_csv, name="manage_invoices_csv"),
    path("factures/nouvelle/", drafts.begin, name="manage_invoice_new"),
    path("factures/<int:invoice>/", invoices.invoice, name="manage_invoice"),
    path("factures/<int:invoice>/avoir/", invoices.credit, name="manage_invoice_credit"),
    path("brouillons/<int:draft>/", drafts.draft, name="manage_draft"),
    path("brouillons/<int:draft>/emettre/", drafts.issue, name="manage_draft_issue"),
    path("brouillons/<int:draft>/jeter/", drafts.drop, name="manage_draft_drop"),
    path("tarifs/", prices.prices, name="manage_prices"),
    path("tarifs/<int:tariff>/", prices.price_list, name="manage_price_list"),
    path("tarifs/lignes/<int:price>/", prices.price, name="manage_price"),
]
PAPERS: list[URLPattern | URLResolver] = [
    path("factures/<int:invoice>/facture.pdf", papers.pdf, name="manage_invoice_pdf"),
    path("factures/<int:invoice>/factur-x.xml", papers.xml, name="manage_invoice_xml"),
    path("factures/<int:invoice>/ubl.xml", papers.as_ubl, name="manage_invoice_ubl"),
    path("factures/<int:invoice>/remettre/", papers.hand, name="manage_invoice_hand"),
    path("recues/", papers.received, name="manage_received"),
    path("recues/<int:received>/", papers.one_received, name="manage_received_one"),
    path("recues/<int:received>/donnees.xml", papers.received_xml, name="manage_received_xml"),
]
VISITORS = [path("lieux/<slug:slug>/tarifs/", tariffs.tariffs, name="place_tariffs")]
urlpatterns = [*VISITORS, path("gerer/<slug:slug>/argent/", include([*MONEY, *PAPERS]))]
