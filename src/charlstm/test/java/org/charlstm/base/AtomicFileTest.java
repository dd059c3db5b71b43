package org.charlstm.base;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import module java.base;
import org.charlstm.CharlstmException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFileTest {
    @TempDir
    private Path folder;

    private static void put(FileChannel channel, String text) throws IOException {
        channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(path -> path.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void makesANewFile() throws IOException {
        Path file = folder.resolve("new");
        AtomicFile.write(file, channel -> put(channel, "content"));
        assertEquals("content", Files.readString(file));
        assertEquals(List.of("new"), names());
    }

    @Test
    void replacesAWholeFile() throws IOException {
        Path file = Files.writeString(folder.resolve("old"), "something much longer than what comes");
        AtomicFile.write(file, channel -> put(channel, "short"));
        assertEquals("short", Files.readString(file));
        assertEquals(List.of("old"), names());
    }

    @Test
    void theOldFileIsThereUntilAllIsWritten() throws IOException {
        Path file = Files.writeString(folder.resolve("old"), "before");
        AtomicFile.write(file, channel -> {
            put(channel, "after");
            assertEquals("before", Files.readString(file));
        });
        assertEquals("after", Files.readString(file));
    }

    private Object key(Path file) throws IOException {
        return Files.readAttributes(file, BasicFileAttributes.class).fileKey();
    }

    /** A copy would be incomplete after a kill. */
    @Test
    void theWrittenFileIsRenamed() throws IOException {
        Path file = Files.writeString(folder.resolve("old"), "before");
        assumeTrue(key(file) != null, "this file system numbers no files");
        List<Object> written = new ArrayList<>();
        AtomicFile.write(file, channel -> written.add(key(folder.resolve(names().getFirst()))));
        assertEquals(written, List.of(key(file)));
    }

    @Test
    void aWriterThatFailsHalfWayLeavesTheOldFileAndNothingElse() throws IOException {
        Path file = Files.writeString(folder.resolve("old"), "before");
        for (Exception failure : List.of(new IOException("disk full"), new IllegalStateException("a mistake"))) {
            Exception thrown = assertThrows(RuntimeException.class, () -> AtomicFile.write(file, channel -> {
                put(channel, "half");
                if (failure instanceof IOException e) {
                    throw e;
                }
                throw (RuntimeException) failure;
            }));
            assertSame(failure, failure instanceof IOException ? thrown.getCause() : thrown);
            assertEquals("before", Files.readString(file));
            assertEquals(List.of("old"), names());
        }
    }

    @Test
    void aWriterThatFailsAtTheFirstWriteLeavesNoFile() throws IOException {
        assertThrows(CharlstmException.class, () -> AtomicFile.write(folder.resolve("new"), channel -> {
            put(channel, "half");
            throw new IOException("disk full");
        }));
        assertEquals(List.of(), names());
    }

    @Test
    void aLinkIsReplacedAndNotWrittenThrough() throws IOException {
        Path precious = Files.writeString(folder.resolve("precious"), "precious");
        for (Path target : List.of(precious, folder.resolve("missing"))) {
            Path link = Files.createSymbolicLink(folder.resolve("link"), target);
            AtomicFile.write(link, channel -> put(channel, "content"));
            assertEquals("content", Files.readString(link));
            assertFalse(Files.isSymbolicLink(link));
            Files.delete(link);
        }
        assertEquals("precious", Files.readString(precious));
        assertEquals(List.of("precious"), names());
    }

    /** Another user could put a link at a predictable name. */
    @Test
    void temporaryFilesAreNewAndUnpredictable() throws IOException {
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < 3; i++) {
            AtomicFile.write(folder.resolve("file"), channel -> names().stream().filter(name -> !name.equals("file"))
                    .forEach(name -> assertTrue(seen.add(name), name + " again")));
        }
        assertEquals(3, seen.size());
        assertEquals(List.of("file"), names());
    }

    @Test
    void theRootFolderIsRefused() {
        String message = assertThrows(CharlstmException.class,
                () -> AtomicFile.write(folder.getRoot(), new byte[] {1})).getMessage();
        assertTrue(message.contains("Is a directory"), message);
    }

    @Test
    void aMissingFolderIsAnErrorAndIsNotMade() throws IOException {
        assertThrows(CharlstmException.class,
                () -> AtomicFile.write(folder.resolve("missing/file"), channel -> put(channel, "content")));
        assertEquals(List.of(), names());
    }
}
