package bench;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.AggregateFunction;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.serialization.SimpleStringEncoder;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.StateBackendOptions;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.connector.file.sink.FileSink;
import org.apache.flink.connector.file.src.FileSource;
import org.apache.flink.connector.file.src.reader.TextLineInputFormat;
import org.apache.flink.core.execution.CheckpointingMode;
import org.apache.flink.core.fs.Path;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.streaming.api.functions.sink.filesystem.rollingpolicies.OnCheckpointRollingPolicy;
import org.apache.flink.streaming.api.functions.windowing.ProcessWindowFunction;
import org.apache.flink.streaming.api.windowing.assigners.TumblingEventTimeWindows;
import org.apache.flink.streaming.api.windowing.windows.TimeWindow;
import org.apache.flink.util.Collector;

/**
 * The keyed job and the window of ten seconds, as bench/keyed.flow and bench/ten.flow say them.
 *
 * <p>Usage: Job keyed|window hashmap|rocksdb INPUT OUTPUT CHECKPOINTS
 */
public final class Job {
  private Job() {}

  public static void main(String[] args) throws Exception {
    Configuration conf = new Configuration();
    conf.set(StateBackendOptions.STATE_BACKEND, args[1]);
    conf.set(CheckpointingOptions.CHECKPOINTS_DIRECTORY, "file://" + args[4]);
    conf.set(CheckpointingOptions.INCREMENTAL_CHECKPOINTS, args[1].equals("rocksdb"));
    conf.set(TaskManagerOptions.MANAGED_MEMORY_SIZE, MemorySize.ofMebiBytes(512));
    StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment(conf);
    env.setParallelism(1);
    env.getConfig().enableObjectReuse();
    env.enableCheckpointing(10_000, CheckpointingMode.EXACTLY_ONCE);

    DataStream<Event> events =
        env.fromSource(
                FileSource.forRecordStreamFormat(new TextLineInputFormat(), new Path(args[2])).build(),
                WatermarkStrategy.noWatermarks(),
                "lines")
            .map(Event::parse)
            .returns(Event.class);
    DataStream<String> lines =
        switch (args[0]) {
          case "keyed" -> events.keyBy(e -> e.user, Types.STRING).process(new AddedUp()).returns(Types.STRING);
          case "window" ->
              events
                  .assignTimestampsAndWatermarks(
                      WatermarkStrategy.<Event>forBoundedOutOfOrderness(Duration.ofSeconds(1)).withTimestampAssigner((e, t) -> e.at))
                  .keyBy(e -> e.user, Types.STRING)
                  .window(TumblingEventTimeWindows.of(Duration.ofSeconds(10)))
                  .aggregate(new Adding(), new Window(), Types.POJO(Total.class), Types.POJO(Total.class), Types.STRING);
          default -> throw new IllegalArgumentException(args[0]);
        };
    lines.sinkTo(
        FileSink.forRowFormat(new Path(args[3]), new SimpleStringEncoder<String>())
            .withRollingPolicy(OnCheckpointRollingPolicy.build())
            .build());
    env.execute(args[0]);
  }

  /** Keeps three numbers per user and gives them after each event. */
  private static final class AddedUp extends KeyedProcessFunction<String, Event, String> {
    private transient ValueState<Total> state;

    @Override
    public void open(OpenContext context) {
      state = getRuntimeContext().getState(new ValueStateDescriptor<>("total", Total.class));
    }

    @Override
    public void processElement(Event e, Context context, Collector<String> out) throws IOException {
      Total t = state.value();
      if (t == null) {
        t = new Total();
      }
      t.add(e);
      state.update(t);
      out.collect("{\"user\":\"" + t.user + "\",\"count\":" + t.count + ",\"sum\":" + t.sum + ",\"most\":" + t.most + "}");
    }
  }

  /** Adds up the events of a window one by one. */
  private static final class Adding implements AggregateFunction<Event, Total, Total> {
    @Override
    public Total createAccumulator() {
      return new Total();
    }

    @Override
    public Total add(Event e, Total t) {
      t.add(e);
      return t;
    }

    @Override
    public Total getResult(Total t) {
      return t;
    }

    @Override
    public Total merge(Total a, Total b) {
      a.count += b.count;
      a.sum += b.sum;
      a.most = Math.max(a.most, b.most);
      return a;
    }
  }

  /** Writes what a window has come to. */
  private static final class Window extends ProcessWindowFunction<Total, String, String, TimeWindow> {
    @Override
    public void process(String user, Context context, Iterable<Total> totals, Collector<String> out) {
      Total t = totals.iterator().next();
      TimeWindow w = context.window();
      out.collect(
          "{\"key\":\"" + user + "\",\"start\":\"" + Instant.ofEpochMilli(w.getStart()) + "\",\"end\":\"" + Instant.ofEpochMilli(w.getEnd())
              + "\",\"value\":{\"n\":" + t.count + ",\"sum\":" + t.sum + ",\"most\":" + t.most + "}}");
    }
  }
}
