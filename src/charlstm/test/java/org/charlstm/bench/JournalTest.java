package org.charlstm.bench;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.base.Json;
import org.charlstm.bench.Measurement.Status;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The journal of an experiment: it goes on, whatever a kill left, and belongs to one experiment. */
class JournalTest {
    private static final Journal.Begin BEGIN = Samples.begin(Samples.SMALL, Samples.LARGE);
    private static final Journal.Entry FIRST = Samples.entry(0, 0, Samples.measured(1e9, 1.25, 2.5));
    private static final Journal.Entry SECOND =
            Samples.entry(1, 0, Measurement.without(Status.DOES_NOT_FIT, "größer, \"als\" gedacht"));

    @TempDir
    private Path folder;
    private Path file;

    @BeforeEach
    void begin() {
        file = folder.resolve(Journal.NAME);
        try (Journal journal = Journal.open(folder, BEGIN, false)) {
            journal.add(FIRST);
        }
    }

    private List<Journal.Entry> entries() {
        try (Journal journal = Journal.open(folder, BEGIN, false)) {
            assertEquals(BEGIN, journal.begin());
            return journal.entries();
        }
    }

    @Test
    void anAddedMeasurementIsReadWhenTheJournalIsOpenedAgain() {
        try (Journal journal = Journal.open(folder, BEGIN, false)) {
            journal.add(SECOND);
        }
        assertEquals(List.of(FIRST, SECOND), entries());
    }

    /** At every length that a kill may leave of a line. */
    @Test
    void halfALineIsTakenAway() throws IOException {
        byte[] whole = Files.readAllBytes(file);
        try (Journal journal = Journal.open(folder, BEGIN, false)) {
            journal.add(SECOND);
        }
        byte[] both = Files.readAllBytes(file);
        for (int length = whole.length; length < both.length; length += 7) {
            Files.write(file, Arrays.copyOf(both, length));
            try (Journal journal = Journal.open(folder, BEGIN, false)) {
                assertEquals(List.of(FIRST), journal.entries());
                journal.add(SECOND);
            }
            assertEquals(List.of(FIRST, SECOND), entries());
        }
    }

    @Test
    void halfALineThatIsLongerThanTheNextIsTakenAwayToo() throws IOException {
        Files.writeString(file, "{\"message\": \"" + "x".repeat(5000), StandardOpenOption.APPEND);
        try (Journal journal = Journal.open(folder, BEGIN, false)) {
            journal.add(SECOND);
        }
        assertEquals(List.of(FIRST, SECOND), entries());
        assertTrue(Files.readString(file).endsWith("}\n"));
    }

    @Test
    void anotherExperimentIsRefusedWithWhatDiffersUnlessForced() {
        Journal.Begin other = Samples.begin(Samples.SMALL);
        String message = assertThrows(CharlstmException.class, () -> Journal.open(folder, other, false)).getMessage();
        assertTrue(message.contains("configurations is 1 of them, not 2 of them") && message.contains("--force"),
                message);
        assertEquals(List.of(FIRST), entries());
        try (Journal journal = Journal.open(folder, other, true)) {
            assertEquals(List.of(), journal.entries());
            assertEquals(other, journal.begin());
        }
    }

    /** The same experiment goes on even if it may be replaced. */
    @Test
    void forceKeepsWhatIsOfTheSameExperiment() {
        try (Journal journal = Journal.open(folder, BEGIN, true)) {
            assertEquals(List.of(FIRST), journal.entries());
        }
    }

    @Test
    void twoAtATimeAreRefused() {
        try (Journal journal = Journal.open(folder, BEGIN, false)) {
            String message = assertThrows(CharlstmException.class, () -> Journal.open(folder, BEGIN, false))
                    .getMessage();
            assertTrue(message.contains("another charlstm bench"), message);
            assertEquals(1, journal.entries().size());
        }
    }

    @Test
    void aDamagedLineIsNamed() throws IOException {
        Files.writeString(file, "nonsense\n", StandardOpenOption.APPEND);
        String message = assertThrows(CharlstmException.class, this::entries).getMessage();
        assertTrue(message.contains("line 3 is damaged"), message);
    }

