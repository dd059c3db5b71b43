package org.charlstm.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.Refusals;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Parts of a grid: together they are the whole. */
class GridPartTest {
    private static final List<Configuration> GRID = IntStream.rangeClosed(1, 7).mapToObj(batch -> new Configuration(
            "cpu", "float32", 2, batch, 8, 1, 4, "lstm", "sigmoid", "rmsprop", "lab")).toList();

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 8, 999_999_999})
    void togetherTheyAreTheGridAndNoneIsTwice(int of) {
        List<Configuration> all = new ArrayList<>();
        for (int number = 1; number <= Math.min(of, 9); number++) {
            List<Configuration> part = new Grid.Part(number, of, GRID).configurations();
            assertTrue(part.size() == GRID.size() / of || part.size() == GRID.size() / of + 1, part.toString());
            all.addAll(part);
        }
        assertEquals(GRID.size(), all.size());
        assertTrue(all.containsAll(GRID), all.toString());
    }

    @Test
    void aPartIsEverySoManyth() {
        assertEquals(List.of(GRID.get(1), GRID.get(4)), new Grid.Part(2, 3, GRID).configurations());
    }

    private static Journal.Begin begin(Grid.Part part) {
        Journal.Header whole = Samples.header(Samples.TEXT, Samples.PROTOCOL);
        return new Journal.Begin("2026-01-01T00:00:00Z", List.of("charlstm", "bench"), new Journal.Header(
                whole.charlstm(), whole.machine(), whole.text(), whole.protocol(), whole.devices(),
                part.configurations(), part));
    }

    /** Even where it has the same configuration, for its results would say that they are of the other grid. */
    @Test
    void aPartResumesOnlyAsTheSamePart() {
        Grid.Part part = new Grid.Part(1, 2, List.of(Samples.SMALL, Samples.LARGE));
        Journal.open(folder, begin(part), false).close();
        try (Journal again = Journal.open(folder, begin(part), false)) {
            assertEquals(part, again.begin().header().part());
        }
        Grid.Part other = new Grid.Part(1, 3, List.of(Samples.SMALL, Samples.LARGE));
        String message = Refusals.assertRefused(folder.resolve(Journal.NAME).toString(),
                () -> Journal.open(folder, begin(other), false).close());
        assertTrue(message.contains("part.of is 3, not 2"), message);
    }
}
