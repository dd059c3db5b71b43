package org.charlstm.cuda.binding;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Compiles kernels with NVRTC for the device's architecture, and caches the machine code on disk. */
final class CompiledKernels extends KernelImages {
    private static final Pattern FROM_FOLDERS = Pattern.compile("-I|--include-path|-include|--pre-include");
    private static final Pattern INCLUDE = Pattern.compile("^#include \"(.*)\"$", Pattern.MULTILINE);

    private final Nvrtc nvrtc;
    private final JarFiles files;
    private final KernelCache cache;
    private final int capability;

    CompiledKernels(Nvrtc nvrtc, JarFiles files, KernelCache cache, int capability) {
        this.nvrtc = nvrtc;
        this.files = files;
        this.cache = cache;
        this.capability = capability;
    }

    /** NVRTC, unlike nvcc, takes lambdas within a kernel for functions of the host unless it is told otherwise. */
    static List<String> options(int capability) {
        return List.of("--gpu-architecture=sm_" + capability, "--device-as-default-execution-space");
    }

    @Override
    public byte[] image(String kernel) {
        String source = files.text(kernel + ".cu");
        return compile(kernel + ".cu", source, headers(files, source), List.of());
    }

    /**
     * The machine code of a text.
     *
     * @param more the compiler's options, besides those that every text has
     */
    byte[] compile(String name, String source, Map<String, String> headers, List<String> more) {
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

    /** All headers that a source includes, directly or not, by name. */
    static Map<String, String> headers(JarFiles files, String source) {
        Map<String, String> headers = new TreeMap<>();
        Deque<String> texts = new ArrayDeque<>(List.of(source));
        while (!texts.isEmpty()) {
            INCLUDE.matcher(texts.remove()).results().map(found -> found.group(1))
                    .filter(name -> !headers.containsKey(name)).distinct().toList().forEach(name -> {
                        headers.put(name, files.text(name));
                        texts.add(headers.get(name));
                    });
        }
        return headers;
    }

    @Override
    public String describe() {
        return "compiled by NVRTC " + CudaDriver.versionText(nvrtc.version()) + " (" + nvrtc.place() + ") for sm_"
                + capability + ", " + cache.describe();
    }
}
