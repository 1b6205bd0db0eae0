import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import org.apache.flink.statefun.sdk.java.AddressScopedStorage;
import org.apache.flink.statefun.sdk.java.Context;
import org.apache.flink.statefun.sdk.java.StatefulFunctionSpec;
import org.apache.flink.statefun.sdk.java.StatefulFunctions;
import org.apache.flink.statefun.sdk.java.TypeName;
import org.apache.flink.statefun.sdk.java.ValueSpec;
import org.apache.flink.statefun.sdk.java.handler.RequestReplyHandler;
import org.apache.flink.statefun.sdk.java.io.KafkaEgressMessage;
import org.apache.flink.statefun.sdk.java.message.EgressMessageBuilder;
import org.apache.flink.statefun.sdk.java.message.Message;
import org.apache.flink.statefun.sdk.java.message.MessageBuilder;
import org.apache.flink.statefun.sdk.java.slice.Slices;
import org.apache.flink.statefun.sdk.java.types.SimpleType;
import org.apache.flink.statefun.sdk.java.types.Type;
import verify.PackedOuterClass.Inner;
import verify.PackedOuterClass.Packed;
import verify.PackedOuterClass.Tally;

/**
 * Serves the functions verify/left and verify/right with the official Java SDK of Stateful
 * Functions, on 127.0.0.1 and the port that it is given. They interpret the commands of
 * sdks/verify.flow. The function verify/packed takes and gives the protocol buffers of
 * sdks/packed.flow.
 */
public final class Server {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Type<JsonNode> COMMAND = json("Command");
  private static final Type<JsonNode> SAID = json("Said");
  private static final Type<JsonNode> ENTRY = json("Entry");
  private static final Type<JsonNode> CALLS = json("Calls");
  private static final Type<Packed> PACKED = protobuf("verify.Packed", Packed.parser());
  private static final Type<Inner> INNER = protobuf("verify.Inner", Inner.parser());
  private static final Type<Tally> TALLY = protobuf("verify.Tally", Tally.parser());
  private static final TypeName ECHO = name("packed");
  private static final TypeName OUT = name("out");
  private static final TypeName LOG = name("log");

  private static final ValueSpec<Integer> SUM = ValueSpec.named("sum").withIntType();
  private static final ValueSpec<Integer> VERSION = ValueSpec.named("version").withIntType();
  private static final ValueSpec<String> SLOT = ValueSpec.named("slot").withUtf8StringType();
  private static final ValueSpec<Float> HALF =
      ValueSpec.named("half").thatExpireAfterWrite(Duration.ofDays(1)).withFloatType();
  private static final ValueSpec<JsonNode> CALLED =
      ValueSpec.named("calls").thatExpiresAfterCall(Duration.ofDays(1)).withCustomType(CALLS);

  private static final ValueSpec<Tally> LAST = ValueSpec.named("tally").withCustomType(TALLY);

  private static TypeName name(String name) {
    return TypeName.typeNameOf("verify", name);
  }

  private static Type<JsonNode> json(String type) {
    return SimpleType.simpleImmutableTypeFrom(name(type), JSON::writeValueAsBytes, JSON::readTree);
  }

  private static <T extends MessageLite> Type<T> protobuf(String message, Parser<T> parser) {
    TypeName type = TypeName.typeNameOf("type.googleapis.com", message);
    return SimpleType.simpleImmutableTypeFrom(type, T::toByteArray, parser::parseFrom);
  }

  private static CompletableFuture<Void> interpret(Context context, Message message) {
    JsonNode command = message.as(COMMAND);
    AddressScopedStorage storage = context.storage();
    int calls = storage.get(CALLED).map(v -> v.get("n").asInt()).orElse(0);
    storage.set(CALLED, JSON.createObjectNode().put("n", calls + 1));
    for (JsonNode op : command.get("ops")) {
      apply(context, storage, command, op);
    }
    return context.done();
  }

