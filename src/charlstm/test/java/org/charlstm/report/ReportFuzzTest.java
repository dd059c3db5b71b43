package org.charlstm.report;

import module java.base;
import org.charlstm.Fuzz;
import org.charlstm.TextMutation;
import org.charlstm.circle.Sampled;
import org.charlstm.run.folder.RunFolder;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The reports of folders with one damaged file. */
@Tag("long")
@Sampled
class ReportFuzzTest {
    private static final String RUN = """
            {"started": "2026-01-02T03:04:05Z", "seed": 1, "config": {"symbols": 38, "layers": [{"kind": "lstm"}]},
             "options": {"epochs": "3", "learning-rate": "0.001", "out": null, "force": "false"},
             "text": {"source": "captions", "unit": "captions", "captions": 12345},
             "device": {"name": "cpu", "choices": ["one", "two"]},
             "machine": {"memory_bytes": 8589934592, "charlstm": "1"},
             "operations": [{"name": "gather", "seconds": 1e-6}, {"name": "lstm forward", "seconds": 0.003}]}
            """;
    private static final String METRICS = """
            {"epoch":1,"loss":2.5,"seconds":0.25,"chars_per_second":1234567.0}
            {"epoch":2,"loss":1.5,"val_loss":1.75,"seconds":0.5,"chars_per_second":1234567.0}
            {"epoch":3,"loss":1.25,"other":-7,"seconds":0.25,"chars_per_second":1e9}
            """;
    private static final String SAMPLES = """
            {"epoch":2,"sentences":["a cat  sits","caf\u00e9 \\u0007"]}
            {"epoch":3,"sentences":["a dog"]}
            """;
    private static final String RESULTS = """
            {"started": "2026-01-02T03:04:05Z", "finished": null, "text": {"source": "captions", "captions": 12345},
             "machine": {"processors": 2}, "devices": [{"device": "cpu"}], "rows": [
              {"configuration": {"device": "cpu", "precision": "float32", "threads": 2, "batch_size": 32, "hidden": 64},
               "status": "measured", "message": null, "seconds": {"median": 2, "min": 1.5, "max": 3},
               "characters_per_second": {"median": 7, "min": 1, "max": 9}, "flops_per_second": 55.3e9,
               "share_of_ceiling": 0.1234, "peak_host_bytes": 1048576, "peak_device_bytes": 0, "loss": 1.25,
               "operations": [{"name": "gather", "seconds": 1e-6}, {"name": "lstm forward", "seconds": 0.003}]},
              {"configuration": {"device": "cuda", "precision": "float32", "threads": 0, "batch_size": 64, "hidden": 8},
               "status": "measured", "message": null, "seconds": {"median": 200, "min": 1.5, "max": 300},
               "characters_per_second": {"median": 700, "min": 1, "max": 9000}, "flops_per_second": null,
               "operations": []},
              {"configuration": {"device": "cuda", "precision": "float32", "threads": 0, "batch_size": 9, "hidden": 8},
               "status": "does-not-fit", "message": "too <large>", "seconds": null, "characters_per_second": null,
               "flops_per_second": null, "operations": []}]}
            """;

    @TempDir
    private Path folder;

    @BeforeEach
    void writeARun() throws IOException {
        Files.writeString(folder.resolve(RunFolder.RUN), RUN);
        Files.writeString(folder.resolve(RunFolder.METRICS), METRICS);
        Files.writeString(folder.resolve(RunFolder.SAMPLES), SAMPLES);
    }

    private void spoil(String name, String right) throws IOException {
        Fuzz.run(folder.resolve(name), new TextMutation(right.getBytes(StandardCharsets.UTF_8)),
                file -> Report.of(folder));
    }

    @Test
    void descriptions() throws IOException {
        spoil(RunFolder.RUN, RUN);
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
    void results() throws IOException {
        spoil(GridReport.RESULTS, RESULTS);
    }
}
