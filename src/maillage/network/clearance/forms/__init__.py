"""What officers and places fill in."""
