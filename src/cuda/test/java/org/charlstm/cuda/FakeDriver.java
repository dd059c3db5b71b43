package org.charlstm.cuda;

import java.lang.reflect.Proxy;
import module java.base;
import org.charlstm.cuda.binding.CudaBinding;
import org.charlstm.cuda.binding.CudaDriver;
import org.charlstm.cuda.binding.CudaLibraries;
import org.charlstm.cuda.binding.LibrarySearch;

/** A driver that does nothing but number what it gives out, and tells of every call; work is done at once. */
public final class FakeDriver {
    private FakeDriver() {
    }

    /** A GPU of such a driver. */
    public static Cuda gpu(BiConsumer<String, Object[]> listener) {
        return new Cuda(libraries(telling(listener)), 0);
    }

    /** Libraries with a driver and nothing else. */
    public static CudaLibraries libraries(CudaDriver driver) {
        return new CudaLibraries((CudaBinding) Proxy.newProxyInstance(FakeDriver.class.getClassLoader(),
                new Class<?>[] {CudaBinding.class},
                (proxy, method, arguments) -> method.getName().equals("driver") ? driver : null),
                LibrarySearch.OF_MACHINE);
    }

    /** Tells the listener each method's name and arguments. */
    public static CudaDriver telling(BiConsumer<String, Object[]> listener) {
        long[] handles = {100};
        return (CudaDriver) Proxy.newProxyInstance(FakeDriver.class.getClassLoader(), new Class<?>[] {CudaDriver.class},
                (proxy, method, arguments) -> {
                    listener.accept(method.getName(), arguments);
                    Class<?> type = method.getReturnType();
                    if (method.getName().equals("cuDeviceGet")) {
                        return arguments[0];
                    }
                    if (Set.of("done", "passed").contains(method.getName())) {
                        return true;
                    }
                    return type == long.class ? (Object) handles[0]++ : type == int.class ? 0
                            : type == boolean.class ? (Object) false : type == String.class ? "a name" : null;
                });
    }
}
