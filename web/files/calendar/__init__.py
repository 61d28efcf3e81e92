"""`/calendar.ics`: what is due, for the calendar program that people use.

`route` reads the rows, `file` writes the calendar (RFC 5545), `entries` one event of it, `zones` its time zones.
"""
