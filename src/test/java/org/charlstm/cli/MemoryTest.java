package org.charlstm.cli;

import static org.charlstm.Refusals.assertRefused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.charlstm.InProcesses;
import org.charlstm.device.host.HostMemory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A text that is large for the memory there is, and what does not fit. */
@InProcesses
class MemoryTest {
    @TempDir
    private Path folder;

    /** A million captions, 14 MB of text, whose padded rows would be 76 MB as ints. */
    @Test
    void aLargeTextFitsAndABatchThatDoesNotFitIsOneLine() throws Exception {
        Path text = Tiny.text(folder, "large.txt", (String.join("\n", Tiny.CAPTIONS) + "\n").repeat(50_000));
        List<String> flags = Stream.concat(Jvm.VECTORS.stream(), Stream.of("-Xmx60m")).toList();
        Path out = folder.resolve("run");
        for (int batch : new int[] {64, 1_000_000}) {
            List<Object> line = List.of("train", text, "--out", out, "--device", "cpu", "--threads", 1, "--epochs", 0,
                    "--hidden", 8, "--dense", 8, "--batch-size", batch, "--force");
            try (Jvm jvm = new Jvm(folder, null, flags, System.getProperty("java.class.path"), line)) {
                String printed = new String(jvm.process().getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                assertEquals(batch == 64 ? 0 : Main.FAILED, jvm.process().waitFor(), printed + jvm.errors());
                String said = String.join("\n", jvm.errors());
                assertTrue(batch == 64 ? said.isEmpty() : said.matches("charlstm: a "
                        + "buffer of [0-9.]+ MiB does not fit in the JVM's memory, which is 6[0-9]\\.0 MiB; .*; a row "
                        + "has 18 steps, fewer by --max-caption; --batch-size [0-9]+ fits, for as large an update with "
                        + "--accumulate [0-9]+"),
                        () -> printed + said);
            }
            assertEquals(batch == 64, Files.exists(out.resolve("model.safetensors")));
            Files.deleteIfExists(out.resolve("model.safetensors"));
        }
    }

    /** Where there is too little even to word the failure. */
    @Test
    void withoutAnyMemoryThereIsALine() {
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        assertEquals(3, Main.orNoMemory(err, () -> 3));
        assertEquals("", err.toString(StandardCharsets.UTF_8));
        assertEquals(Main.FAILED, Main.orNoMemory(err, () -> {
            throw new OutOfMemoryError("a test's own");
        }));
        assertEquals("charlstm: out of memory; give the JVM more with JDK_JAVA_OPTIONS=-Xmx...\n",
                err.toString(StandardCharsets.UTF_8));
    }

    @Test
    void anArrayThatDoesNotFitIsALine() {
        assertRefused("a buffer of 2.0 MiB does not fit", () -> HostMemory.array(1 << 19, Integer.BYTES, length -> {
            throw new OutOfMemoryError("none left");
        }));
        assertRefused("larger than a Java array", () -> HostMemory.array(1L << 31, Integer.BYTES, int[]::new));
    }
}
