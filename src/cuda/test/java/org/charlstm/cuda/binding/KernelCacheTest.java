package org.charlstm.cuda.binding;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The cache returns the bytes stored, or nothing. */
class KernelCacheTest {
    private static final String KEY = KernelCache.key("a kernel");
    private static final byte[] IMAGE = {1, 2, 3, 4, 5};

    @TempDir
    private Path folder;

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.toList();
        }
    }

    @Test
    void storedImagesRoundTripWithoutTemporaryFiles() throws IOException {
        KernelCache cache = new KernelCache(Optional.of(folder));
        assertEquals(Optional.empty(), cache.load(KEY));
        cache.store(KEY, IMAGE);
        assertArrayEquals(IMAGE, cache.load(KEY).orElseThrow());
        assertEquals(List.of(folder.resolve(KEY)), files());
        assertEquals("cached in " + folder, cache.describe());
    }

    @Test
    void aFileThatIsNotWhatWasWrittenIsAbsentUntilItIsWrittenAgain() throws IOException {
        KernelCache cache = new KernelCache(Optional.of(folder));
        cache.store(KEY, IMAGE);
        byte[] whole = Files.readAllBytes(folder.resolve(KEY));
        for (int length = 0; length < whole.length; length++) {
            Files.write(folder.resolve(KEY), Arrays.copyOf(whole, length));
            assertEquals(Optional.empty(), cache.load(KEY), "cut off after " + length);
        }
        for (int i = 0; i < whole.length; i++) {
            byte[] wrong = whole.clone();
            wrong[i] ^= 4;
            Files.write(folder.resolve(KEY), wrong);
            assertEquals(Optional.empty(), cache.load(KEY), "a wrong bit in byte " + i);
        }
        cache.store(KEY, IMAGE);
        assertArrayEquals(IMAGE, cache.load(KEY).orElseThrow());
    }

    @Test
    void theFileOfAnotherKeyIsNotTaken() throws IOException {
        KernelCache cache = new KernelCache(Optional.of(folder));
        cache.store(KEY, IMAGE);
        String other = KernelCache.key("another");
        Files.move(folder.resolve(KEY), folder.resolve(other));
        assertEquals(Optional.empty(), cache.load(other));
    }

    @Test
    @DisabledOnOs(value = OS.WINDOWS, disabledReason = "it has other permissions")
    void nothingIsTakenFromWhereOthersMayWrite() throws IOException {
        new KernelCache(Optional.of(folder)).store(KEY, IMAGE);
        for (String permissions : List.of("rwxrwx---", "rwx---rwx")) {
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString(permissions));
            KernelCache shared = new KernelCache(Optional.of(folder));
            assertEquals(Optional.empty(), shared.load(KEY));
            assertEquals("not cached, for " + folder + " others may write to", shared.describe());
        }
        Path link = Files.createSymbolicLink(folder.resolve("link"), folder);
        assertEquals("not cached, for " + link + " is no folder", new KernelCache(Optional.of(link)).describe());
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        assertArrayEquals(IMAGE, new KernelCache(Optional.of(folder)).load(KEY).orElseThrow());
    }

    @Test
    void aFileThatIsTooLargeIsNotRead() throws IOException {
        KernelCache cache = new KernelCache(Optional.of(folder));
        try (RandomAccessFile file = new RandomAccessFile(folder.resolve(KEY).toFile(), "rw")) {
            // More than a Java array holds, and next to nothing on disk.
            file.setLength(1L << 32);
        }
        assertEquals(Optional.empty(), cache.load(KEY));
    }

    @Test
    void aFailedWriteIsIgnored() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "");
        KernelCache cache = new KernelCache(Optional.of(file.resolve("kernels")));
        cache.store(KEY, IMAGE);
        assertEquals(Optional.empty(), cache.load(KEY));
        assertEquals("not cached, for " + file.resolve("kernels") + " cannot be made", cache.describe());
        Files.createDirectories(folder.resolve(KEY).resolve("in the way"));
        new KernelCache(Optional.of(folder)).store(KEY, IMAGE);
        assertEquals(2, files().size(), "a temporary file is left");
    }

    /** A reader beside a writer sees the old file or the new, whole. */
    @Test
    void aFileIsNeverHalfWritten() throws InterruptedException {
        KernelCache cache = new KernelCache(Optional.of(folder));
        byte[] image = new byte[1 << 20];
        cache.store(KEY, image);
        Thread writer = Thread.ofPlatform().start(() -> {
            for (int i = 0; i < 50; i++) {
                cache.store(KEY, image);
            }
        });
        boolean always = true;
        while (writer.isAlive()) {
            always &= cache.load(KEY).isPresent();
        }
        writer.join();
        assertTrue(always, "half a file was read");
    }

    @Test
    void everyPartAndItsPlaceMakeTheKey() {
        assertNotEquals(KernelCache.key("a", "b"), KernelCache.key("ab", ""));
        assertNotEquals(KernelCache.key("a", "b"), KernelCache.key("b", "a"));
        assertNotEquals(KernelCache.key("a"), KernelCache.key("a", ""));
        assertEquals(64, KEY.length());
    }

    @Test
    void theEnvironmentSaysWhere() {
        assertEquals(Optional.of(Path.of("/c/kernels")),
                KernelCache.folder(Map.of("CHARLSTM_CACHE", "/c", "XDG_CACHE_HOME", "/x")));
        assertEquals(Optional.of(Path.of("/x/charlstm/kernels")),
                KernelCache.folder(Map.of("XDG_CACHE_HOME", "/x", "HOME", "/h")));
        assertEquals(Optional.of(Path.of("/h/.cache/charlstm/kernels")), KernelCache.folder(Map.of("HOME", "/h",
                "XDG_CACHE_HOME", "relative", "CHARLSTM_CACHE", "")));
        assertEquals(Optional.of(Path.of("relative").toAbsolutePath().resolve("kernels")),
                KernelCache.folder(Map.of("CHARLSTM_CACHE", "relative")));
    }

    /** The folder in which somebody works is none for a cache, unless it is named. */
    @Test
    void withoutAHomeThereIsNone() {
        for (Map<String, String> environment : List.of(Map.<String, String>of(), Map.of("HOME", ""),
                Map.of("HOME", "", "XDG_CACHE_HOME", ""), Map.of("HOME", "relative"), Map.of("HOME", "/a\0b"))) {
            assertEquals(Optional.empty(), KernelCache.folder(environment), environment.toString());
        }
        KernelCache none = new KernelCache(Optional.empty());
        none.store(KEY, IMAGE);
        assertEquals(Optional.empty(), none.load(KEY));
        assertEquals("not cached, for neither CHARLSTM_CACHE nor HOME names a folder", none.describe());
    }
}
