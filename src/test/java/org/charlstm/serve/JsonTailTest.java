package org.charlstm.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A file that grows, and one that is another than before under the same name and number. */
class JsonTailTest {
    @TempDir
    private Path folder;
    private long time = 1_000_000_000_000L;

    private Path write(String text, StandardOpenOption... how) throws IOException {
        Path file = Files.writeString(folder.resolve("lines"), text, how);
        time += 1000;
        Files.setLastModifiedTime(file, FileTime.fromMillis(time));
        return file;
    }

    private static void assertLines(JsonTail tail, int generation, String... lines) {
        assertEquals(List.of(lines), tail.refresh().stream().map(Object::toString).toList());
        assertEquals(generation, tail.generation());
    }

    @Test
    void whatIsAddedIsReadOnceItIsWhole() throws IOException {
        JsonTail tail = new JsonTail(folder.resolve("lines"), line -> line);
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
        JsonTail tail = new JsonTail(folder.resolve("lines"), line -> line);
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
}
