package org.charlstm.cuda.binding;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.cuda.CompilationException;
import org.charlstm.cuda.CudaSource;

/** Compiles texts by NVRTC for a GPU's architecture, and caches the machine code on disk. */
public final class KernelCompiler {
    private static final Pattern FROM_FOLDERS = Pattern.compile("-I|--include-path|-include|--pre-include");

    private final Nvrtc nvrtc;
    private final KernelCache cache;
    private final int capability;
    private final Map<String, String> environment;

    KernelCompiler(Nvrtc nvrtc, KernelCache cache, int capability, Map<String, String> environment) {
        this.nvrtc = nvrtc;
        this.cache = cache;
        this.capability = capability;
        this.environment = environment;
    }

    /**
     * The compiler for GPUs of a compute capability, such as 90; throws if NVRTC is missing or newer than the driver.
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
        return new KernelCompiler(found, new KernelCache(KernelCache.folder(environment)), capability, environment);
    }

    /**
     * The options for an architecture. By default NVRTC, unlike nvcc, treats lambdas within a kernel as host functions.
     */
    static List<String> options(int capability) {
        return List.of("--gpu-architecture=sm_" + capability, "--device-as-default-execution-space");
    }

    /**
     * The machine code of a text, and the names in it; throws a {@link CompilationException} if the text does not
     * compile.
     */
    public Nvrtc.Code compile(CudaSource source) {
        // This makes machine code, never PTX, which a driver older than NVRTC could not load.
        List<String> options = new ArrayList<>(options(capability));
        options.addAll(source.options());
        Set<String> missing = CudaHeaders.missing(source);
        CudaHeaders headers = CudaHeaders.of(missing, nvrtc.version(), Path.of(nvrtc.place()), environment);
        options.addAll(headers.options());
        try {
            // Files of include folders may change and are not part of the key, so such code is not cached.
            if (source.options().stream().anyMatch(option -> FROM_FOLDERS.matcher(option).lookingAt())) {
                return nvrtc.compile(source, options);
            }
            String key = key(source, options, headers.version() == 0 ? "" : String.valueOf(headers.version()));
            Optional<byte[]> kept = cache.load(key);
            if (kept.isPresent()) {
                return read(kept.get(), source.names());
            }
            Nvrtc.Code code = nvrtc.compile(source, options);
            cache.store(key, written(code));
            return code;
        } catch (CompilationException e) {
            throw e.with(headers.advice(nvrtc.version(), missing, e.log()));
        }
    }

    /** The code as the cache keeps it: the requested names, each followed by a zero byte, then the image. */
    private static byte[] written(Nvrtc.Code code) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        code.names().values().forEach(name -> bytes.writeBytes((name + '\0').getBytes(StandardCharsets.UTF_8)));
        bytes.writeBytes(code.image());
        return bytes.toByteArray();
    }

    private static Nvrtc.Code read(byte[] kept, List<String> names) {
        Map<String, String> lowered = new TreeMap<>();
        int at = 0;
        for (String name : new TreeSet<>(names)) {
            String found = MemorySegment.ofArray(kept).getString(at);
            lowered.put(name, found);
            at += found.getBytes(StandardCharsets.UTF_8).length + 1;
        }
        return new Nvrtc.Code(Arrays.copyOfRange(kept, at, kept.length), lowered);
    }

    /** The key of a text without CUDA's headers. */
    String key(CudaSource source) {
        return key(source, options(capability), "");
    }

    /**
     * The key has all that determines the code. NVRTC's place tells builds of the simulated GPU apart; the mode tells
     * how the simulated GPU runs texts.
     */
    private String key(CudaSource source, List<String> options, String headers) {
        return KernelCache.key(source.text(), source.headers().toString(), String.join("\n", options),
                nvrtc.version() + " " + nvrtc.place() + nvrtc.mode().map(mode -> " " + mode).orElse(""),
                String.join("\n", source.names()), headers);
    }

    /** One line for users: the NVRTC, the architecture and the cache. */
    public String describe() {
        return "compiled by NVRTC " + CudaDriver.versionText(nvrtc.version()) + " (" + nvrtc.place() + ") for sm_"
                + capability + ", " + cache.describe();
    }
}
