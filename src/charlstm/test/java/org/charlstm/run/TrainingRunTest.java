package org.charlstm.run;

import static java.lang.Double.NaN;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.DeviceException;
import org.charlstm.Refusals;
import org.charlstm.device.Device;
import org.charlstm.device.DeviceOptions;
import org.charlstm.device.Devices;
import org.charlstm.device.Memory;
import org.charlstm.io.ModelFile;
import org.charlstm.io.SavedModel;
import org.charlstm.nn.Model;
import org.charlstm.nn.Tensor;
import org.charlstm.nn.Weights;
import org.charlstm.run.folder.RunFolder;
import org.charlstm.run.folder.RunJson;
import org.charlstm.run.folder.RunState;
import org.charlstm.run.folder.StateFile;
import org.charlstm.selftest.SpoiledDevice;
import org.charlstm.text.Captions;
import org.charlstm.train.EpochListener;
import org.charlstm.train.Figures;
import org.charlstm.train.OperationTime;
import org.charlstm.train.Trainer;
import org.charlstm.train.TrainingOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run without the command line. */
class TrainingRunTest {
    private static final TrainingText TEXT =
            TrainingText.of(Captions.of(List.of("a cat", "a dog", "two cats", "the sun", "a bus")));
    private static final Setup SETUP = Setup.LAB.sized(8, 1, 4).epochs(3)
            .training(new TrainingOptions(2, 0.01, 1, true));

    @TempDir
    private Path folder;

    private final List<String> heard = new ArrayList<>();

