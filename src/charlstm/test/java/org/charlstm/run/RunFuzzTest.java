package org.charlstm.run;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.Fuzz;
import org.charlstm.Refusals;
import org.charlstm.TextMutation;
import org.charlstm.base.Json;
import org.charlstm.circle.Sampled;
import org.charlstm.io.ModelMutation;
import org.charlstm.run.folder.OutFolder;
import org.charlstm.run.folder.RunFolder;
import org.charlstm.run.folder.RunState;
import org.charlstm.run.folder.StateFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs that resume from folders with one damaged file. */
@Tag("long")
@Sampled
class RunFuzzTest {
    private static final String METRICS = """
            {"epoch":1,"loss":2.5,"val_loss":1.75,"seconds":0.25,"chars_per_second":1234567.0}
            {"epoch":2,"loss":1.25,"val_loss":1.5,"seconds":0.5,"chars_per_second":1e9}
            """;
    private static final String SAMPLES = """
            {"epoch":1,"sentences":["a cat  sits","caf\u00e9 \\u0007"]}
            {"epoch":2,"sentences":["a dog"]}
            """;
    private static final String RUN = """
            {"started": "2026-01-02T03:04:05Z", "resumed": ["2026-01-02T04:04:05Z"], "seed": 1,
             "rates": [{"from_epoch": 1, "after_rows": 0, "learning_rate": "0.01"}],
             "options": {"epochs": "3", "out": null}}
            """;

    @TempDir
    private Path folder;
    private final SmallRun small = new SmallRun();

    @AfterEach
    void close() {
        small.close();
    }

    /** Cuts figures and sentences, and describes the run, as one that goes on does. */
    private void spoil(String name, String right) throws IOException {
        RunState state = StateFile.load(small.save(folder));
        try (RunFolder opened = new RunFolder(new OutFolder(folder, false))) {
            Fuzz.run(folder.resolve(name), new TextMutation(right.getBytes(StandardCharsets.UTF_8)), file -> {
                TrainingRun run = small.run();
                RunDescription description = new RunDescription(run);
                run.status.figures.addAll(opened.goBack(state, SmallRun.SETUP.epochs()).figures());
                description.follow(opened.description());
                description.resume(opened.description(), state, false);
                Json.pretty(description.json());
            });
        }
    }

    @Test
    void figures() throws IOException {
        spoil(RunFolder.METRICS, METRICS);
    }

    @Test
    void sentences() throws IOException {
        spoil(RunFolder.SAMPLES, SAMPLES);
    }

    @Test
    void descriptions() throws IOException {
        spoil(RunFolder.RUN, RUN);
    }

    @Test
    void states() throws IOException {
        Path file = small.save(folder);
        Fuzz.run(file, new ModelMutation(Files.readAllBytes(file)), spoilt -> {
            StateFile.load(spoilt);
            try {
                small.resume(folder);
            } catch (CharlstmException e) {
                // It can be read, but it is of another run, or leads nowhere.
                Refusals.assertLine("", e.getMessage());
            }
        });
    }
}
