"""Who writes of persons and organisations: the team of their place, one act at a time, each with its audit event.

An audit event never tells a name, an address or a number: it outlives the person's right to be forgotten.
"""
