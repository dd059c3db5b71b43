package org.charlstm.device.cuda.kernel;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.charlstm.device.cuda.binding.CudaVersion;
import org.charlstm.device.cuda.binding.Nvrtc;

/** Code that NVRTC makes of the kernels' texts, for the device's own architecture, and that is kept on disk. */
final class CompiledKernels implements KernelImages {
    private static final String HEADER = "device.h";

    private final Nvrtc nvrtc;
    private final KernelFiles files;
    private final KernelCache cache;
    private final int capability;

    CompiledKernels(Nvrtc nvrtc, KernelFiles files, KernelCache cache, int capability) {
        this.nvrtc = nvrtc;
        this.files = files;
        this.cache = cache;
        this.capability = capability;
    }

    @Override
    public byte[] image(Kernel kernel) {
        String source = files.text(kernel.entry() + ".cu");
        String header = files.text(HEADER);
        // Machine code, never PTX: a driver that is older than NVRTC could not read it.
        List<String> options = List.of("--gpu-architecture=sm_" + capability);
        String key = KernelCache.key(source, header, String.join("\n", options), Integer.toString(nvrtc.version()));
        Optional<byte[]> kept = cache.load(key);
        if (kept.isPresent()) {
            return kept.get();
        }
        byte[] image = nvrtc.compile(source, kernel.entry() + ".cu", Map.of(HEADER, header), options);
        cache.store(key, image);
        return image;
    }

    @Override
    public String describe() {
        return "compiled by NVRTC " + CudaVersion.text(nvrtc.version()) + " (" + nvrtc.place() + ") for sm_"
                + capability + ", " + cache.describe();
    }
}
