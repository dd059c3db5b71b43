package org.charlstm.cuda.binding;

import module java.base;
import org.charlstm.CharlstmException;

/** Compiles texts with NVRTC for a GPU's architecture, and keeps the machine code on disk. */
public final class KernelCompiler {
    private static final Pattern FROM_FOLDERS = Pattern.compile("-I|--include-path|-include|--pre-include");

    private final Nvrtc nvrtc;
    private final KernelCache cache;
    private final int capability;

    KernelCompiler(Nvrtc nvrtc, KernelCache cache, int capability) {
        this.nvrtc = nvrtc;
        this.cache = cache;
        this.capability = capability;
    }

    /**
     * The compiler for GPUs of a compute capability.
     *
     * @param capability for example 90
     * @throws CharlstmException if NVRTC is not here, or is newer than the driver
     */
    public static KernelCompiler of(CudaLibraries libraries, int capability) {
        return of(libraries.nvrtc(), libraries.driver().version(), System.getenv(), capability);
    }

    static KernelCompiler of(Nvrtc found, int driverVersion, Map<String, String> environment, int capability) {
        if (found.version() / 1000 > driverVersion / 1000) {
            throw new CharlstmException("NVRTC " + CudaDriver.versionText(found.version()) + " (" + found.place()
                    + ") is newer than the GPU driver's CUDA " + CudaDriver.versionText(driverVersion)
                    + "; update the driver, or install the driver's own NVRTC");
        }
        return new KernelCompiler(found, new KernelCache(KernelCache.folder(environment)), capability);
    }

    /** NVRTC, unlike nvcc, takes lambdas within a kernel for functions of the host unless it is told otherwise. */
    static List<String> options(int capability) {
        return List.of("--gpu-architecture=sm_" + capability, "--device-as-default-execution-space");
    }

    /**
     * The machine code of a text, a CUBIN.
     *
     * @param headers what the text includes, by name
     * @param more    the compiler's options, besides those that every text has
     * @throws CharlstmException if the text does not compile
     */
    public byte[] compile(String name, String source, Map<String, String> headers, List<String> more) {
        // Machine code, never PTX: a driver that is older than NVRTC could not read it.
        List<String> options = Stream.concat(options(capability).stream(), more.stream()).toList();
        // Files in a folder may change, and are no part of the key.
        if (more.stream().anyMatch(option -> FROM_FOLDERS.matcher(option).lookingAt())) {
            return nvrtc.compile(source, name, headers, options);
        }
        String key = key(source, headers, options, nvrtc);
        Optional<byte[]> kept = cache.load(key);
        if (kept.isPresent()) {
            return kept.get();
        }
        byte[] image = nvrtc.compile(source, name, headers, options);
        cache.store(key, image);
        return image;
    }

    /**
     * The key has all that makes a difference to the code; the place tells builds of the simulated GPU apart, and the
     * mode the ways in which it runs a text.
     */
    static String key(String source, Map<String, String> headers, List<String> options, Nvrtc nvrtc) {
        return KernelCache.key(source, headers.toString(), String.join("\n", options),
                nvrtc.version() + " " + nvrtc.place() + nvrtc.mode().map(mode -> " " + mode).orElse(""));
    }

    /** In a line, for a person. */
    public String describe() {
        return "compiled by NVRTC " + CudaDriver.versionText(nvrtc.version()) + " (" + nvrtc.place() + ") for sm_"
                + capability + ", " + cache.describe();
    }
}
