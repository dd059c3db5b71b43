package org.charlstm.cuda.binding;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import module java.base;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Nobody else can put code where a cache is, nor another cache into its place. */
@EnabledOnOs(OS.LINUX)
class CacheFolderTest {
    private static final String KEY = KernelCache.key("a kernel");
    private static final byte[] OWN = {1, 2, 3};
    private static final byte[] PLANTED = {4, 5, 6};

    @TempDir
    private Path root;
    private Path above;
    private Path cache;

    @BeforeEach
    void name() throws IOException {
        root = root.toRealPath();
        above = Files.createDirectory(root.resolve("above"));
        cache = above.resolve("charlstm").resolve("kernels");
    }

    private static void mode(Path folder, int mode) throws IOException {
        Files.setAttribute(folder, "unix:mode", mode);
    }

    @ParameterizedTest
    @ValueSource(ints = {0775, 0757, 0777})
    void aFolderAboveThatOthersMayWriteToIsRefused(int mode) throws IOException {
        mode(above, mode);
        Optional<String> why = Optional.of("lies in " + above + ", which others may write to");
        assertEquals(why, CacheFolder.objection(cache));
        assertEquals("not cached, for " + cache + " " + why.orElseThrow(),
                new KernelCache(Optional.of(cache)).describe());
        mode(above, 0755);
        assertEquals(Optional.empty(), CacheFolder.objection(cache));
    }

    /** Each may replace there what is their own alone. */
    @Test
    void aFolderLikeThatForTemporaryFilesIsNoDanger() throws IOException {
        mode(above, 01777);
        assertEquals(Optional.empty(), CacheFolder.objection(cache));
    }

    @Test
    void whatALinkOnTheWayLeadsToIsLookedAt() throws IOException {
        Path shared = Files.createDirectory(root.resolve("shared"));
        Path real = Files.createDirectory(shared.resolve("real"));
        Path cached = Files.createSymbolicLink(above.resolve("link"), Path.of("../shared/real")).resolve("kernels");
        assertEquals(Optional.empty(), CacheFolder.objection(cached));
        mode(shared, 0777);
        assertEquals(Optional.of("lies in " + shared + ", which others may write to"), CacheFolder.objection(cached));
        Path second = Files.createSymbolicLink(root.resolve("second"), above.resolve("link"));
        assertEquals(Optional.of("lies in " + shared + ", which others may write to"),
                CacheFolder.objection(second.resolve("kernels")));
        mode(shared, 0755);
        mode(real, 0777);
        assertEquals(Optional.of("lies in " + real + ", which others may write to"), CacheFolder.objection(cached));
    }

    @Test
    @Needs(Need.ROOT)
    void aFolderAboveOfAnotherUserIsRefused() throws IOException {
        CacheFolder.objection(cache);
        Files.setAttribute(above, "unix:uid", 54321);
        assertEquals(Optional.of("lies in " + above + ", which belongs to 54321"), CacheFolder.objection(cache));
    }

    @Test
    void foldersThatAreMadeAreTheUsersAlone() throws IOException {
        assertEquals(Optional.empty(), CacheFolder.objection(cache));
        for (Path made : List.of(cache, cache.getParent())) {
            assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(made)));
        }
    }

    /** The code there has the right checksum. */
    @Test
    void aFolderThatIsSwappedInAfterItWasLookedAtIsNotOpened() throws IOException {
        KernelCache looked = new KernelCache(Optional.of(cache));
        looked.store(KEY, OWN);
        assertArrayEquals(OWN, looked.load(KEY).orElseThrow());
        Files.move(cache, above.resolve("away"));
        KernelCache planted = new KernelCache(Optional.of(cache));
        planted.store(KEY, PLANTED);
        assertEquals(Optional.empty(), looked.load(KEY));
        looked.store(KEY, OWN);
        assertArrayEquals(PLANTED, planted.load(KEY).orElseThrow());
    }

    @Test
    void aLinkInThePlaceOfAFileIsNotFollowed() throws IOException {
        KernelCache kernels = new KernelCache(Optional.of(cache));
        kernels.store(KEY, OWN);
        Path elsewhere = Files.move(cache.resolve(KEY), above.resolve("elsewhere"));
        Files.createSymbolicLink(cache.resolve(KEY), elsewhere);
        assertEquals(Optional.empty(), kernels.load(KEY));
        kernels.store(KEY, OWN);
        assertArrayEquals(OWN, kernels.load(KEY).orElseThrow());
    }
}
