package org.charlstm.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A file that grows, and one that is another than before under the same name and number. */
class JsonTailTest {
    @TempDir
    private Path folder;
    private final KeptLines.Store store = new KeptLines.Store(Long.MAX_VALUE, Long.MAX_VALUE);
    private long time = 1_000_000_000_000L;

    private Path write(String text, StandardOpenOption... how) throws IOException {
        Path file = Files.writeString(folder.resolve("lines"), text, how);
        time += 1000;
        Files.setLastModifiedTime(file, FileTime.fromMillis(time));
        return file;
    }

    private static void assertLines(JsonTail tail, int generation, String... lines) {
        assertEquals(List.of(lines), tail.refresh().texts());
        assertEquals(generation, tail.generation());
    }

    @Test
    void whatIsAddedIsReadOnceItIsWhole() throws IOException {
        JsonTail tail = new JsonTail(folder.resolve("lines"), store, line -> line);
        assertLines(tail, 0);
        write("{\"a\":1}\n{\"a\":");
        assertLines(tail, 0, "{\"a\":1}");
        assertLines(tail, 0, "{\"a\":1}");
        write("2}\nnonsense\n\n{\"a\":3}\n", StandardOpenOption.APPEND);
        assertLines(tail, 0, "{\"a\":1}", "{\"a\":2}", "{\"a\":3}");
    }

    /** Written over in its place, which leaves it its number: shorter, as long, and longer. */
    @Test
    void anotherFileIsReadFromItsBeginning() throws IOException {
        write("{\"a\":1}\n{\"a\":2}\n");
        JsonTail tail = new JsonTail(folder.resolve("lines"), store, line -> line);
        assertLines(tail, 0, "{\"a\":1}", "{\"a\":2}");
        write("{\"a\":1}\n");
        assertLines(tail, 1, "{\"a\":1}");
        write("{\"a\":9}\n");
        assertLines(tail, 2, "{\"a\":9}");
        write("{\"a\":1}\n{\"a\":8}\n{\"a\":7}\n");
        assertLines(tail, 3, "{\"a\":1}", "{\"a\":8}", "{\"a\":7}");
        Files.delete(folder.resolve("lines"));
        assertLines(tail, 4);
        write("");
        assertLines(tail, 4);
        write("{\"a\":5}\n");
        assertLines(tail, 4, "{\"a\":5}");
    }

    /** Longer than any of a run's, over several of the parts in which a file is read. */
    @Test
    void aLineOfManyMegabytesIsSkipped() throws IOException {
        JsonTail tail = new JsonTail(folder.resolve("lines"), store, line -> line);
        write("{\"a\":1}\n{\"b\":\"" + "x".repeat(9_000_000));
        assertLines(tail, 0, "{\"a\":1}");
        write("\"}\n{\"a\":2}\n", StandardOpenOption.APPEND);
        assertLines(tail, 0, "{\"a\":1}", "{\"a\":2}");
        write("{\"a\":3}\n", StandardOpenOption.APPEND);
        assertLines(tail, 0, "{\"a\":1}", "{\"a\":2}", "{\"a\":3}");
    }

    /** Two files of many lines: all together take no more than there is, and the last line is always there. */
    @Test
    void ofLongFilesSomeLinesAreKept() throws IOException {
        KeptLines.Store small = new KeptLines.Store(20_000, 19_000);
        JsonTail few = new JsonTail(Files.writeString(folder.resolve("few"), "{\"a\":1}\n{\"a\":2}\n"), small,
                line -> line);
        few.refresh();
        for (String name : List.of("one", "other")) {
            JsonTail tail = new JsonTail(folder.resolve(name), small, line -> line);
            StringBuilder text = new StringBuilder();
            for (int i = 1; i <= 5000; i++) {
                text.append("{\"a\":").append(i).append("}\n");
            }
            Files.writeString(folder.resolve(name), text);
            KeptLines kept = tail.refresh();
            assertEquals(5000, kept.count());
            List<String> texts = kept.texts();
            assertEquals("{\"a\":1}", texts.getFirst());
            assertEquals("{\"a\":5000}", texts.getLast());
            assertTrue(texts.size() > 30 && texts.size() < 190, texts.toString());
            assertEquals(List.of(new KeptLines.Line(5000, "{\"a\":5000}")), kept.after(4999, 100));
            assertTrue(small.held() <= 20_000, "" + small.held());
        }
        assertEquals(List.of("{\"a\":1}", "{\"a\":2}"), few.refresh().texts());
    }
}