  private static void apply(
      Context context, AddressScopedStorage storage, JsonNode command, JsonNode op) {
    switch (op.get("op").asText()) {
      case "add":
        int n = op.get("n").asInt();
        storage.set(SUM, storage.get(SUM).orElse(0) + n);
        storage.set(HALF, storage.get(HALF).orElse(0f) + n / 2f);
        break;
      case "set":
        if (newer(storage, op)) {
          storage.set(SLOT, op.get("text").asText());
        }
        break;
      case "clear":
        if (newer(storage, op)) {
          storage.remove(SLOT);
        }
        break;
      case "send":
        context.send(message(op, COMMAND, op.get("command")));
        break;
      case "after":
        Duration delay = Duration.ofMillis(op.get("ms").asLong());
        Message later = message(op, COMMAND, op.get("command"));
        if (op.has("token")) {
          context.sendAfter(delay, op.get("token").asText(), later);
        } else {
          context.sendAfter(delay, later);
        }
        break;
      case "cancel":
        context.cancelDelayedMessage(op.get("token").asText());
        break;
      case "say":
        JsonNode said =
            JSON.createObjectNode()
                .put("type", context.self().type().name())
                .put("id", context.self().id())
                .put("node", command.get("node").asInt())
                .put("text", op.get("text").asText());
        context.send(EgressMessageBuilder.forEgress(OUT).withCustomType(SAID, said).build());
        break;
      case "post":
        context.send(
            KafkaEgressMessage.forEgress(LOG)
                .withTopic("t")
                .withUtf8Key(context.self().id())
                .withUtf8Value(op.get("text").asText())
                .build());
        break;
      case "tell":
        JsonNode entry = JSON.createObjectNode().put("n", op.get("n").asInt());
        context.send(message(op, ENTRY, entry));
        break;
      default:
        throw new IllegalArgumentException(op.toString());
    }
  }

  /** Takes note of a version, unless a later one has been seen. */
  private static boolean newer(AddressScopedStorage storage, JsonNode op) {
    int version = op.get("v").asInt();
    if (version <= storage.get(VERSION).orElse(0)) {
      return false;
    }
    storage.set(VERSION, version);
    return true;
  }

  private static Message message(JsonNode op, Type<JsonNode> type, JsonNode value) {
    return MessageBuilder.forAddress(name(op.get("to").asText()), op.get("id").asText())
        .withCustomType(type, value)
        .build();
  }

  /**
   * Gives back what it is given, and how often the address was called, and with what before, and
   * sends a part to an operator. Of what has an odd number it sends the next to another address.
   */
  private static CompletableFuture<Void> echo(Context context, Message message) {
    Packed packed = message.as(PACKED);
    AddressScopedStorage storage = context.storage();
    Tally before = storage.get(LAST).orElse(Tally.getDefaultInstance());
    Tally tally = before.toBuilder().setId(packed.getId()).setCalls(before.getCalls() + 1).build();
    context.send(EgressMessageBuilder.forEgress(OUT).withCustomType(PACKED, packed).build());
    context.send(EgressMessageBuilder.forEgress(OUT).withCustomType(TALLY, tally).build());
    context.send(
        MessageBuilder.forAddress(TypeName.typeNameOf("packed", "relay"), packed.getId())
            .withCustomType(INNER, packed.getInner())
            .build());
    storage.set(LAST, tally.toBuilder().setLast(packed).build());
    if (packed.getN() % 2 != 0) {
      Packed next = packed.toBuilder().setN(packed.getN() + 1).setId(packed.getId() + "+").build();
      context.send(MessageBuilder.forAddress(ECHO, next.getId()).withCustomType(PACKED, next).build());
    }
    return context.done();
  }

  private static void serve(RequestReplyHandler handler, HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] request = exchange.getRequestBody().readAllBytes();
      int status = 200;
      byte[] reply;
      try {
        reply = handler.handle(Slices.wrap(request)).join().toByteArray();
      } catch (RuntimeException e) {
        status = 500;
        reply = e.toString().getBytes(UTF_8);
      }
      exchange.getResponseHeaders().set("Content-Type", "application/octet-stream");
      exchange.sendResponseHeaders(status, reply.length);
      exchange.getResponseBody().write(reply);
    }
  }

  public static void main(String[] args) throws IOException {
    StatefulFunctions functions = new StatefulFunctions();
    for (String type : new String[] {"left", "right"}) {
      functions.withStatefulFunction(
          StatefulFunctionSpec.builder(name(type))
              .withValueSpecs(SUM, VERSION, SLOT, HALF, CALLED)
              .withSupplier(() -> Server::interpret)
              .build());
    }
    functions.withStatefulFunction(
        StatefulFunctionSpec.builder(ECHO)
            .withValueSpecs(LAST)
            .withSupplier(() -> Server::echo)
            .build());
    RequestReplyHandler handler = functions.requestReplyHandler();
    InetAddress local = InetAddress.getLoopbackAddress();
    HttpServer server =
        HttpServer.create(new InetSocketAddress(local, Integer.parseInt(args[0])), 128);
    server.setExecutor(Executors.newFixedThreadPool(16));
    server.createContext("/", exchange -> serve(handler, exchange));
    server.start();
  }
}
