from django.urls import URLPattern, URLResolver, include, path

from maillage.management.billing.views import own, tariffs, webhooks
from maillage.management.billing.views.manage import (
    bank,
    books,
    customers,
    debits,
    drafts,
    invoices,
    money,
    opening,
    papers,
    payments,
    prices,
    receipts,
    run,
    seller,
    slips,
    statements,
)

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
    path("tirage/", run.run, name="manage_run"),
]
BOOKS: list[URLPattern | URLResolver] = [
    path("comptes/", books.books, name="manage_books"),
    path("comptes/lignes/", books.lines, name="manage_books_lines"),
    path("comptes/cloturer/", books.close, name="manage_books_close"),
    path("comptes/ouverture/", opening.opening, name="manage_books_open"),
    path("comptes/verifier/", books.verify, name="manage_books_verify"),
    path("comptes/comptes.csv", books.csv_file, name="manage_books_csv"),
    path("comptes/fec.txt", books.fec_file, name="manage_books_fec"),
    path("recus/", receipts.receipts, name="manage_receipts"),
    path("recus/donner/<int:gift>/", receipts.give, name="manage_receipt_give"),
    path("recus/<int:receipt>/recu.pdf", receipts.pdf, name="manage_receipt_pdf"),
]
VISITORS = [path("lieux/<slug:slug>/tarifs/", tariffs.tariffs, name="place_tariffs")]
MONEY_IN: list[URLPattern | URLResolver] = [
    path("encaissements/", payments.payments, name="manage_payments"),
    path("encaissements/<int:payment>/", payments.payment, name="manage_payment"),
    path("encaissements/liens/<int:invoice>/", payments.link, name="manage_payment_link"),
    path("encaissements/avis/<int:hint>/", payments.claim, name="manage_payment_claim"),
    path("remboursements/<int:customer>/", payments.refund, name="manage_refund"),
    path("remises/", slips.slips, name="manage_slips"),
    path("remises/<int:slip>/", slips.slip, name="manage_slip"),
    path("banque/", bank.bank, name="manage_bank"),
    path("banque/sures/", bank.certain, name="manage_bank_certain"),
    path("banque/<int:line>/", bank.line, name="manage_bank_line"),
    path("releves/", statements.statements, name="manage_statements"),
    path("releves/<int:customer>/", statements.statement, name="manage_statement"),
    path("relances/", statements.reminders, name="manage_reminders"),
    path("relances/<int:customer>/", statements.reminder, name="manage_reminder"),
    path("prelevements/", debits.debits, name="manage_debits"),
    path("prelevements/<int:run>/", debits.run, name="manage_debit_run"),
    path("prelevements/<int:run>/prelevements.xml", debits.xml, name="manage_debit_xml"),
    path("prelevements/mandats/<int:customer>/", debits.mandate, name="manage_mandate"),
    path("prelevements/mandats/<int:mandate>/retirer/", debits.mandate_end, name="manage_mandate_end"),
]
WEBHOOKS = [path("paiements/<slug:provider>/<slug:slug>/", webhooks.hinted, name="payment_hint")]
OWN = [
    path("mon-compte/factures/", own.owed, name="own_money"),
    path("mon-compte/factures/<int:invoice>/payer/", own.pay, name="own_money_pay"),
]
urlpatterns = [
    *VISITORS,
    *WEBHOOKS,
    *OWN,
    path("gerer/<slug:slug>/argent/", include([*MONEY, *MONEY_IN, *PAPERS, *BOOKS])),
]
