package org.charlstm.cuda.binding;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.cuda.StandIn;

/** Finds a stand-in's libraries in its folder, or unpacks them from its jar to a folder of the user's own. */
public final class StandIns {
    private static final String DRIVER = "libcuda.so.1";
    /** The index in the jar: a line for each file, with its SHA-256 and its name. */
    private static final String INDEX = "files.txt";

    private StandIns() {
    }

    private static Stream<StandIn> all() {
        return ServiceLoader.load(StandIn.class, StandIns.class.getClassLoader()).stream()
                .map(ServiceLoader.Provider::get);
    }

    /** The folder of the stand-in's libraries; throws if there is no stand-in, or its jar cannot be unpacked. */
    static Path folder() {
        StandIn found = all().findFirst().orElseThrow(() -> new CharlstmException("the simulated GPU is not here; add "
                + "org.charlstm:charlstm-cudasim to the program's dependencies"));
        return found.folder().filter(folder -> Files.exists(folder.resolve(DRIVER)))
                .or(() -> found.resource(INDEX)
                        .map(index -> unpacked(found, new String(index, StandardCharsets.UTF_8))))
                .orElseThrow(() -> new CharlstmException(found.title() + " is not here; " + found.advice()));
    }

    /** The text that a stand-in's function returns, which may be empty; empty if the library belongs to no stand-in. */
    @SuppressWarnings("restricted")
    public static Optional<String> told(SymbolLookup library, Function<StandIn, String> function) {
        return all().flatMap(each -> library.find(function.apply(each)).stream()).findFirst().map(address -> {
            MethodHandle tell = Linker.nativeLinker().downcallHandle(address, FunctionDescriptor.of(
                    ValueLayout.ADDRESS.withTargetLayout(MemoryLayout.sequenceLayout(Long.MAX_VALUE,
                            ValueLayout.JAVA_BYTE))));
            try {
                MemorySegment text = (MemorySegment) tell.invokeExact();
                return text.equals(MemorySegment.NULL) ? "" : text.getString(0);
            } catch (Throwable e) {
                throw new IllegalStateException("a function without arguments takes none", e);
            }
        });
    }

    /** Unpacks a jar to a folder of its own for each build, since a running program may use another build. */
    private static Path unpacked(StandIn of, String index) {
        UnpackedCode code = UnpackedCode.inCache(of.title(),
                "simulated-" + KernelCache.key(index).substring(0, 16));
        for (String line : index.lines().toList()) {
            String name = line.substring(line.indexOf(' ')).strip();
            code.put(name, line.substring(0, line.indexOf(' ')), () -> of.resource(name).orElseThrow(
                    () -> new CharlstmException("the jar of " + of.title() + " lacks " + name + "; install it anew")));
        }
        return code.folder();
    }
}
