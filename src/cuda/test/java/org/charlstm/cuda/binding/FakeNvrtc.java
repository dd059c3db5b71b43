package org.charlstm.cuda.binding;

import java.lang.reflect.Proxy;
import module java.base;
import org.charlstm.cuda.CudaSource;

/** A compiler that is no library. */
interface FakeNvrtc {
    /** The image, as {@link Nvrtc#compile} makes it. */
    byte[] compile(String source, String name, Map<String, String> headers, List<String> options);

    /** Calls this instead of a library. */
    @SuppressWarnings("unchecked")
    default Nvrtc at(String place, IntSupplier version) {
        return (Nvrtc) Proxy.newProxyInstance(FakeNvrtc.class.getClassLoader(), new Class<?>[] {Nvrtc.class},
                (proxy, method, arguments) -> switch (method.getName()) {
                    case "place" -> place;
                    case "version" -> version.getAsInt();
                    case "mode" -> Optional.empty();
                    case "compile" -> {
                        CudaSource source = (CudaSource) arguments[0];
                        yield new Nvrtc.Code(compile(source.text(), source.name(), source.headers(),
                                (List<String>) arguments[1]),
                                source.names().stream()
                                        .collect(Collectors.toMap(name -> name, name -> "lowered " + name)));
                    }
                    default -> throw new AssertionError(method);
                });
    }
}
