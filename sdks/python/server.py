"""Serves the functions verify/left and verify/right with the official Python SDK of
Stateful Functions, on 127.0.0.1 and the port that it is given. They interpret the
commands of sdks/verify.flow. The function verify/packed takes and gives the protocol
buffers of sdks/packed.flow."""

import sys
from datetime import timedelta

import packed_pb2
from aiohttp import web
from statefun import (
    FloatType,
    IntType,
    RequestReplyHandler,
    StatefulFunctions,
    StringType,
    ValueSpec,
    egress_message_builder,
    kafka_egress_message,
    make_json_type,
    make_protobuf_type,
    message_builder,
)

COMMAND = make_json_type("verify/Command")
SAID = make_json_type("verify/Said")
ENTRY = make_json_type("verify/Entry")
DAY = timedelta(days=1)
SPECS = [
    ValueSpec(name="sum", type=IntType),
    ValueSpec(name="version", type=IntType),
    ValueSpec(name="slot", type=StringType),
    ValueSpec(name="half", type=FloatType, expire_after_write=DAY),
    ValueSpec(name="calls", type=make_json_type("verify/Calls"), expire_after_call=DAY),
]


def interpret(context, message):
    command = message.as_type(COMMAND)
    storage = context.storage
    calls = storage.calls or {"n": 0}
    storage.calls = {"n": calls["n"] + 1}
    for op in command["ops"]:
        apply(context, storage, command, op)


def apply(context, storage, command, op):
    name = op["op"]
    if name == "add":
        storage.sum = (storage.sum or 0) + op["n"]
        storage.half = (storage.half or 0.0) + op["n"] / 2
    elif name in ("set", "clear"):
        if op["v"] <= (storage.version or 0):
            return
        storage.version = op["v"]
        if name == "clear":
            del storage.slot
        else:
            storage.slot = op["text"]
    elif name in ("send", "after"):
        message = message_builder("verify/" + op["to"], op["id"], value=op["command"], value_type=COMMAND)
        if name == "send":
            context.send(message)
        else:
            context.send_after(timedelta(milliseconds=op["ms"]), message, op.get("token", ""))
    elif name == "cancel":
        context.cancel_delayed_message(op["token"])
    elif name == "say":
        said = {"type": context.address.name, "id": context.address.id, "node": command["node"], "text": op["text"]}
        context.send_egress(egress_message_builder("verify/out", said, SAID))
    elif name == "post":
        context.send_egress(kafka_egress_message("verify/log", "t", op["text"], key=context.address.id))
    elif name == "tell":
        context.send(message_builder("verify/" + op["to"], op["id"], value={"n": op["n"]}, value_type=ENTRY))
    else:
        raise ValueError(name)


PACKED = make_protobuf_type(packed_pb2.Packed)
INNER = make_protobuf_type(packed_pb2.Inner)
TALLY = make_protobuf_type(packed_pb2.Tally)


def echo(context, message):
    """Gives back what it is given, and how often the address was called, and with what
    before, and sends a part to an operator. Of what has an odd number it sends the next to
    another address."""
    packed = message.as_type(PACKED)
    tally = context.storage.tally or packed_pb2.Tally()
    tally.id = packed.id
    tally.calls += 1
    context.send_egress(egress_message_builder("verify/out", packed, PACKED))
    context.send_egress(egress_message_builder("verify/out", tally, TALLY))
    context.send(message_builder("packed/relay", packed.id, value=packed.inner, value_type=INNER))
    tally.last.CopyFrom(packed)
    context.storage.tally = tally
    if packed.n % 2:
        again = packed_pb2.Packed()
        again.CopyFrom(packed)
        again.n += 1
        again.id += "+"
        context.send(message_builder("verify/packed", again.id, value=again, value_type=PACKED))


functions = StatefulFunctions()
functions.register("verify/packed", echo, [ValueSpec(name="tally", type=TALLY)])
functions.register("verify/left", interpret, SPECS)
functions.register("verify/right", interpret, SPECS)
handler = RequestReplyHandler(functions)


async def handle(request):
    return web.Response(body=await handler.handle_async(await request.read()), content_type="application/octet-stream")


app = web.Application(client_max_size=64 << 20)
app.add_routes([web.post("/{tail:.*}", handle)])
web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), print=None, access_log=None)