    /** The second line with one error each. */
    static Stream<String> damages() {
        return Stream.of("null", "{}", "{\"configuration\": 0, \"measurement\": {}}", "\u0000", "1e999",
                damaged("\"configuration\":0", "\"configuration\":999"),
                damaged("\"configuration\":0", "\"configuration\":-1"),
                damaged("\"configuration\":0", "\"configuration\":0.5"),
                damaged("\"repeat\":0", "\"repeat\":-1"), damaged("\"repeat\":0", "\"repeat\":3"),
                damaged("\"status\":\"measured\"", "\"status\":\"excellent\""),
                damaged("\"seconds\":[1.25,2.5]", "\"seconds\":null"),
                damaged("\"seconds\":[1.25,2.5]", "\"seconds\":[]"),
                damaged("\"seconds\":[1.25,2.5]", "\"seconds\":[1.25,null]"),
                damaged("\"seconds\":[1.25,2.5]", "\"seconds\":[1.25,NaN]"),
                damaged("\"seconds\":[1.25,2.5]", "\"seconds\":[1.25,1e999]"),
                damaged("\"seconds\":[1.25,2.5]", "\"seconds\":[1.25,-2.5]"),
                damaged("\"warm_up_seconds\":[9.0]", "\"warm_up_seconds\":[NaN]"),
                damaged("\"warm_up_seconds\":[9.0]", "\"warm_up_seconds\":null"),
                damaged("\"loss\":1.5", "\"loss\":NaN"), damaged("\"ceiling\":1.0E9", "\"ceiling\":-Infinity"),
                damaged("\"name\":\"gather\"", "\"name\":null"),
                damaged("{\"name\":\"gather\",\"seconds\":0.125}", "null"),
                damaged("\"seconds\":0.125", "\"seconds\":NaN"),
                damaged("\"choices\":[\"a choice\"]", "\"choices\":null"),
                damaged("\"choices\":[\"a choice\"]", "\"choices\":[null]"));
    }

    private static String damaged(String right, String wrong) {
        String line = Json.compact(Json.of(FIRST));
        assertTrue(line.contains(right), line);
        return line.replace(right, wrong);
    }

    @ParameterizedTest
    @MethodSource("damages")
    void aDamagedLineIsNamedAndStartedAnewByForce(String line) throws IOException {
        Files.writeString(file, line + "\n", StandardOpenOption.APPEND);
        String message = assertThrows(CharlstmException.class, this::entries).getMessage();
        assertTrue(message.contains(file + ", line 3 is damaged") && message.contains("--force"), message);
        try (Journal journal = Journal.open(folder, BEGIN, true)) {
            assertEquals(List.of(), journal.entries());
            assertEquals(BEGIN, journal.begin());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"null", "[]", "7", "{\"header\": 7}", "{\"header\": {\"machine\": {\"a\": NaN}}}",
        "{\"header\": {\"configurations\": [null]}}"})
    void aDamagedBeginningIsRefusedAndStartedAnewByForce(String line) throws IOException {
        Files.writeString(file, line + "\n");
        String message = assertThrows(CharlstmException.class, this::entries).getMessage();
        assertTrue(message.contains(file.toString()) && message.contains("--force"), message);
        try (Journal journal = Journal.open(folder, BEGIN, true)) {
            assertEquals(List.of(), journal.entries());
        }
    }

    @Test
    void aLineThatIsNotUtf8IsDamaged() throws IOException {
        String line = Json.compact(Json.of(FIRST)).replace("a choice", "a \u00e9");
        Files.write(file, (line + "\n").getBytes(StandardCharsets.ISO_8859_1), StandardOpenOption.APPEND);
        String message = assertThrows(CharlstmException.class, this::entries).getMessage();
        assertTrue(message.contains(file + ", line 3 is damaged"), message);
    }

    /** A link that a folder from elsewhere holds is not written through; anew, it is replaced. */
    @Test
    void aLinkIsRefusedUnlessForced() throws IOException {
        Path real = Files.move(file, folder.resolve("real"));
        byte[] before = Files.readAllBytes(real);
        Files.createSymbolicLink(file, real);
        String message = assertThrows(CharlstmException.class, () -> Journal.open(folder, BEGIN, false)).getMessage();
        assertTrue(message.contains("it is a link"), message);
        try (Journal journal = Journal.open(folder, BEGIN, true)) {
            assertEquals(List.of(), journal.entries());
            journal.add(SECOND);
        }
        assertFalse(Files.isSymbolicLink(file));
        assertArrayEquals(before, Files.readAllBytes(real));
    }
}
