package org.charlstm.device.cuda;

import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.charlstm.CharlstmException;
import org.charlstm.device.cuda.binding.CudaLibraries;
import org.charlstm.device.cuda.panama.PanamaLibraries;

/**
 * The libraries that this process uses: NVIDIA's or the simulated GPU's, never both, since the loader keeps the first
 * library of a name.
 */
final class CudaProcess {
    private static final String DRIVER = "libcuda.so.1";

    private static CudaLibraries opened;
    private static Path openedDriver;

    private CudaProcess() {
    }

    /** NVIDIA's libraries, wherever they are. */
    static synchronized CudaLibraries real() {
        String explicit = System.getenv("CHARLSTM_LIBCUDA");
        return claim(Path.of(explicit == null ? DRIVER : explicit), new PanamaLibraries());
    }

    /** The simulated GPU's, from the folder that CHARLSTM_SIM names, or else from {@code native} beside the jar. */
    static synchronized CudaLibraries simulated() {
        Path folder = folder();
        if (!Files.exists(folder.resolve(DRIVER))) {
            throw new CharlstmException("the simulated GPU is not in " + folder
                    + "; build it with native/build.sh kernels " + folder + ", or name its folder in CHARLSTM_SIM");
        }
        return claim(folder.resolve(DRIVER), new PanamaLibraries(folder));
    }

    private static Path folder() {
        String set = System.getenv("CHARLSTM_SIM");
        if (set != null) {
            return Path.of(set);
        }
        try {
            return Path.of(CudaProcess.class.getProtectionDomain().getCodeSource().getLocation().toURI())
                    .resolveSibling("native");
        } catch (URISyntaxException e) {
            throw new IllegalStateException("the program's own place is not a path", e);
        }
    }

    /** Only a driver that opened counts: one that is missing leaves the choice open. */
    private static CudaLibraries claim(Path driver, CudaLibraries libraries) {
        if (opened == null) {
            libraries.driver();
            opened = libraries;
            openedDriver = driver;
        } else if (!openedDriver.equals(driver)) {
            throw new CharlstmException("this process uses " + opened.driver().place()
                    + "; a process is simulated or real, never both");
        }
        return opened;
    }
}
