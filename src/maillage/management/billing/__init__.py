"""Price lines, invoices, payments and journals of one place."""
