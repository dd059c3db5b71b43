package org.charlstm.cuda.binding;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whose a folder of native code is, and that its files hold what they should. */
@EnabledOnOs(OS.LINUX)
class UnpackedCodeTest {
    private static final String NAME = "libcode.so";
    private static final byte[] CODE = "the code".getBytes(StandardCharsets.UTF_8);

    @TempDir
    private Path root;
    private Path folder;

    @BeforeEach
    void name() {
        folder = root.resolve("cache").resolve("code");
    }

    private void put(byte[] code) {
        new UnpackedCode("the code", folder).put(NAME, CacheFolder.sum(code), () -> code);
    }

    private void mode(String mode) throws IOException {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString(mode));
    }

    private void requireRefused(String why) {
        String message = assertThrows(CharlstmException.class, () -> put(CODE)).getMessage();
        assertEquals("the code is not run from " + folder + ", which " + why
                + "; remove it, or set CHARLSTM_CACHE to a folder of your own", message);
    }

    private void requireOnly(byte[] code) throws IOException {
        assertArrayEquals(code, Files.readAllBytes(folder.resolve(NAME)));
        try (Stream<Path> files = Files.list(folder)) {
            assertEquals(List.of(folder.resolve(NAME)), files.toList());
        }
    }

    @Test
    void itIsMadeForItsUserAlone() throws IOException {
        put(CODE);
        assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(folder)));
        requireOnly(CODE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"rwx-w----", "rwx----w-", "rwxrwxrwx"})
    void oneThatOthersMayWriteToIsRefused(String mode) throws IOException {
        put(CODE);
        mode(mode);
        requireRefused("others may write to");
        mode("rwxr-xr-x");
        put(CODE);
    }

    @Test
    @Needs(Need.ROOT)
    void oneOfAnotherUserIsRefused() throws IOException {
        put(CODE);
        Files.setAttribute(folder, "unix:uid", 54321);
        requireRefused("belongs to 54321");
    }

    @Test
    void aLinkInItsPlaceIsRefused() throws IOException {
        Files.createDirectories(folder.getParent());
        Files.createSymbolicLink(folder, Files.createDirectory(root.resolve("elsewhere")));
        requireRefused("is no folder");
    }

    @Test
    void aFileThatHoldsSomethingElseIsReplaced() throws IOException {
        put(CODE);
        for (byte[] other : List.of(new byte[0], Arrays.copyOf(CODE, CODE.length - 1), Arrays.copyOf(CODE, 99))) {
            Files.write(folder.resolve(NAME), other);
            put(CODE);
            requireOnly(CODE);
        }
        Path elsewhere = Files.write(root.resolve("elsewhere"), CODE);
        Files.delete(folder.resolve(NAME));
        Files.createSymbolicLink(folder.resolve(NAME), elsewhere);
        put(CODE);
        assertTrue(Files.isRegularFile(folder.resolve(NAME), LinkOption.NOFOLLOW_LINKS),
                "what a link leads to may change");
    }

    /** Another process may have mapped it. */
    @Test
    void aFileThatHoldsItAlreadyIsLeftAlone() throws IOException {
        put(CODE);
        Object before = Files.getAttribute(folder.resolve(NAME), "unix:ino");
        put(CODE);
        assertEquals(before, Files.getAttribute(folder.resolve(NAME), "unix:ino"));
    }

    /** A reader sees the file whole while others find it broken and mend it. */
    @Test
    void aFileIsNeverHalfWritten() throws Exception {
        put(CODE);
        byte[] one = new byte[1 << 20];
        byte[] other = one.clone();
        other[0] = 1;
        put(one);
        Thread writer = Thread.ofPlatform().start(() -> {
            for (int i = 0; i < 50; i++) {
                put(i % 2 == 0 ? other : one);
            }
        });
        boolean always = true;
        while (writer.isAlive()) {
            always &= Files.readAllBytes(folder.resolve(NAME)).length == one.length;
        }
        writer.join();
        assertTrue(always, "half a file was read");
    }
}
