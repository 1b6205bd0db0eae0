"""Asks a pipeline with two things for all that it has."""

import asyncio
import datetime
import decimal
import ssl
import sys
import uuid

from client import Circle, Client, Color, FlowError, Lot, Range


def check(what, got, want):
    if got != want:
        print(f"{what}: {got!r}, want {want!r}")
        sys.exit(1)


async def main():
    base = sys.argv[1]
    c = Client(base, page=1)
    one, two = uuid.UUID("11111111-1111-4111-8111-111111111111"), uuid.UUID("22222222-2222-4222-8222-222222222222")
    at = datetime.datetime(2024, 5, 1, 12, 0, 0, 123456, datetime.timezone.utc)

    thing = await c.newest(one)
    check("big", thing.big, 9007199254740993)
    check("price", thing.price, decimal.Decimal("12345678901234567.25"))
    check("exact", (thing.exact, type(thing.exact)), (2.5, float))
    check("from", thing.from_, "here")
    check("raw", thing.raw, b"abc")
    check("at", thing.at, at)
    check("long", thing.long, "1h30m")
    check("day", thing.day, datetime.date(2024, 5, 1))
    check("id", thing.id, one)
    check("any", thing.any, {"a": [1, 2.5]})
    check("maybe", thing.maybe, 7)
    check("named", thing.named, {"x": 1})
    check("paired", thing.paired, [(1, "a")])
    check("color", thing.color, Color.green)
    check("shape", thing.shape, Circle(radius=1.5))
    check("nobody", await c.newest(uuid.UUID(int=3)), None)

    rows = await c.newest_of([one, *(uuid.UUID(int=i) for i in range(149)), two])
    check("rows", (len(rows), rows[0][1].small, rows[5][1], rows[150][1].maybe), (151, 3, None, None))
    check("all", {key async for key, _ in c.newest_all()}, {one, two})

    lot = Lot(id=9007199254740993, color=Color.green, price=decimal.Decimal("12345678901234567.25"))
    check("lots", await c.lots(lot), 1)
    check("names", [e async for e in c.names(lot)], [(0, "here")])
    check("has", (await c.colors_entry(lot, Color.green), await c.colors_entry(lot, Color.red)), (True, None))
    check("times", await c.times_entry(one, at), 9007199254740993)
    check("after", [e async for e in c.times(one, Range(start=at + datetime.timedelta(microseconds=1)))], [])
    prices = await c.prices(Color.green)
    check("prices", (prices.least, prices.n), (decimal.Decimal("12345678901234567.25"), 1))
    check("seen", await c.seen(datetime.date(2024, 5, 1)), at)
    check("at once", await asyncio.gather(*(c.seen(datetime.date(2024, 5, 1)) for _ in range(20))), [at] * 20)

    try:
        await Client(base, retries=0).checkpointed().newest(one)
        check("checkpointed", "an answer", "none")
    except FlowError as e:
        check("checkpointed", (e.code, e.status), ("no_checkpoint", 503))
    try:
        await Client(base + "/slow", retries=0, timeout=0.2).newest(one)
        check("slow", "an answer", "none")
    except OSError:
        pass
    check("flaky", (await Client(base + "/flaky").newest(two)) is not None, True)

    base, ca, token = sys.argv[2], ssl.create_default_context(cafile=sys.argv[3]), sys.argv[4]
    check("with TLS and a token", (await Client(base, tls=ca, token=token).newest(one)).big, thing.big)
    try:
        await Client(base, tls=ca).newest(one)
        check("without a token", "an answer", "none")
    except FlowError as e:
        check("without a token", e.status, 401)
    try:
        await Client(base, token=token, retries=0).newest(one)
        check("without the certificate", "an answer", "none")
    except OSError as e:
        check("without the certificate", "CERTIFICATE_VERIFY_FAILED" in str(e), True)
    print("fine")


asyncio.run(main())
