package org.charlstm.cuda.binding;

import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Objects;
import java.util.Optional;
import org.charlstm.CharlstmException;

/**
 * Finds the simulated GPU: in the folder that CHARLSTM_SIM names, in {@code native} beside the program's jar, or in the
 * jar of the classifier {@code simulated-linux-x86_64} on the class path, which is unpacked to a folder of the user's
 * own.
 */
final class SimulatedLibraries {
    private static final String SETTING = "CHARLSTM_SIM";
    private static final String DRIVER = "libcuda.so.1";
    private static final String IN_JAR = "META-INF/charlstm/simulated-linux-x86_64/";
    /** In the jar: a line for each file, its SHA-256 and its name. */
    private static final String INDEX = "files.txt";

    private SimulatedLibraries() {
    }

    /**
     * The folder that has them.
     *
     * @throws CharlstmException if there is none, or the jar cannot be unpacked
     */
    static Path folder() {
        String set = System.getenv().getOrDefault(SETTING, "");
        if (!set.isEmpty()) {
            return checked(LibrarySearch.path(SETTING, set));
        }
        Path beside = besideProgram();
        if (Files.exists(beside.resolve(DRIVER))) {
            return beside;
        }
        return resource(INDEX).map(index -> unpacked(new String(index, StandardCharsets.UTF_8)))
                .orElseGet(() -> checked(beside));
    }

    private static Path checked(Path folder) {
        if (!Files.exists(folder.resolve(DRIVER))) {
            throw new CharlstmException("the simulated GPU is not here; add org.charlstm:charlstm with the classifier "
                    + "simulated-linux-x86_64 to the program's dependencies, name its folder in " + SETTING
                    + ", or build it with native/build.sh kernels " + folder);
        }
        return folder;
    }

    private static Path besideProgram() {
        try {
            return Path.of(SimulatedLibraries.class.getProtectionDomain().getCodeSource().getLocation().toURI())
                    .resolveSibling("native");
        } catch (URISyntaxException e) {
            throw new IllegalStateException("the program's own place is not a path", e);
        }
    }

    /** Reads a file of the jar with the simulated GPU; empty if there is none. */
    private static Optional<byte[]> resource(String name) {
        ClassLoader loader = SimulatedLibraries.class.getClassLoader();
        try (InputStream file = loader.getResourceAsStream(IN_JAR + name)) {
            return file == null ? Optional.empty() : Optional.of(file.readAllBytes());
        } catch (IOException e) {
            throw new CharlstmException("cannot read the simulated GPU's " + name + " in its jar: " + e, e);
        }
    }

    /** A folder for each build of it: a program that runs may have another open. */
    private static Path unpacked(String index) {
        Path folder = CacheFolder.of(System.getenv())
                .orElseThrow(() -> new CharlstmException("the simulated GPU has to "
                        + "be unpacked, and neither CHARLSTM_CACHE nor HOME names a folder for it; set CHARLSTM_CACHE"))
                .resolve("simulated-" + KernelCache.key(index).substring(0, 16));
        try {
            requireOwn(folder);
            for (String line : index.lines().toList()) {
                String name = line.substring(line.indexOf(' ')).strip();
                put(folder, name, line.substring(0, line.indexOf(' ')));
            }
            return folder;
        } catch (IOException e) {
            throw new CharlstmException("the simulated GPU cannot be unpacked to " + folder
                    + ", which cannot be written; set CHARLSTM_CACHE to a folder that can", e);
        }
    }

    private static void requireOwn(Path folder) throws IOException {
        Optional<String> objection = CacheFolder.objection(folder);
        if (objection.isPresent()) {
            throw new CharlstmException("the simulated GPU is not run from " + folder + ", which " + objection.get()
                    + "; remove it, or set CHARLSTM_CACHE to a folder of your own");
        }
    }

    /** Writes a file unless it is there as it should be. */
    private static void put(Path folder, String name, String sum) throws IOException {
        Path file = folder.resolve(name);
        boolean holdsIt = Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
                && MessageDigest.isEqual(CacheFolder.sum(Files.readAllBytes(file)).getBytes(StandardCharsets.UTF_8),
                        sum.getBytes(StandardCharsets.UTF_8));
        if (!holdsIt) {
            byte[] content = resource(name).orElseThrow(() -> new CharlstmException(
                    "the jar of the simulated GPU lacks " + name + "; install it anew"));
            Path parent = Objects.requireNonNull(file.getParent(), "a file in a folder");
            requireOwn(parent);
            CacheFolder.write(parent, String.valueOf(file.getFileName()), content);
        }
    }
}
