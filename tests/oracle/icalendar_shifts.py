"""What an independent reader of iCalendar makes of a file: its events, and that its lines are as they must be.

Usage: icalendar_shifts.py FILE FROM TO. Writes JSON: the summaries, states and times of all events that touch
the period, and the properties of the calendar.
"""

import json
import sys
from datetime import datetime, timezone

import icalendar
import recurring_ical_events

path, begin, end = sys.argv[1:]
with open(path, "rb") as file:
    octets = file.read()
assert octets.endswith(b"\r\n"), "the last line has no end"
for line in octets[:-2].split(b"\r\n"):
    assert len(line) <= 75, f"a line of {len(line)} octets"
    assert b"\r" not in line and b"\n" not in line, "a line ends in another way"
    line.decode("utf-8")

calendar = icalendar.Calendar.from_ical(octets)
assert not calendar.errors, calendar.errors
for event in calendar.walk("VEVENT"):
    assert not event.errors, event.errors


def utc(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def text(instant):
    return instant.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


events = [
    {
        "uid": str(event["UID"]),
        "summary": str(event["SUMMARY"]),
        "status": str(event["STATUS"]),
        "sequence": int(event["SEQUENCE"]),
        "from": text(event["DTSTART"].dt),
        "to": text(event["DTEND"].dt),
        "alarms": [str(alarm["TRIGGER"].to_ical(), "ascii") for alarm in event.walk("VALARM")],
    }
    for event in recurring_ical_events.of(calendar).between(utc(begin), utc(end))
]
json.dump({"name": str(calendar["X-WR-CALNAME"]), "method": str(calendar["METHOD"]), "events": events}, sys.stdout)
