"""Networks, verification, moderation and help queues."""
