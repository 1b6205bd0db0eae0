"""The function example/greeter, with the SDK of Stateful Functions."""

import sys

from aiohttp import web
from statefun import IntType, RequestReplyHandler, StatefulFunctions, ValueSpec, egress_message_builder, make_json_type

GREETING = make_json_type("example/Greeting")

functions = StatefulFunctions()


@functions.bind("example/greeter", specs=[ValueSpec(name="seen_count", type=IntType)])
async def greet(context, message):
    seen = (context.storage.seen_count or 0) + 1
    context.storage.seen_count = seen
    name = context.address.id
    words = ["Welcome", "Nice to see you again", "Third time is a charm"]
    word = words[seen - 1] if seen <= len(words) else f"Nice to see you for the {seen}th time"
    context.send_egress(egress_message_builder("example/greetings", {"name": name, "greeting": f"{word}, {name}!"}, GREETING))


handler = RequestReplyHandler(functions)


async def handle(request):
    reply = await handler.handle_async(await request.read())
    return web.Response(body=reply, content_type="application/octet-stream")


app = web.Application()
app.add_routes([web.post("/statefun", handle)])
if __name__ == "__main__":
    web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]) if len(sys.argv) > 1 else 8000)
