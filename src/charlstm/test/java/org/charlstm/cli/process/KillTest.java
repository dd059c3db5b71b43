package org.charlstm.cli.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.circle.SecondCircle;
import org.charlstm.cli.Tiny;
import org.charlstm.cli.Tool;
import org.charlstm.device.TestDevices;
import org.charlstm.io.ModelFile;
import org.charlstm.run.folder.RunFolder;
import org.charlstm.run.folder.StateFile;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Trainings that are killed at random instants, checkpoints included: whatever was reported as saved is there, all
 * files are whole, and the run that goes on is the run that nothing killed. As many kills as {@code -Dcharlstm.kills}
 * says.
 */
@Tag("long")
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "it has no such signals")
@Timeout(value = 60, unit = TimeUnit.MINUTES)
@Tag("outside")
class KillTest {
    private static final int KILLS = Integer.getInteger("charlstm.kills", 4);
    /** More epochs than any of them gets to. */
    private static final int MANY = 1_000_000;
    private static final Pattern REPORTED = Pattern.compile("(?m)^epoch (\\d+)/.*\n");

    @TempDir
    private Path folder;

    static Stream<String> devices() {
        return TestDevices.once(TestDevices.all()).map(TestDevices::device);
    }

    /** Starts a training and kills it; the last epoch that it reported, or 0. */
    private int killed(Random random, Object... line) throws IOException, InterruptedException {
        int reported = 0;
        try (Jvm jvm = new Jvm(folder, line)) {
            StringBuilder printed = new StringBuilder();
            if (random.nextInt(4) == 0) {
                // While it starts.
                Thread.sleep(random.nextInt(1500));
            } else {
                byte[] some = new byte[4096];
                for (int n; !REPORTED.matcher(printed).find() && (n = jvm.process().getInputStream().read(some)) > 0;) {
                    printed.append(new String(some, 0, n, StandardCharsets.UTF_8));
                }
                Thread.sleep(random.nextInt(400));
            }
            // Its output can still be read then.
            boolean ran = jvm.process().toHandle().destroyForcibly();
            assertTrue(ran, ran ? "" : String.join("\n", jvm.errors()));
            jvm.process().waitFor();
            printed.append(new String(jvm.process().getInputStream().readAllBytes(), StandardCharsets.UTF_8));
            for (Matcher matcher = REPORTED.matcher(printed); matcher.find();) {
                reported = Integer.parseInt(matcher.group(1));
            }
            assertEquals(137, jvm.process().exitValue(), () -> printed.toString());
        }
        return reported;
    }

    @ParameterizedTest
    @MethodSource("devices")
    @SecondCircle("kills; ResumeTest goes on")
    void whatWasReportedAsSavedIsThereAndTheRunGoesOn(String device) throws Exception {
        Path text = Tiny.text(folder);
        Path out = folder.resolve("run");
        Object[] common = {"--device", device, "--validation-split", 0.2, "--seed", 7, "--keep", 2};
        // Plain, since tests of cuDNN's algorithms in this process spoil those of the simulated GPU meanwhile.
        Object[] settings = device.equals("cpu") ? common : Tiny.with(common, "--rnn-engine", "plain");
        Random random = new Random(11);
        for (int kill = 0; kill < KILLS; kill++) {
            boolean begun = Files.exists(out.resolve(StateFile.NAME));
            int reported = killed(random, begun ? new Object[] {"train", "--resume", out, "--epochs", MANY}
                    : Stream.concat(Stream.of(Tiny.training(text, out, "--epochs", MANY, "--force")),
                            Stream.of(settings)).toArray());
            if (Files.exists(out.resolve(StateFile.NAME))) {
                assertTrue(StateFile.load(out).training().epoch() >= reported, "epoch " + reported + " is lost");
            } else {
                assertEquals(0, reported);
            }
            for (String name : List.of(ModelFile.NAME, RunFolder.BEST)) {
                if (Files.exists(out.resolve(name))) {
                    ModelFile.load(out.resolve(name));
                }
            }
        }
        int epochs = StateFile.load(out).training().epoch() + 2;
        // A kill between a best model and its state is warned of: that epoch is taken again.
        Tool last = Tool.run("train", "--resume", out, "--epochs", epochs);
        assertEquals(0, last.code(), last.err());
        Path whole = folder.resolve("whole");
        Tool.output(Stream.concat(Stream.of(Tiny.training(text, whole, "--epochs", epochs)), Stream.of(settings))
                .toArray());
        for (String name : List.of(ModelFile.NAME, RunFolder.BEST)) {
            assertEquals(-1, Files.mismatch(whole.resolve(name), out.resolve(name)), name);
        }
        assertEquals(epochs, Files.readAllLines(out.resolve(RunFolder.METRICS)).size());
        assertEquals(names(whole), names(out));
    }

    private static List<String> names(Path run) throws IOException {
        try (Stream<Path> files = Files.list(run)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }
}
