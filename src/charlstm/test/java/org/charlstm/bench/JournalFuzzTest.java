package org.charlstm.bench;

import module java.base;
import org.charlstm.Fuzz;
import org.charlstm.TextMutation;
import org.charlstm.circle.Sampled;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Experiments that go on from spoilt journals. */
@Sampled
class JournalFuzzTest {
    @TempDir
    private Path folder;

    @Test
    void journals() throws IOException {
        Journal.Begin begin = Samples.begin(Samples.SMALL, Samples.LARGE);
        try (Journal journal = Journal.open(folder, begin, false)) {
            journal.add(Samples.entry(0, 0, Samples.measured(1e9, 1.25, 2.5)));
            journal.add(Samples.entry(1, 0, Measurement.without(Measurement.Status.DOES_NOT_FIT, "gr\u00f6\u00dfer")));
        }
        Path file = folder.resolve(Journal.NAME);
        Fuzz.run(file, new TextMutation(Files.readAllBytes(file)), spoilt -> {
            try (Journal journal = Journal.open(folder, begin, false)) {
                ResultRow.of(journal.begin().header(), journal.entries());
            }
        });
    }
}
