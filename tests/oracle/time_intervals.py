"""Writes tests/data/conformance/time_intervals.csv: whether instants lie in time intervals.

An independent computation of what Alertmanager documents, with Python's datetime and zoneinfo.
Run: python3 tests/oracle/time_intervals.py > tests/data/conformance/time_intervals.csv
"""

import calendar
import datetime as dt
import random
from zoneinfo import ZoneInfo

DAYS = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"]
MONTHS = [name.lower() for name in calendar.month_name[1:]]


def contains(interval, at):
    """All fields have to fit; of the ranges of one field any may."""
    local = at.astimezone(ZoneInfo(interval.get("location", "UTC")))
    length = calendar.monthrange(local.year, local.month)[1]
    if "times" in interval:
        now = local.strftime("%H:%M")
        if not any(start <= now < end for start, end in interval["times"]):
            return False
    if "weekdays" in interval:
        today = (local.weekday() + 1) % 7
        if not any(start <= today <= end for start, end in interval["weekdays"]):
            return False
    if "months" in interval:
        if not any(start <= local.month <= end for start, end in interval["months"]):
            return False
    if "years" in interval:
        if not any(start <= local.year <= end for start, end in interval["years"]):
            return False
    if "days_of_month" in interval:
        days = set()
        for start, end in interval["days_of_month"]:
            start = start if start > 0 else length + 1 + start
            end = end if end > 0 else length + 1 + end
            days.update(day for day in range(start, end + 1) if 1 <= day <= length)
        if local.day not in days:
            return False
    return True


def text(interval):
    """The interval as YAML on one line."""
    fields = []
    if "times" in interval:
        times = [f"{{start_time: '{start}', end_time: '{end}'}}" for start, end in interval["times"]]
        fields.append(f"times: [{', '.join(times)}]")
    for field in ("weekdays", "months", "years", "days_of_month"):
        if field in interval:
            name = {"weekdays": lambda day: DAYS[day], "months": lambda month: MONTHS[month - 1]}.get(field, str)
            ranges = [f"'{name(start)}:{name(end)}'" for start, end in interval[field]]
            fields.append(f"{field}: [{', '.join(ranges)}]")
    if "location" in interval:
        fields.append(f"location: {interval['location']}")
    return "{" + ", ".join(fields) + "}"


def some_interval(rng):
    interval = {}
    if rng.random() < 0.7:
        start = rng.randrange(0, 1400, 10)
        end = rng.randrange(start + 10, 1441, 10)
        clock = lambda minute: f"{minute // 60:02}:{minute % 60:02}"
        interval["times"] = [(clock(start), clock(end))]
    if rng.random() < 0.4:
        interval["weekdays"] = [tuple(sorted((rng.randrange(7), rng.randrange(7))))]
    if rng.random() < 0.3:
        interval["months"] = [tuple(sorted((rng.randrange(1, 13), rng.randrange(1, 13))))]
    if rng.random() < 0.2:
        interval["years"] = [(2025, rng.choice([2025, 2026]))]
    if rng.random() < 0.4:
        interval["days_of_month"] = [rng.choice([(1, 7), (-7, -1), (25, 31), (10, -10), (31, 31), (-31, -29)])]
    if rng.random() < 0.8:
        interval["location"] = rng.choice(
            ["Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "UTC"]
        )
    return interval


def main():
    rng = random.Random(20260701)
    print("interval;at;inside")
    changes = ["2026-03-29T00:55", "2026-10-25T00:55", "2026-03-08T06:55", "2026-11-01T05:55", "2026-04-04T14:55"]
    for _ in range(160):
        interval = some_interval(rng)
        for _ in range(4):
            if rng.random() < 0.3:
                base = dt.datetime.fromisoformat(rng.choice(changes)).replace(tzinfo=dt.timezone.utc)
                at = base + dt.timedelta(minutes=rng.randrange(0, 130))
            else:
                base = dt.datetime(2025, 1, 1, tzinfo=dt.timezone.utc)
                at = base + dt.timedelta(minutes=rng.randrange(0, 2 * 525600))
            inside = "true" if contains(interval, at) else "false"
            print(f"{text(interval)};{at.strftime('%Y-%m-%dT%H:%M:%SZ')};{inside}")


main()