    /** Its folder is moved as it begins, when nothing is being written, and another run begins under the old name. */
    @Test
    void aFolderThatWasMovedIsAnotherRuns() throws IOException {
        Path out = folder.resolve("run");
        Path moved = folder.resolve("moved");
        RunListener mover = new RunListener() {
            @Override
            public void begin(TrainingRun begun) {
                try {
                    Files.move(out, moved);
                    Files.createDirectory(out);
                    Files.writeString(out.resolve(".lock"), "1");
                    Files.writeString(out.resolve(RunFolder.METRICS), "others'");
                    Files.writeString(out.resolve(".stop"), "");
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        };
        Refusals.assertRefused(out + " is not this run's any more: ", () -> SmallRun.with("reference", TEXT,
                SETUP.epochs(1000), run -> run.add(mover).train(out, true)));
        assertEquals("others'", Files.readString(out.resolve(RunFolder.METRICS)));
        try (Stream<Path> files = Files.list(out)) {
            assertEquals(List.of(".lock", ".stop", RunFolder.METRICS),
                    files.map(file -> file.getFileName().toString()).sorted().toList());
        }
        ModelFile.load(moved);
    }

    /** Writes down what it is told; asks for the end at the first step of an epoch, or after its figures. */
    private final class Recorder implements RunListener {
        private final String stopAt;
        private TrainingRun run;
        private int epoch;

        Recorder(String stopAt) {
            this.stopAt = stopAt;
        }

        private void hear(String what) {
            heard.add(what);
            if (what.equals(stopAt)) {
                run.stop();
            }
        }

        @Override
        public void begin(TrainingRun begun) {
            run = begun;
            assertTrue(Files.exists(run.folder().orElseThrow().resolve(ModelFile.NAME)));
            hear("begin");
        }

        @Override
        public void epoch(int number) {
            epoch = number;
            hear("epoch " + number);
        }

        @Override
        public void step(int done, int total, EpochListener.Progress progress) {
            assertTrue(progress.loss() > 0);
            hear("step " + epoch + " " + done + "/" + total);
        }

        @Override
        public void learned(Figures figures) {
            if (stopAt.equals("learned " + figures.epoch())) {
                run.stop();
            }
        }

        @Override
        public void figures(Figures figures) {
            hear("figures " + figures.epoch() + " " + figures.values().keySet());
        }

        @Override
        public void sentences(int after, List<String> sentences) {
            hear("sentences " + after + " " + sentences.size());
        }

        @Override
        public void trained(TrainingRun.End end) {
            hear("trained " + end);
        }

        @Override
        public void operations(List<OperationTime> times) {
            hear("operations " + times.getFirst().name());
        }

        @Override
        public void end() {
            hear("end");
        }
    }

    private TrainingRun.End train(String stopAt, TrainingText text, Setup setup) {
        return SmallRun.with("cpu", text, setup, run -> {
            TrainingRun.End end = run.sentences(2, 4).add(new Recorder(stopAt)).train(folder.resolve("run"), false);
            assertThrows(IllegalStateException.class, () -> run.train(folder.resolve("again"), false));
            return end;
        });
    }

    /** A report that cannot be written, say, is no reason to lose a training. */
    @Test
    void aListenerThatFailsIsWarnedOfOnceAndTheRunGoesOn() throws IOException {
        List<String> warnings = new ArrayList<>();
        RunListener failing = new RunListener() {
            @Override
            public void figures(Figures figures) {
                throw new CharlstmException("the report cannot be written");
            }

            @Override
            public void warning(String warning) {
                warnings.add(warning);
            }
        };
        assertEquals(TrainingRun.End.WHOLE, SmallRun.with("cpu", TEXT, SETUP,
                run -> run.add(failing).add(new Recorder("")).train(folder.resolve("run"), false)));
        assertEquals(List.of("the report cannot be written"), warnings);
        assertEquals(3, lines(RunFolder.METRICS).size());
        assertTrue(heard.contains("end"), heard.toString());
    }

    /** The warning of a training that has succeeded says so first, and asks for no smaller model. */
    @Test
    void whatFindsNoMemoryAfterTrainingIsLeftOut() {
        AtomicBoolean full = new AtomicBoolean();
        List<String> warnings = new ArrayList<>();
        RunListener filling = new RunListener() {
            @Override
            public void trained(TrainingRun.End how) {
                full.set(true);
            }

            @Override
            public void warning(String warning) {
                warnings.add(warning);
            }
        };
        try (Device device = new SpoiledDevice(UnaryOperator.identity()) {
            @Override
            public Memory memory() {
                if (full.get()) {
                    throw new DeviceException("a buffer of 2281.9 MiB does not fit; use fewer units", true);
                }
                return super.memory();
            }
        }; Model model = new Model(device, SETUP.weights(TEXT.vocabulary().size()))) {
            TrainingRun run = new TrainingRun(model, TEXT, SETUP).add(filling);
            run.timedFrom = 0;
            assertEquals(TrainingRun.End.WHOLE, run.train(folder.resolve("run"), false));
        }
        assertEquals(List.of("there are no sentences of epoch 3: no memory is left for that",
                "the run is whole and saved, but its operations are not timed: no memory is left for that"), warnings);
    }

    /** On the way to a device that fails, say: a second try is not told that there is a run already. */
    @Test
    void aRunThatCannotBeginLeavesNothing() throws IOException {
        Files.createDirectories(folder.resolve("there").resolve(ModelFile.NAME).resolve("in the way"));
        try (Device device = Devices.open("cpu", new DeviceOptions(1));
                Model model = new Model(device, SETUP.weights(TEXT.vocabulary().size()))) {
            assertThrows(CharlstmException.class,
                    () -> new TrainingRun(model, TEXT, SETUP).train(folder.resolve("there"), true));
            model.write(new Weights(model.config(), model.weights().tensors().stream().map(tensor -> new Tensor(
                    tensor.name(), tensor.shape(), tensor.values().clone())).peek(tensor -> tensor.values()[0] = NaN)
                    .toList()));
            assertThrows(CharlstmException.class,
                    () -> new TrainingRun(model, TEXT, SETUP).train(folder.resolve("new"), false));
        }
        assertFalse(Files.exists(folder.resolve("new")));
    }

    private List<JsonObject> lines(String name) throws IOException {
        return Files.readAllLines(folder.resolve("run").resolve(name)).stream()
                .map(line -> JsonParser.parseString(line).getAsJsonObject()).toList();
    }

    private JsonObject description() throws IOException {
        return RunJson.read(folder.resolve("run"));
    }

    @Test
    void listenersHearAllOfItInItsOrder() throws IOException {
        assertEquals(TrainingRun.End.WHOLE, train("", TEXT.holdingBack(1), SETUP));
        String figures = " [loss, real_loss, bits_per_character, val_loss, val_real_loss, val_bits_per_character, "
                + "seconds, chars_per_second]";
        // An event after a write may come during the next epoch.
        Predicate<String> saved = what -> what.startsWith("figures") || what.startsWith("sentences");
        assertEquals(List.of("begin", "epoch 1", "step 1 2/4", "step 1 4/4", "epoch 2", "step 2 2/4", "step 2 4/4",
                "epoch 3", "step 3 2/4", "step 3 4/4", "trained WHOLE", "end"),
                heard.stream().filter(saved.negate()).toList());
        assertEquals(List.of("figures 1" + figures, "figures 2" + figures, "sentences 2 4", "figures 3" + figures,
                "sentences 3 4"), heard.stream().filter(saved).toList());
        for (int epoch = 1; epoch <= 3; epoch++) {
            assertTrue(heard.indexOf("figures " + epoch + figures) > heard.indexOf("step " + epoch + " 4/4"));
        }
        assertTrue(heard.indexOf("figures 3" + figures) < heard.indexOf("trained WHOLE"));
        assertTrue(heard.indexOf("sentences 3 4") < heard.indexOf("end"));
        assertEquals(
                List.of("epoch", "loss", "real_loss", "bits_per_character", "val_loss", "val_real_loss",
                        "val_bits_per_character", "seconds",
                        "chars_per_second"),
                List.copyOf(lines(RunFolder.METRICS).getLast().keySet()));
        assertEquals(List.of(2, 3), lines(RunFolder.SAMPLES).stream().map(line -> line.get("epoch").getAsInt())
                .toList());
        assertEquals(2, description().getAsJsonObject("options").get("batch_size").getAsInt());
        assertEquals(3, description().getAsJsonObject("options").get("epochs").getAsInt());
        Refusals.assertRefused("already holds a run", () -> train("", TEXT, SETUP));
    }

    /** All that it trained counts, also what it trained before it was resumed. */
    @Test
    void aLongRunMeasuresTheOperationsOfAStepOnce() throws IOException {
        train("", TEXT, SETUP);
        assertFalse(description().has("operations"));
        double seconds = lines(RunFolder.METRICS).stream().mapToDouble(line -> line.get("seconds").getAsDouble()).sum();
        assertTrue(resume(seconds + 1), "too short to be timed");
        heard.clear();
        assertFalse(resume(seconds), "long enough, and not timed");
        assertEquals(List.of("begin", "trained WHOLE", "operations gather", "end"), heard);
        assertEquals(
                List.of("gather", "add", "lstm forward", "head run", "head finish", "lstm backward", "clip", "rmsProp"),
                description().getAsJsonArray("operations").asList().stream().map(JsonElement::getAsJsonObject)
                        .peek(operation -> assertTrue(operation.get("seconds").getAsDouble() > 0))
                        .map(operation -> operation.get("name").getAsString()).toList());
        assertTrue(resume(seconds), "timed");
    }

    /** Resumes the run, which has no epoch left, and returns whether nothing was left to do at all. */
    private boolean resume(double timedFrom) {
        return SmallRun.with("cpu", TEXT, SETUP, run -> {
            run.sentences(2, 4).add(new Recorder("")).timedFrom = timedFrom;
            assertEquals(TrainingRun.End.WHOLE, run.resume(folder.resolve("run")));
            return run.wasDone();
        });
    }

    @Test
    void theModelInTheFolderIsTheTrainers() {
        train("", TEXT, SETUP);
        SavedModel saved = ModelFile.load(folder.resolve("run"));
        try (Device device = Devices.open("cpu", new DeviceOptions(1));
                Model model = new Model(device, SETUP.weights(TEXT.vocabulary().size()));
                Trainer trainer = new Trainer(model, TEXT.corpus(), SETUP.training())) {
            for (int epoch = 0; epoch < SETUP.epochs(); epoch++) {
                trainer.epoch(EpochListener.NONE);
            }
            for (Tensor tensor : model.weights().tensors()) {
                assertArrayEquals(tensor.values(), saved.weights().get(tensor.name()).values(), tensor.name());
            }
        }
    }

    @Test
    void aListenerEndsItWithinAnEpoch() throws IOException {
        assertEquals(TrainingRun.End.IN_EPOCH, train("step 2 2/5", TEXT, SETUP));
        // Events of earlier writes may still come.
        List<String> all = heard.stream().filter(what -> !what.startsWith("figures")).toList();
        assertEquals(List.of("step 2 2/5", "trained IN_EPOCH", "end"), all.subList(all.size() - 3, all.size()));
        assertEquals(1, lines(RunFolder.METRICS).size());
        assertFalse(description().has("operations"));
    }

    @Test
    void aListenerEndsItAfterAnEpoch() throws IOException {
        TrainingRun.End end =
                train("figures 1 [loss, real_loss, bits_per_character, seconds, chars_per_second]",
                        TEXT,
                        SETUP.epochs(Integer.MAX_VALUE));
        // As the first epoch is saved, a later one may be under way.
        assertTrue(end != TrainingRun.End.WHOLE, end.toString());
        assertEquals(List.of("trained " + end, "end"), heard.subList(heard.size() - 2, heard.size()));
        List<JsonObject> lines = lines(RunFolder.METRICS);
        assertEquals(IntStream.rangeClosed(1, lines.size()).boxed().toList(),
                lines.stream().map(line -> line.get("epoch").getAsInt()).toList());
        assertEquals(heard.stream().filter(what -> what.startsWith("figures")).count(), lines.size());
    }

    /** And its state is saved, whether or not one was due. */
    @Test
    void aListenerEndsItWithAnEpoch() throws IOException {
        TrainingRun ended = SmallRun.with("cpu", TEXT, SETUP.epochs(1000), run -> {
            run.checkpoints(new TrainingRun.Checkpoints(500, 0, 0)).add(new Recorder("learned 40"));
            assertEquals(TrainingRun.End.AFTER_EPOCH, run.train(folder.resolve("run"), false));
            return run;
        });
        assertThrows(IllegalStateException.class, () -> ended.write(() -> {}));
        assertEquals(40, lines(RunFolder.METRICS).size());
        RunState state = StateFile.load(folder.resolve("run"));
        assertEquals(40, state.training().epoch());
        assertTrue(state.whole());
    }

    @Test
    void notAllCaptionsAreHeldBack() {
        assertThrows(IllegalArgumentException.class, () -> TEXT.holdingBack(5));
        assertThrows(IllegalArgumentException.class, () -> TEXT.holdingBack(0));
    }

    /** A stop in the last epoch's last step leaves nothing to train, but nothing more is computed. */
    @Test
    void aRunThatIsStoppedAtItsEndIsWhole() {
        assertEquals(TrainingRun.End.WHOLE, train("step 3 5/5", TEXT, SETUP));
        assertEquals(List.of("trained WHOLE", "end"), heard.subList(heard.size() - 2, heard.size()));
    }

    @Test
    void withoutEpochsTheInitialModelIsKept() throws IOException {
        assertEquals(TrainingRun.End.WHOLE, train("", TEXT, SETUP.epochs(0)));
        assertEquals(List.of("begin", "trained WHOLE", "end"), heard);
        assertTrue(Files.exists(folder.resolve("run").resolve(ModelFile.NAME)));
        assertEquals(0, lines(RunFolder.METRICS).size());
    }

    /** A line cannot be appended to a new file in place of the link. */
    @Test
    void figuresAreNotAddedThroughALink() throws IOException {
        Path precious = Files.writeString(folder.resolve("precious"), "precious");
        Path metrics = folder.resolve("run").resolve(RunFolder.METRICS);
        RunListener linker = new RunListener() {
            @Override
            public void epoch(int epoch) {
                try {
                    Files.deleteIfExists(metrics);
                    Files.createSymbolicLink(metrics, precious);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        };
        Refusals.assertRefused(metrics.toString(), () -> SmallRun.with("reference", TEXT, SETUP,
                run -> run.add(linker).train(folder.resolve("run"), false)));
        assertEquals("precious", Files.readString(precious));
    }
}
