package bench;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.time.Instant;

/** What the jobs need of a line of the input. */
public class Event {
  public String user;
  public long price;
  public long at; // milliseconds

  private static final JsonFactory JSON = new JsonFactory();

  /** Reads a line with Jackson's streaming parser, which passes over the other fields. */
  public static Event parse(String line) throws IOException {
    Event e = new Event();
    try (JsonParser p = JSON.createParser(line)) {
      if (p.nextToken() != JsonToken.START_OBJECT) {
        throw new IOException("not an object: " + line);
      }
      while (p.nextToken() == JsonToken.FIELD_NAME) {
        String name = p.currentName();
        p.nextToken();
        switch (name) {
          case "user" -> e.user = p.getText();
          case "price" -> e.price = p.getLongValue();
          case "at" -> e.at = Instant.parse(p.getText()).toEpochMilli();
          default -> p.skipChildren();
        }
      }
    }
    return e;
  }
}
