"""Writes the measurements of the example catalog into `specs/data`.

    python3 tests/data/shop/generate.py

The shop, its customers and its failures are made up. The same bytes come out on every run: the only
source of chance is the generator below, which begins with a fixed number. `tests/it/specs.rs` holds
what the files must add up to.
"""
import datetime
import json
import math
import pathlib

DATA = pathlib.Path(__file__).resolve().parents[3] / "specs" / "data"
UTC = datetime.timezone.utc
END = datetime.datetime(2025, 5, 14, 15, 0, tzinfo=UTC)
MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()


class Chance:
    """Numbers that look like chance: the 64-bit xorshift generator of Marsaglia (2003)."""

    def __init__(self, seed):
        self.state = seed

    def below(self, limit):
        """A whole number from 0 up to, and without, `limit`."""
        mask = (1 << 64) - 1
        self.state ^= (self.state << 13) & mask
        self.state ^= self.state >> 7
        self.state ^= (self.state << 17) & mask
        return (self.state >> 11) % limit

    def happens(self, share):
        return self.below(1_000_000) < share * 1_000_000

    def bad_of(self, total, share):
        """How many of `total` fail if each does with this chance; rounded by chance."""
        expected = total * share
        return min(total, int(expected) + self.happens(expected - int(expected)))


def traffic(at):
    """How busy the shop is, around 1: quiet at four in the morning, busiest in the afternoon."""
    hour = at.hour + at.minute / 60
    weekend = 1.25 if at.weekday() >= 5 else 1.0
    return weekend * (1 - 0.6 * math.cos((hour - 4) / 24 * 2 * math.pi))


def between(at, first, last):
    return datetime.datetime(*first, tzinfo=UTC) <= at < datetime.datetime(*last, tzinfo=UTC)


def storefront():
    """Every request of the storefront in 30 days: a Combined Log with the request's time in seconds."""
    chance = Chance(20250514)
    paths = ["/", "/", "/list/shoes", "/list/shoes", "/item/4711", "/item/815", "/cart", "/img/a.png"]
    browsers = ["Mozilla/5.0 (X11)", "Mozilla/5.0 (iPhone)"]
    at, lines = END - datetime.timedelta(days=30), []
    while True:
        pause = 1030 / traffic(at) * (0.2 + chance.below(1600) / 1000)
        at += datetime.timedelta(seconds=int(pause))
        if at >= END:
            break
        if chance.happens(0.1):
            path, status, milliseconds, browser = "/healthz", 200, 1 + chance.below(5), "probe/2"
        else:
            path = paths[chance.below(len(paths))]
            browser = browsers[chance.below(2)]
            milliseconds = 25 + chance.below(140)
            slow = 0.24 if between(at, (2025, 5, 13, 6), (2025, 5, 14, 15)) else 0.028
            if chance.happens(slow):
                milliseconds = 420 + chance.below(1500)
            status = 404 if chance.happens(0.01) else 200
            failing = 0.2 if between(at, (2025, 4, 29, 18), (2025, 4, 29, 21)) else 0.0005
            if chance.happens(failing):
                status, milliseconds = 502, 3000 + chance.below(60)
        time = f"{at.day:02}/{MONTHS[at.month - 1]}/{at:%Y:%H:%M:%S} +0000"
        address = f"203.0.113.{1 + chance.below(200)}"
        size = 300 + chance.below(9000)
        lines.append(
            f'{address} - - [{time}] "GET {path} HTTP/1.1" {status} {size} "-" "{browser}"'
            f" {milliseconds / 1000:.3f}\n"
        )
    (DATA / "storefront.log").write_text("".join(lines))


def checkout():
    """Orders per five minutes over 31 days, with an outage behind and another one just beginning."""
    chance = Chance(4711)
    at, lines = END - datetime.timedelta(days=31), ["time,orders,failed\n"]
    while at < END:
        orders = int(180 * traffic(at) * (0.85 + chance.below(300) / 1000))
        share = 0.00008
        if between(at, (2025, 4, 24, 10), (2025, 4, 24, 10, 50)):
            share = 0.3
        elif between(at, (2025, 5, 14, 14, 20), (2025, 5, 14, 15)):
            share = 0.05
        lines.append(f"{at:%Y-%m-%dT%H:%M:%SZ},{orders},{chance.bad_of(orders, share)}\n")
        at += datetime.timedelta(minutes=5)
    (DATA / "orders.csv").write_text("".join(lines))


def platform():
    """Payments and database queries per hour over 40 days."""
    chance = Chance(1848)
    at = END - datetime.timedelta(days=40)
    lines = ["time,payments,payments_accepted,queries,queries_failed\n"]
    while at < END:
        payments = int(900 * traffic(at) * (0.9 + chance.below(200) / 1000))
        queries = int(24_000 * traffic(at) * (0.9 + chance.below(200) / 1000))
        refused = chance.bad_of(payments, 0.0001)
        if between(at, (2025, 4, 24, 10), (2025, 4, 24, 11)):
            refused += 70
        failed = chance.bad_of(queries, 0.00002)
        lines.append(
            f"{at:%Y-%m-%dT%H:%M:%SZ},{payments},{payments - refused},{queries},{failed}\n"
        )
        at += datetime.timedelta(hours=1)
    (DATA / "platform.csv").write_text("".join(lines))


def jobs():
    """Runs of the jobs that rebuild the search index and compare orders with payments."""
    chance = Chance(1234567)
    at, lines = END - datetime.timedelta(days=30), []
    while at < END:
        stuck = between(at, (2025, 5, 4, 1), (2025, 5, 4, 8))
        age = 3000 + chance.below(5000) if stuck or chance.happens(0.012) else 240 + chance.below(500)
        run = {"time": f"{at:%Y-%m-%dT%H:%M:%SZ}", "job": "rebuild-index", "result": "ok", "age_s": age}
        if stuck and chance.happens(0.5):
            run["result"] = "failed"
        lines.append(json.dumps(run, separators=(",", ":")) + "\n")
        if at.minute == 0 and at.hour % 4 == 2:
            run = {"time": f"{at:%Y-%m-%dT%H:%M:%SZ}", "job": "compare-payments", "result": "ok"}
            run["missing"] = 0 if not stuck else 3
            lines.append(json.dumps(run, separators=(",", ":")) + "\n")
        at += datetime.timedelta(minutes=20)
    (DATA / "jobs.jsonl").write_text("".join(lines))


if __name__ == "__main__":
    DATA.mkdir(parents=True, exist_ok=True)
    storefront()
    checkout()
    platform()
    jobs()
