package org.charlstm.cuda.binding;

import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntSupplier;

/** A compiler that is no library. */
interface FakeNvrtc {
    /** As {@link Nvrtc#compile}. */
    byte[] compile(String source, String name, Map<String, String> headers, List<String> options);

    /** Calls this instead of a library. */
    @SuppressWarnings("unchecked")
    default Nvrtc at(String place, IntSupplier version) {
        return (Nvrtc) Proxy.newProxyInstance(FakeNvrtc.class.getClassLoader(), new Class<?>[] {Nvrtc.class},
                (proxy, method, arguments) -> switch (method.getName()) {
                    case "place" -> place;
                    case "version" -> version.getAsInt();
                    case "mode" -> Optional.empty();
                    case "compile" -> compile((String) arguments[0], (String) arguments[1],
                            (Map<String, String>) arguments[2], (List<String>) arguments[3]);
                    default -> throw new AssertionError(method);
                });
    }
}
