"""What a network writes to places and to those who help them."""
