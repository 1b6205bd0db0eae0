// Serves the functions verify/left and verify/right with the official JavaScript SDK of
// Stateful Functions, on 127.0.0.1 and the port that it is given. They interpret the
// commands of sdks/verify.flow. The function verify/packed takes and gives the protocol
// buffers of sdks/packed.flow.
"use strict";

const http = require("http");
const { StateFun, egressMessageBuilder, kafkaEgressMessage, messageBuilder } = require("apache-flink-statefun");
const { Inner, Packed, Tally } = require("./packed_pb");

const command = StateFun.jsonType("verify/Command");
const said = StateFun.jsonType("verify/Said");
const entry = StateFun.jsonType("verify/Entry");
const day = 86_400_000;
const specs = [
  { name: "sum", type: StateFun.intType() },
  { name: "version", type: StateFun.intType() },
  { name: "slot", type: StateFun.stringType() },
  { name: "half", type: StateFun.floatType(), expireAfterWrite: day },
  { name: "calls", type: StateFun.jsonType("verify/Calls"), expireAfterCall: day },
];

function interpret(context, message) {
  const given = message.as(command);
  const storage = context.storage;
  storage.calls = { n: (storage.calls ?? { n: 0 }).n + 1 };
  for (const op of given.ops) {
    apply(context, storage, given, op);
  }
}

function apply(context, storage, given, op) {
  const typename = "verify/" + op.to;
  const { name, id } = context.self;
  switch (op.op) {
    case "add":
      storage.sum = (storage.sum ?? 0) + op.n;
      storage.half = (storage.half ?? 0) + op.n / 2;
      break;
    case "set":
    case "clear":
      if (op.v > (storage.version ?? 0)) {
        storage.version = op.v;
        storage.slot = op.op === "clear" ? null : op.text;
      }
      break;
    case "send":
      context.send(messageBuilder({ typename, id: op.id, value: op.command, valueType: command }));
      break;
    case "after":
      context.sendAfter(op.ms, messageBuilder({ typename, id: op.id, value: op.command, valueType: command }), op.token);
      break;
    case "cancel":
      context.cancelDelayedMessage(op.token);
      break;
    case "say":
      context.send(egressMessageBuilder({ typename: "verify/out", value: { type: name, id, node: given.node, text: op.text }, valueType: said }));
      break;
    case "post":
      context.send(kafkaEgressMessage({ typename: "verify/log", topic: "t", key: id, value: op.text }));
      break;
    case "tell":
      context.send(messageBuilder({ typename, id: op.id, value: { n: op.n }, valueType: entry }));
      break;
    default:
      throw new Error(op.op);
  }
}

const packed = StateFun.protoType("type.googleapis.com/verify.Packed", Packed);
const inner = StateFun.protoType("type.googleapis.com/verify.Inner", Inner);
const tally = StateFun.protoType("type.googleapis.com/verify.Tally", Tally);

// Gives back what it is given, and how often the address was called, and with what
// before, and sends a part to an operator. Of what has an odd number it sends the next
// to another address.
function echo(context, message) {
  const given = message.as(packed);
  const counted = context.storage.tally ?? new Tally();
  counted.setId(given.getId());
  counted.setCalls(counted.getCalls() + 1);
  context.send(egressMessageBuilder({ typename: "verify/out", value: given, valueType: packed }));
  context.send(egressMessageBuilder({ typename: "verify/out", value: counted, valueType: tally }));
  context.send(messageBuilder({ typename: "packed/relay", id: given.getId(), value: given.getInner(), valueType: inner }));
  counted.setLast(given);
  context.storage.tally = counted;
  if (given.getN() % 2 !== 0) {
    const next = given.clone();
    next.setN(given.getN() + 1);
    next.setId(given.getId() + "+");
    context.send(messageBuilder({ typename: "verify/packed", id: next.getId(), value: next, valueType: packed }));
  }
}

const functions = new StateFun();
functions.bind({ typename: "verify/packed", fn: echo, specs: [{ name: "tally", type: tally }] });
for (const typename of ["verify/left", "verify/right"]) {
  functions.bind({ typename, fn: interpret, specs });
}
http.createServer(functions.handler()).listen(Number(process.argv[2]), "127.0.0.1");
