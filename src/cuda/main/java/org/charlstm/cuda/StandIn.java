package org.charlstm.cuda;

import java.nio.file.Path;
import java.util.Optional;

/**
 * A stand-in for NVIDIA's libraries, such as a simulated GPU. A jar on the class or module path provides a stand-in as
 * a service, and {@link CudaOptions#SIMULATED} opens it. The libraries have NVIDIA's sonames.
 */
public interface StandIn {
    /** The stand-in's name in messages, for example {@code the simulated GPU}. */
    String title();

    /** The folder of the libraries, if they are on this machine already. */
    Optional<Path> folder();

    /**
     * A file of the stand-in's jar; empty if there is none of that name. The file {@code files.txt} lists the SHA-256
     * and name of each other file, one per line; these files are unpacked to a folder of the user's own.
     */
    Optional<byte[]> resource(String name);

    /** How to get the libraries if neither the folder nor the jar has them. */
    String advice();

    /**
     * The name of the driver's function, without arguments, that returns the text of the calling thread's last failure.
     */
    String lastErrorFunction();

    /** The name of NVRTC's function, without arguments, that returns a line on how texts run. */
    String textModeFunction();
}
