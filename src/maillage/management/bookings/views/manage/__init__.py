"""The pages of a place's team: its spaces and hours, its day, its bookings."""
