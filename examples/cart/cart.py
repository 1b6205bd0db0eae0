"""The function shop/cart, with the SDK of Stateful Functions: the cart of a user."""

import sys

from aiohttp import web
from statefun import RequestReplyHandler, StatefulFunctions, ValueSpec, egress_message_builder, make_json_type, message_builder

REQUEST = make_json_type("shop/Request")  # from the pipeline
ASK = make_json_type("shop/Ask")  # to the stock
ANSWER = make_json_type("shop/Answer")  # from the stock
RECEIPT = make_json_type("shop/Receipt")
CART = make_json_type("shop/Cart")

functions = StatefulFunctions()


@functions.bind("shop/cart", specs=[ValueSpec(name="cart", type=CART)])
async def cart(context, message):
    cart = context.storage.cart or {"bought": [], "refused": [], "asked": 0, "checkout": False}
    if message.is_type(ANSWER):
        answer = message.as_type(ANSWER)
        line = {"item": answer["item"], "quantity": answer["quantity"]}
        cart["bought" if answer["there"] else "refused"].append(line)
        cart["asked"] -= 1
    else:
        request = message.as_type(REQUEST)
        if request["action"] == "checkout":
            cart["checkout"] = True
        else:
            ask = {"quantity": request["quantity"]}
            context.send(message_builder("shop/stock", request["item"], value=ask, value_type=ASK))
            cart["asked"] += 1
    if cart["checkout"] and cart["asked"] == 0:
        lines = {name: sorted(cart[name], key=lambda line: line["item"]) for name in ("bought", "refused")}
        receipt = {"user": context.address.id, **lines}
        context.send_egress(egress_message_builder("shop/receipts", receipt, RECEIPT))
        del context.storage.cart
    else:
        context.storage.cart = cart


handler = RequestReplyHandler(functions)


async def handle(request):
    reply = await handler.handle_async(await request.read())
    return web.Response(body=reply, content_type="application/octet-stream")


app = web.Application()
app.add_routes([web.post("/statefun", handle)])
if __name__ == "__main__":
    web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]) if len(sys.argv) > 1 else 8001)
