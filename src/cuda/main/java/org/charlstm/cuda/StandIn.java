package org.charlstm.cuda;

import java.nio.file.Path;
import java.util.Optional;

/**
 * A stand-in for NVIDIA's libraries, such as a simulated GPU: a jar on the class or module path provides it as a
 * service, and {@link CudaOptions#SIMULATED} opens it. Its libraries bear NVIDIA's sonames.
 */
public interface StandIn {
    /** How messages call it, for example {@code the simulated GPU}. */
    String title();

    /** The folder of its libraries, where they lie on this machine already. */
    Optional<Path> folder();

    /**
     * A file of its jar; empty if it has none of that name. The file {@code files.txt} has a line for each of the
     * others, its SHA-256 and its name: they are unpacked to a folder of the user's own.
     */
    Optional<byte[]> resource(String name);

    /** How to get the libraries where neither the folder nor the jar has them. */
    String advice();

    /** The function of its driver, without arguments, that gives the text of the calling thread's last failure. */
    String lastErrorFunction();

    /** The function of its NVRTC, without arguments, that says in a line how texts run. */
    String textModeFunction();
}
