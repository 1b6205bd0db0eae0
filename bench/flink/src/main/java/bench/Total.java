package bench;

/** What a key holds, and what is written of it. */
public class Total {
  public String user;
  public long start; // of the window, in milliseconds
  public long count;
  public long sum;
  public long most;

  void add(Event e) {
    user = e.user;
    count++;
    sum += e.price;
    most = Math.max(most, e.price);
  }
}
