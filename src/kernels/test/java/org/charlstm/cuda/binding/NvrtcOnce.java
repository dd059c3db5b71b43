package org.charlstm.cuda.binding;

import module java.base;
import org.charlstm.cuda.CudaSource;

/** A compiler that compiles a text once in this process, for all tests that ask for the same code. */
final class NvrtcOnce {
    private static final Map<List<Object>, byte[]> MADE = new ConcurrentHashMap<>();

    private NvrtcOnce() {
    }

    static Nvrtc of(Nvrtc nvrtc) {
        FakeNvrtc once = (text, name, headers, options) -> {
            CudaSource source = new CudaSource(name, text, headers, List.of(), List.of());
            return MADE.computeIfAbsent(List.of(nvrtc.place(), text, name, headers, options),
                    _ -> nvrtc.compile(source, options).image()).clone();
        };
        return once.at(nvrtc.place(), nvrtc::version);
    }
}
