"""What one instance of Maillage tells another: its keys, its signatures, its pages and the places in them."""
