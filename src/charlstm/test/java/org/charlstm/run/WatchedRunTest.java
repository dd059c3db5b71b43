package org.charlstm.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.DeviceException;
import org.charlstm.run.folder.OutFolder;
import org.charlstm.run.folder.RunFolder;
import org.charlstm.run.folder.RunJson;
import org.charlstm.run.folder.StateFile;
import org.charlstm.text.Captions;
import org.charlstm.train.EpochListener;
import org.charlstm.train.Figures;
import org.charlstm.train.TrainingOptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The progress within an epoch in a run's folder, and its description after each way to end. */
@Tag("outside")
class WatchedRunTest {
    private static final TrainingText TEXT =
            TrainingText.of(Captions.of(List.of("a cat", "a dog", "two cats", "the sun", "a bus")));

    @TempDir
    private Path folder;
    private Path out;
    private Path progress;

    @BeforeEach
    void name() {
        out = folder.resolve("run");
        progress = out.resolve(RunFolder.PROGRESS);
    }

    private TrainingRun.End run(double rate, RunListener listener) {
        Setup setup = Setup.LAB.sized(8, 1, 4).epochs(2).training(new TrainingOptions(1, rate, 1, true));
        return SmallRun.with("reference", TEXT, setup, run -> run.add(listener).train(out, true));
    }

    private String end() throws IOException {
        JsonObject run = RunJson.read(out);
        return run.has("end") ? run.get("end").getAsString() : "";
    }

    private static void pause(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Its steps are held up until a line is there; between epochs, and after the last, there is none. */
    @Test
    void howFarAnEpochIsIsInTheFolder() throws IOException {
        List<String> lines = new ArrayList<>();
        run(0.01, new RunListener() {
            private int epoch;

            @Override
            public void epoch(int number) {
                epoch = number;
            }

            @Override
            public void step(int done, int total, EpochListener.Progress now) {
                assertEquals(5, total);
                if (epoch == 1 && done == 1) {
                    pause(1100);
                } else if (epoch == 1 && done == 3) {
                    for (int i = 0; i < 6000 && !Files.exists(progress); i++) {
                        pause(10);
                    }
                    try {
                        lines.addAll(Files.readAllLines(progress));
                    } catch (IOException e) {
                        throw new AssertionError(e);
                    }
                }
            }

            @Override
            public void figures(Figures figures) {
                lines.add("epoch " + figures.epoch());
            }

            @Override
            public void trained(TrainingRun.End how) {
                lines.add("there: " + Files.exists(progress));
            }
        });
        JsonObject line = JsonParser.parseString(lines.getFirst()).getAsJsonObject();
        assertEquals("[epoch, step, steps, loss, chars_per_second, seconds_left]", line.keySet().toString());
        assertEquals("1 2 5", line.get("epoch") + " " + line.get("step") + " " + line.get("steps"));
        assertTrue(line.get("loss").getAsDouble() > 0);
        // One of ten characters or so, in a second or more; eight rows are left.
        double speed = line.get("chars_per_second").getAsDouble();
        assertTrue(speed > 0 && speed < 10, line.toString());
        assertEquals(8 * 9, speed * line.get("seconds_left").getAsDouble(), 1e-6, line.toString());
        assertEquals(List.of("epoch 1", "epoch 2", "there: false"), lines.subList(1, 4));
        assertFalse(Files.exists(progress));
        assertEquals("whole", end());
    }

    /** A line that a kill has left is nothing of the run that goes on. */
    @Test
    void filesLeftByAKillAreDeleted() throws IOException {
        run(0.01, new RunListener() {
        });
        Files.writeString(progress, "{\"epoch\":3}\n");
        try (RunFolder again = new RunFolder(new OutFolder(out, false))) {
            again.goBack(StateFile.load(out), 2);
            assertFalse(Files.exists(progress));
        }
    }

    @Test
    void aRunThatFailsOrDivergesSaysSo() throws IOException {
        assertThrows(DeviceException.class, () -> run(0.01, new RunListener() {
            @Override
            public void learned(Figures figures) {
                assertUnfinished();
                throw new DeviceException("it is broken", false);
            }
        }));
        assertEquals("failed", end());
        String message = assertThrows(CharlstmException.class, () -> run(1e30, new RunListener() {
        })).getMessage();
        assertTrue(message.startsWith("training diverged"), message);
        assertEquals("diverged", end());
    }

    private void assertUnfinished() {
        try {
            assertEquals("", end());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
